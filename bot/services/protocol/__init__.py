"""The protocol in force: its versions, its signature, and what a new one would change."""
