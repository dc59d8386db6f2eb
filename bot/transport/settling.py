"""What became of a message, written down, with what follows from it, in one transaction."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services.outgoing import Kinds, Skip
from bot.storage import dispatch
from bot.storage.db import Tx
from bot.storage.outbox import URGENT, Message
from bot.study import Study
from bot.transport.pauses import Pauses
from bot.transport.sending import Sent
from bot.transport.trouble import Gone, Moved, NotSent, PerhapsSent, Refused, Unchanged, Unreachable
from bot.transport.writing import Stale

# A renderer that raises is tried again, in case the facts were at fault; then the row is set aside.
_BROKEN_TRIES = 3


@dataclass(frozen=True, slots=True)
class Broken:
    """Our own code failed; `reason` names the error and holds no content."""

    reason: str


_Failure = Unreachable | Refused | Broken | Moved | Unchanged
Verdict = Sent | Skip | Stale | NotSent | PerhapsSent | Gone | _Failure

Told = Callable[[Study, Tx, Message, str, datetime], Awaitable[None]]


async def _nobody(*_: object) -> None:
    """Stand in for a hook that nobody set."""


@dataclass(frozen=True, slots=True)
class DeliveryHooks:
    """Who is told, in the transaction that settles the row; the reason holds no content.

    `on_unreachable`: the person's chat refuses (blocked, deactivated, none).
    `on_failed`: the message can never go out; called for the unreachable too.
    `on_settled`: afterwards, whatever became of it; it counts, and changes nothing.
    """

    on_unreachable: Told = _nobody
    on_failed: Told = _nobody
    on_settled: Callable[[Message, str, datetime], None] | None = None


class Settling:
    """Writes verdicts down, as the fault table has it."""

    def __init__(self, study: Study, kinds: Kinds, rng: random.Random, hooks: DeliveryHooks) -> None:
        self._study, self._kinds, self._hooks = study, kinds, hooks
        self._pauses = {URGENT: Pauses(rng, first=1.0, longest=10.0)}
        self._patient = Pauses(rng, first=2.0, longest=120.0)

    async def settle(self, message: Message, verdict: Verdict, *, follow: bool = True) -> None:
        """Record what became of a claimed message, and, with `follow`, what follows from it.

        Nothing happens when the claim was lost meanwhile.
        """
        now = self._study.clock.now()
        async with self._study.db.begin() as tx:
            match verdict:
                case Sent():
                    await self._sent(tx, message, verdict, now, follow=follow)
                case Skip(reason):
                    await dispatch.settle_skipped(tx, message, now, reason)
                case Gone():
                    await dispatch.settle_skipped(tx, message, now, "the message to edit is gone")
                case Stale():
                    await dispatch.settle_expired(tx, message, now)
                case NotSent() | PerhapsSent():
                    await self._again(tx, message, verdict, now)
                case _:
                    await self._failed(tx, message, verdict, now, follow=follow)
        if self._hooks.on_settled is not None:
            self._hooks.on_settled(message, type(verdict).__name__, now)

    async def _sent(self, tx: Tx, message: Message, sent: Sent, now: datetime, *, follow: bool) -> None:
        settled = await dispatch.settle_sent(
            tx, message, now, method=sent.method, message_id=sent.message_id, text=sent.text
        )
        after = self._kinds[message.kind].after_sent if message.kind in self._kinds else None
        if settled and follow and after is not None:
            await after(self._study, tx, message, sent.message_id, now)

    async def _again(self, tx: Tx, message: Message, verdict: NotSent | PerhapsSent, now: datetime) -> None:
        pause = self._pauses.get(message.priority, self._patient).after(message.attempts)
        if isinstance(verdict, PerhapsSent):
            again_at = now + timedelta(seconds=pause)
            await dispatch.perhaps_sent(tx, message, now, again_at, verdict.reason)
            return
        wait = pause if verdict.retry_after is None else verdict.retry_after
        await dispatch.retry(tx, message, now, now + timedelta(seconds=wait), verdict.reason)

    async def _failed(
        self, tx: Tx, message: Message, verdict: _Failure, now: datetime, *, follow: bool
    ) -> None:
        reason = getattr(verdict, "reason", type(verdict).__name__)
        if isinstance(verdict, Broken) and message.attempts < _BROKEN_TRIES:
            await self._again(tx, message, NotSent(reason), now)
        elif await dispatch.settle_failed(tx, message, now, reason) and follow:
            await self._tell(tx, message, verdict, reason, now)

    async def _tell(self, tx: Tx, message: Message, verdict: _Failure, reason: str, now: datetime) -> None:
        if isinstance(verdict, Unreachable):
            await self._hooks.on_unreachable(self._study, tx, message, reason, now)
        kind = self._kinds.get(message.kind)
        if kind is not None and kind.after_failed is not None:
            await kind.after_failed(self._study, tx, message, reason, now)
        await self._hooks.on_failed(self._study, tx, message, reason, now)
