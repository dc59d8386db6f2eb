"""What a participant types and taps."""
