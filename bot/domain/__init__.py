"""The rules of the trial as pure functions: no I/O, no clock, no randomness."""
