"""Visits and infusions: planned, moved, confirmed, done or missed, and the end of the study."""
