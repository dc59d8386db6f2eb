"""The page of the sandbox: its routes, its state, and what the browser loads."""
