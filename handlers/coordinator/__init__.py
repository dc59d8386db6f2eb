"""What a coordinator types and taps."""
