"""The program itself: trouble told, silence noticed, backups, restores, tests of the page."""
