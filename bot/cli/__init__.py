"""The command line: `suifang COMMAND`. Exit 0 done, 1 failed, 2 wrong use or settings."""
