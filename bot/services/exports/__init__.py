"""What leaves the house: the sheets of an export, and the curve of a temperature."""
