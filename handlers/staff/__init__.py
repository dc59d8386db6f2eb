"""What any member of the site staff types and taps."""
