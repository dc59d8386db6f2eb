"""What people type and tap: no rules, no SQL."""
