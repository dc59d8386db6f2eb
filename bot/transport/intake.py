"""Telegram → inbox → one lane per chat → the application: an update is kept before it is confirmed."""

import asyncio
import contextlib
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telegram.error import RetryAfter, TelegramError
from telegram.ext import Application

from bot.clock import Clock
from bot.storage import inbox, links
from bot.storage.db import Db, Tx
from bot.storage.inbox import Arrival, Kept
from bot.transport.blame import is_store_trouble
from bot.transport.handling import Handling
from bot.transport.lanes import Lanes
from bot.transport.limiter import seconds_of
from bot.transport.pauses import Pauses
from bot.transport.trouble import PollTrouble, poll_trouble

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
# The client warns at a raw call of a method that it knows itself; the underscore falls off on the wire.
_GET_UPDATES = "getUpdates_"
AT_ONCE = 100  # Telegram's own most for one answer
_IN_MEMORY = 1_000
MOST_OF_A_STRANGER = 20
_LONG_POLL_SECONDS = 30
_STOP_SECONDS = 10.0
_LONGEST_PAUSE = 15.0
_KEEP_DONE = timedelta(days=14)
# Two that poll in turn refuse each other within a minute: a 409 much later is another story.
_RIVAL_GONE = timedelta(minutes=10)

Raw = dict[str, Any]


async def _nothing(*_: object) -> None:
    """Stand in for a hook that nobody set."""


@dataclass(frozen=True, slots=True)
class IntakeHooks:
    """Who is told what; called once at the start of a trouble, not at each try."""

    on_quarantine: Callable[[int], Awaitable[None]] = _nothing
    on_unauthorized: Callable[[], Awaitable[None]] = _nothing


@dataclass(frozen=True, slots=True)
class Rival:
    """Another program that polls with our token: when Telegram first said so (409), and when last."""

    since: datetime
    seen_at: datetime


