"""Reminders: what is due to a participant, at which hour they like it, and the monthly ones."""
