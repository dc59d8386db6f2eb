"""An outbox row, made ready to go out now, and looked at once more when its turn has come."""

from dataclasses import dataclass

from bot.services.outgoing import Kinds, Outgoing, Skip
from bot.storage import links
from bot.storage.outbox import Message
from bot.study import Study
from bot.transport.calls import Unwanted
from bot.transport.trouble import Unreachable

# What waited longer than this for its turn is checked against the facts once more.
FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Stale:
    """It expired before it went out."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message with its chat, as it was true at `at` (monotonic seconds)."""

    chat_id: int
    outgoing: Outgoing
    at: float


class NoLonger(Unwanted):
    """The message must not go out after all."""

    def __init__(self, verdict: Skip | Stale | Unreachable) -> None:
        super().__init__(type(verdict).__name__)
        self.verdict = verdict


class Otherwise(Unwanted):
    """The facts have changed while it waited: it must go out in other words."""

    def __init__(self, prepared: Prepared) -> None:
        super().__init__("other words")
        self.prepared = prepared


class Writing:
    """Turns rows into messages, with the renderer of their kind."""

    def __init__(self, study: Study, kinds: Kinds) -> None:
        self._study, self._kinds = study, kinds

    async def prepare(self, message: Message) -> Prepared:
        """Load the facts and write the message; NoLonger when it is stale, untrue, or has no chat."""
        now = self._study.clock.now()
        if message.expires_at is not None and message.expires_at <= now:
            raise NoLonger(Stale())
        at = self._study.clock.monotonic()
        async with self._study.db.begin() as tx:
            written = await self._kinds[message.kind].render(self._study, tx, message, now)
            chat_id = None if message.to is None else await links.chat_of(tx, message.to)
        if isinstance(written, Skip):
            raise NoLonger(written)
        chat_id = written.chat_id or chat_id
        if chat_id is None:
            raise NoLonger(Unreachable("no chat"))
        return Prepared(chat_id, written, at)

    async def check(self, message: Message, prepared: Prepared) -> None:
        """Make sure, just before the call, that it is neither stale nor untrue; NoLonger or Otherwise."""
        clock = self._study.clock
        if message.expires_at is not None and message.expires_at <= clock.now():
            raise NoLonger(Stale())
        if clock.monotonic() - prepared.at <= FRESH_SECONDS:
            return
        anew = await self.prepare(message)
        if (anew.chat_id, anew.outgoing) != (prepared.chat_id, prepared.outgoing):
            raise Otherwise(anew)