class Intake:
    """The way in. Nothing that Telegram was told to forget is lost; a bad update blocks nobody.

    `poll_once` and `drain` are the whole of it, for tests and simulations;
    `run` does both for ever. `last_poll_at` is the last good answer of
    getUpdates, by the clock; `trouble` is why the next one is late. `rival`:
    who polls in turn with us takes what we never see, though polls succeed.
    """

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        db: Db,
        clock: Clock,
        *,
        rng: random.Random,
        hooks: IntakeHooks | None = None,
        in_flight: int = 16,
    ) -> None:
        self._bot, self._db, self._clock = application.bot, db, clock
        self._hooks = hooks or IntakeHooks()
        self._handling = Handling(application, db, clock, rng, self._hooks.on_quarantine)
        self._lanes: Lanes[Kept] = Lanes(self._handling.settle, in_flight)
        # Asking costs nothing, and whoever is in need has written meanwhile.
        self._pauses = Pauses(rng, longest=_LONGEST_PAUSE)
        self._offset: int | None = None
        self._taken = 0  # the `id` of the last inbox row that is in a lane or through it
        self._failures = 0
        self.trouble: PollTrouble | None = None
        self.rival: Rival | None = None
        self._stopping = asyncio.Event()
        self._kept = asyncio.Event()
        self._emptied = False  # all that is kept was put into lanes
        # What was kept since, as long as it is all that waits for a lane: it need not be read again.
        self._fresh: list[Kept] | None = None
        self.last_poll_at: datetime | None = None

    async def poll_once(self, timeout: float = 0) -> int:
        """Ask for updates, waiting up to `timeout` seconds for one, and keep them; return how many came.

        The offset moves only with the next call, after the commit.
        """
        wanted = {"timeout": int(timeout), "limit": AT_ONCE, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        if self._offset is not None:
            wanted["offset"] = self._offset
        answer = await self._bot.do_api_request(
            _GET_UPDATES, api_kwargs=wanted, read_timeout=timeout + 10, connect_timeout=10
        )
        if not isinstance(answer, list):
            raise TelegramError("getUpdates gave no list")
        await self._keep(answer)
        self.last_poll_at = self._clock.now()
        return len(answer)

    def clock_moved(self) -> None:
        """Take the way in for open still where it was: moving a clock makes no poll older."""
        if self.trouble is None and self.last_poll_at is not None:
            self.last_poll_at = self._clock.now()

    async def receive(self, raw: Raw) -> None:
        """Keep one update that came by webhook; when this returns it may be confirmed."""
        await self._keep([raw])

    async def drain(self) -> int:
        """Handle all that waits, what is left from before a crash included; return how many there were."""
        before = self._handling.handled
        while not self._emptied or len(self._lanes):
            await self._take()
            await self._lanes.idle()
        return self._handling.handled - before

    async def run(self, *, polling: bool = True) -> None:
        """Live: take up what is left over, poll, handle; until `stop`. A webhook needs no polling."""
        loops = [asyncio.create_task(self._feed(), name="intake lanes")]
        if polling:
            loops.append(asyncio.create_task(self._poll(), name="intake poll"))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({*loops, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
        finally:
            for task in (*loops, stopped):
                task.cancel()
            await asyncio.gather(*loops, stopped, return_exceptions=True)

    async def stop(self) -> None:
        """Ask for no more, and finish what is in hand within 10 s; the rest stays in the inbox."""
        self._stopping.set()
        await self._lanes.stop(_STOP_SECONDS)

    async def _keep(self, updates: list[Raw]) -> None:
        arrivals = [_arrival(raw) for raw in updates if _has_id(raw)]
        if len(arrivals) < len(updates):
            log.error(
                "%d updates came without an id: nothing can be done with them", len(updates) - len(arrivals)
            )
        if not arrivals:
            return
        kept: list[Kept] | None = None
        try:
            async with self._db.begin() as tx:
                new = await inbox.keep(tx, arrivals, self._clock.now())
            kept = new
        finally:
            # Cut off in the commit, they may be kept all the same: then the table says so.
            self._remember(kept)
        self._offset = max(arrival.update_id for arrival in arrivals) + 1

    def _remember(self, kept: list[Kept] | None) -> None:
        """Know what was just kept, in the order of the commits; None where only the table knows."""
        if self._emptied:
            self._fresh, self._emptied = [], False
        if kept is None or self._fresh is None or len(self._fresh) + len(kept) > AT_ONCE:
            self._fresh = None
        else:
            self._fresh += kept
        self._kept.set()

    async def _take(self) -> int:
        """Put what is kept into its lanes, in order, as much as memory shall hold."""
        room = _IN_MEMORY - len(self._lanes)
        if room <= 0:
            return 0
        rows, dropped = self._fresh or [], set[int]()
        if not rows or len(rows) > room or self._heaps(rows):
            async with self._db.begin() as tx:
                rows = await inbox.take_new(tx, room, after=self._taken)
                dropped = await self._drop_floods(tx, rows)
        self._fresh, self._emptied = None, len(rows) < room
        for row in rows:
            self._taken = row.id
            if row.id not in dropped:
                self._lanes.put(row.chat_key or "none", row)
        return len(rows)

    def _heaps(self, rows: list[Kept]) -> list[str]:
        """Return the chats of which more waits than a stranger may send."""
        many = Counter(row.chat_key for row in rows if row.chat_key is not None)
        return [key for key, n in many.items() if n + self._lanes.waiting(key) > MOST_OF_A_STRANGER]

    async def _drop_floods(self, tx: Tx, rows: list[Kept]) -> set[int]:
        """Let what strangers send in heaps be done with unheard; nothing of a known person is dropped.

        They are answered once a second: a thousand of theirs would keep everybody else waiting.
        """
        heaps = self._heaps(rows)
        if not heaps:
            return set()
        room = {
            key: MOST_OF_A_STRANGER - self._lanes.waiting(key) for key in await links.strangers(tx, heaps)
        }
        dropped: set[int] = set()
        for row in rows:
            key = row.chat_key or ""
            if key not in room:
                continue
            if room[key] <= 0:
                await inbox.done(tx, row.update_id, self._clock.now())
                dropped.add(row.id)
            room[key] -= 1
        if dropped:
            log.warning("%d updates of strangers who send in heaps were dropped", len(dropped))
        return dropped

    async def _feed(self) -> None:
        while True:
            self._kept.clear()
            try:
                taken = await self._take()
            except Exception as error:
                if not is_store_trouble(error):
                    raise
                log.warning("the inbox cannot be read now: %s", type(error).__name__)
                await self._clock.sleep(self._pauses.after(1))
                continue
            # What is kept from now on sets the event: a second look would find nothing.
            if self._emptied or not taken:
                await self._until_kept()

    async def _until_kept(self) -> None:
        # Full lanes empty without a sound: look again soon.
        if len(self._lanes) >= _IN_MEMORY:
            await self._clock.sleep(0.05)
        else:
            await self._kept.wait()

    async def _poll(self) -> None:
        while True:
            try:
                await self.poll_once(_LONG_POLL_SECONDS)
            except TelegramError as error:
                await self._rest(poll_trouble(error), error)
            except Exception as error:
                if not is_store_trouble(error):
                    raise
                # Not kept, so not confirmed: Telegram gives them again.
                await self._rest(PollTrouble.STORE, error)
            else:
                self._failures, self.trouble = 0, None

    async def _rest(self, trouble: PollTrouble, error: Exception) -> None:
        self._failures += 1
        if trouble is PollTrouble.CONFLICT:
            self._note_rival(self._clock.now())
        if trouble is not self.trouble:
            log.warning("polling: %s (%s)", trouble.value, type(error).__name__)
            if trouble is PollTrouble.UNAUTHORIZED:
                await self._tell_unauthorized()
        self.trouble = trouble
        pause = max(self._pauses.after(self._failures), trouble.least_pause, _asked_for(error))
        await self._clock.sleep(pause)

    def _note_rival(self, now: datetime) -> None:
        known = self.rival
        since = known.since if known and now - known.seen_at <= _RIVAL_GONE else now
        self.rival = Rival(since, now)

    async def _tell_unauthorized(self) -> None:
        try:
            await self._hooks.on_unauthorized()
        except Exception:
            log.exception("telling of a refused token failed")

    async def forget_old(self) -> int:
        """Delete what was handled two weeks ago, so that Telegram may begin its ids anew."""
        async with self._db.begin() as tx:
            return await inbox.forget_done(tx, self._clock.now() - _KEEP_DONE)


def _has_id(raw: object) -> bool:
    return isinstance(raw, dict) and type(id_ := raw.get("update_id")) is int and 0 <= id_ < 2**63


def _arrival(raw: Raw) -> Arrival:
    return Arrival(raw["update_id"], _written(raw), _chat_of(raw))


def _written(raw: Raw) -> str:
    written = json.dumps(raw, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: it would end the poll for good, with everybody's updates behind it.
        return json.dumps(raw)
    return written


def _chat_of(raw: Raw) -> int | None:
    """Return the chat whose lane an update belongs to; a press belongs to the chat of its message."""
    for kind in ALLOWED_UPDATES:
        with contextlib.suppress(KeyError, TypeError):
            chat = (raw[kind]["message"] if kind == "callback_query" else raw[kind])["chat"]["id"]
            return chat if type(chat) is int else None
    return None


def _asked_for(error: Exception) -> float:
    return seconds_of(error) if isinstance(error, RetryAfter) else 0.0
