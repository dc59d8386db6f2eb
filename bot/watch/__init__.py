"""Health, metrics and the dead-man's switch."""
