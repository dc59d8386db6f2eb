"""What Telegram's refusals and silences mean: for the poll, and for a message on its way out."""

from dataclasses import dataclass
from enum import Enum

import aiohttp
import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.transport.client import NoSeatError
from bot.transport.limiter import seconds_of


class PollTrouble(Enum):
    """Why polling fails."""

    NETWORK = "no answer from Telegram"
    REFUSED = "Telegram refuses"
    CONFLICT = "another program polls with this token (409)"
    UNAUTHORIZED = "the token is not accepted (401)"
    STORE = "the database cannot be written"

    @property
    def least_pause(self) -> float:
        """Return the seconds below which asking again makes no sense."""
        return {PollTrouble.CONFLICT: 5.0, PollTrouble.UNAUTHORIZED: 30.0}.get(self, 0.5)


def poll_trouble(error: TelegramError) -> PollTrouble:
    """Name what went wrong with getUpdates."""
    if isinstance(error, Conflict):
        return PollTrouble.CONFLICT
    # The raw call names a refused token "end point not found".
    if isinstance(error, InvalidToken | EndPointNotFound):
        return PollTrouble.UNAUTHORIZED
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
        return PollTrouble.NETWORK
    return PollTrouble.REFUSED


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nobody got it, and it may go again: in `retry_after` seconds where Telegram said so.

    `cut_off`: no connection came about, so that nothing else will go out either.
    """

    reason: str
    retry_after: float | None = None
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class PerhapsSent:
    """The answer was lost: the person may have it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The person cannot be reached in this chat: blocked, deactivated, never started."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup with another id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The edited message already says so: as good as sent."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The message that should be edited is no longer there, or can no longer be edited."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A 400: the message is wrong as it is."""

    reason: str


Outcome = NotSent | PerhapsSent | Unreachable | Moved | Unchanged | Gone | Refused

# No connection came about, as aiohttp and httpx name it.
_CUT_OFF = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ProxyError,
)
# No byte of the request has left.
_NEVER_LEFT = (
    *_CUT_OFF,
    NoSeatError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_NOT_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "have no rights to send",
)
_CANNOT_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier",
)
_TOKEN_PAUSE = 60.0


def outcome_of(error: TelegramError) -> Outcome:
    """Say what an error means for the message that was being sent, as the fault table has it.

    BadRequest and TimedOut are NetworkErrors to the client, so the order matters.
    """
    match error:
        case RetryAfter():
            outcome: Outcome = NotSent("429", seconds_of(error))
        case ChatMigrated():
            outcome = Moved(error.new_chat_id)
        case Forbidden():
            outcome = Unreachable(error.message)
        case BadRequest():
            outcome = _bad_request(error.message)
        case InvalidToken() | EndPointNotFound():
            outcome = NotSent("401", _TOKEN_PAUSE)
        case _ if isinstance(error.__cause__, _NEVER_LEFT):
            cause = error.__cause__
            outcome = NotSent(type(cause).__name__, cut_off=isinstance(cause, _CUT_OFF))
        case _:
            outcome = PerhapsSent(type(error.__cause__ or error).__name__)
    return outcome


def _bad_request(message: str) -> Outcome:
    said = message.lower()
    if "message is not modified" in said:
        return Unchanged()
    if any(words in said for words in _NOT_THERE):
        return Unreachable(message)
    if any(words in said for words in _CANNOT_EDIT):
        return Gone()
    return Refused(message)
