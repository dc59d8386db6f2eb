"""What people type and tap: `register` ties every command, text and button to its function."""

from handlers.routing import COMMANDS, register

__all__ = ["COMMANDS", "register"]
