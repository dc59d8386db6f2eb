"""Outbox → Telegram: claimed, committed, checked once more, sent outside any transaction, settled."""

import asyncio
import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegram.ext import ExtBot

from bot.services.outgoing import Kinds
from bot.storage import dispatch, outbox
from bot.storage.db import Tx
from bot.storage.outbox import BROADCAST, URGENT, Message
from bot.study import Study
from bot.transport.attempt import Attempt, Trial
from bot.transport.blame import is_store_trouble, whereabouts
from bot.transport.line import Line, is_cut
from bot.transport.pauses import Pauses
from bot.transport.second import Channel, SecondWay
from bot.transport.sending import Sent
from bot.transport.settling import Broken, DeliveryHooks, Settling, Verdict
from bot.transport.trouble import NotSent
from bot.transport.waiting import happens
from bot.transport.writing import Writing

log = logging.getLogger(__name__)

# Longer than anything that a message in hand may wait for: the limiter's pauses and the read timeout.
LEASE = timedelta(minutes=3)
_IDLE_SECONDS = 1.0
_STOP_SECONDS = 10.0


@dataclass(slots=True)
class _Way:
    """Slots for messages up to a priority: pages have their own, which nothing else can fill."""

    slots: int
    up_to: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    in_hand: set[asyncio.Task[None]] = field(default_factory=set)


