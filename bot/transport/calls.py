"""What the gate to Telegram is told of a call: how urgent it is, and who looks after it."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

PAGE, REPLY, REMINDER, BROADCAST = range(4)


class Unwanted(Exception):
    """Raised by `before_call` when the call, now that its turn has come, must not go out."""


@dataclass(frozen=True, slots=True)
class Call:
    """How a call is to be treated.

    `outbox`: a refusal is raised at once, since the row is tried again from
    its table. `before_call` runs after the grant, just before the call; what
    it raises comes back to the caller instead of an answer.
    """

    priority: int = REPLY
    outbox: bool = False
    before_call: Callable[[], Awaitable[None]] | None = None


_PLAIN_REPLY = Call()
current_call: ContextVar[Call] = ContextVar("current_call", default=_PLAIN_REPLY)


@contextlib.contextmanager
def calling(call: Call) -> Iterator[None]:
    """Treat the calls made inside as `call` says."""
    token = current_call.set(call)
    try:
        yield
    finally:
        current_call.reset(token)
