"""Broadcasts: to whom, approved, sent, paused, and how far they are."""