class Delivery:
    """The way out. `deliver_once` is the whole of it, for tests and simulations; `run` does it for ever.

    `last_beat_at` is when it last looked for work, by the clock.
    """

    def __init__(
        self,
        study: Study,
        bot: ExtBot[Any],
        kinds: Kinds,
        *,
        rng: random.Random,
        hooks: DeliveryHooks | None = None,
        second: Channel | None = None,
        in_flight: int = 6,
        pages_in_flight: int = 4,
    ) -> None:
        self._study = study
        self._second_way = SecondWay(study, kinds, second)
        self._attempt = Attempt(study, bot, Writing(study, kinds))
        self._settling = Settling(study, kinds, rng, hooks or DeliveryHooks())
        self._pauses = Pauses(rng, first=0.5, longest=30.0)
        self._line = Line(bot, study.clock, rng)
        self._in_flight = in_flight
        self._ways = (_Way(pages_in_flight, URGENT), _Way(in_flight, BROADCAST))
        self._stopping = False
        self._ended = asyncio.Event()
        self._ended.set()
        self.last_beat_at: datetime | None = None

    async def release_leases(self) -> dispatch.Released:
        """Take back, at a start, what was in hand when the program died, as if its answer were lost."""
        async with self._study.db.begin() as tx:
            return await dispatch.release(tx, self._study.clock.now(), everything=True)

    async def deliver_once(self) -> int:
        """Deliver what is due now, the most urgent first, a few at once; return how many were tried."""
        await self._line.ask_if_due()
        claimed, _ = await self._claim(self._in_flight, BROADCAST)
        await asyncio.gather(*(self._deliver(message) for message in claimed))
        return len(claimed)

    async def deliver_elsewhere(self) -> int:
        """Deliver what is due by the second channel alone; return how many were tried."""
        claimed, _ = await self._claim(self._in_flight, BROADCAST, elsewhere=True)
        await asyncio.gather(*(self._deliver(message) for message in claimed))
        return len(claimed)

    @property
    def asks_at(self) -> datetime | None:
        """When Telegram, which was lost, is asked next; None while it answers."""
        return self._line.asks_at

    async def next_event_at(self, tx: Tx) -> datetime | None:
        """Return the next instant at which something may go out; it may have passed."""
        due_at = await outbox.next_due_at(tx)
        if due_at is None or self._line.asks_at is None:
            return due_at
        elsewhere = await outbox.next_due_at(tx, "second")
        asks_at = max(due_at, self._line.asks_at)
        return asks_at if elsewhere is None else min(asks_at, elsewhere)

    async def run(self) -> None:
        """Live: until `stop`, or until something breaks that no retry mends."""
        self._ended.clear()
        listening = [
            asyncio.create_task(self._listen(), name="delivery wake-up"),
            asyncio.create_task(self._line.watch(self._wake), name="line to Telegram"),
        ]
        ways = [asyncio.create_task(self._serve(way), name=f"delivery ≤{way.up_to}") for way in self._ways]
        try:
            await asyncio.gather(*ways)
        finally:
            for task in (*listening, *ways):
                task.cancel()
            await asyncio.gather(*listening, *ways, return_exceptions=True)
            await self._finish()
            self._ended.set()

    async def stop(self) -> None:
        """Claim no more, finish what is in hand within 10 s; what only waits for its turn then goes back."""
        self._stopping = True
        self._wake()
        await self._ended.wait()

    async def _finish(self) -> None:
        in_hand = {task for way in self._ways for task in way.in_hand}
        if in_hand:
            _, late = await asyncio.wait(in_hand, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _wake(self) -> None:
        for way in self._ways:
            way.wake.set()

    async def _listen(self) -> None:
        while True:
            await self._study.db.outbox_ready.wait()
            self._study.db.outbox_ready.clear()
            self._wake()

    async def _serve(self, way: _Way) -> None:
        failures = 0
        while not self._stopping:
            way.wake.clear()
            self.last_beat_at = self._study.clock.now()
            room = way.slots - len(way.in_hand)
            try:
                claimed, pause = await self._claim(room, way.up_to) if room else ([], _IDLE_SECONDS)
            except Exception as error:
                if not is_store_trouble(error):
                    raise
                failures += 1
                log.warning("the outbox cannot be claimed now: %s", type(error).__name__)
                await happens(way.wake, self._study.clock, self._pauses.after(failures))
                continue
            failures = 0
            for message in claimed:
                self._take_in_hand(way, message)
            if len(claimed) < room or not room:
                await happens(way.wake, self._study.clock, pause)

    def _take_in_hand(self, way: _Way, message: Message) -> None:
        task = asyncio.create_task(self._deliver(message), name=f"message {message.id}")
        way.in_hand.add(task)

        def finished(done: asyncio.Task[None]) -> None:
            way.in_hand.discard(done)
            way.wake.set()

        task.add_done_callback(finished)

    async def _claim(self, limit: int, up_to: int, *, elsewhere: bool = False) -> tuple[list[Message], float]:
        """Claim what is due; return it, and the seconds after which to look again."""
        now = self._study.clock.now()
        async with self._study.db.begin() as tx:
            await dispatch.expire_due(tx, now)
            # Without a line only the second channel has a way: what waits goes by priority once it is back.
            channel: outbox.Channel | None = "second" if elsewhere or self._line.is_cut else None
            claimed = await dispatch.claim(tx, now, limit, LEASE, up_to=up_to, channel=channel)
            next_at = await outbox.next_due_at(tx) if len(claimed) < limit else None
        # What is due and was not claimed is another way's work: no reason to look again at once.
        soon = next_at is not None and next_at > now
        pause = min(_IDLE_SECONDS, (next_at - now).total_seconds()) if soon and next_at else _IDLE_SECONDS
        return claimed, pause

    async def _deliver(self, message: Message) -> None:
        trial = Trial(message)
        try:
            verdict = (
                await self._second_way.make(message)
                if message.channel == "second"
                else await self._attempt.make(trial)
            )
        except asyncio.CancelledError:
            if not trial.called:  # certainly not sent: it need not look like a crash
                await self._settle(message, NotSent("stopped", 0.0))
            raise
        except Exception as error:  # noqa: BLE001 (one bad message stops no other)
            # Without its own words, which may quote a person.
            log.error("message %d (%s): %s", message.id, message.kind, whereabouts(error))  # noqa: TRY400
            verdict = Broken(type(error).__name__)
        if message.channel == "telegram":
            self._note_line(verdict)
        await self._settle(message, verdict)

    def _note_line(self, verdict: Verdict) -> None:
        if is_cut(verdict):
            self._line.failed()
        elif isinstance(verdict, Sent):
            self._line.answered()

    async def _settle(self, message: Message, verdict: Verdict) -> None:
        """Write the verdict down, however long the database takes: else it would go out again."""
        failures, follow = 0, True
        while True:
            try:
                await self._settling.settle(message, verdict, follow=follow)
                break
            except Exception as error:
                failures += 1
                if not is_store_trouble(error):
                    log.error("settling message %d: %s", message.id, whereabouts(error))  # noqa: TRY400
                    if not follow:
                        raise
                    # What follows from it failed; that it went out must be known all the same.
                    follow = False
                    continue
                await self._study.clock.sleep(self._pauses.after(failures))
