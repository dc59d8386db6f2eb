"""The table of served methods: each handler takes the core and the checked parameters."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.accounts import Json
from bot.sandbox.core import Core

Handler = Callable[[Core, Json], Any | Awaitable[Any]]
HANDLERS: dict[str, Handler] = {}


def serves(method: str) -> Callable[[Handler], Handler]:
    """Register the function that carries out a method."""

    def register(handler: Handler) -> Handler:
        HANDLERS[method] = handler
        return handler

    return register
