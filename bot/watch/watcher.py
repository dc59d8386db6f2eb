"""The watcher: looks every 30 s whether all is well, and tells whoever can mend it what is not."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from bot.services.operation import watching
from bot.services.operation.watching import Stored
from bot.storage import files
from bot.study import Study
from bot.watch.alarms import Alarms
from bot.watch.heartbeat import Heartbeat
from bot.watch.metrics import Metrics
from bot.watch.report import Report
from bot.watch.systemd import Notify
from bot.watch.vitals import Vitals, troubles

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
PING_SECONDS = 60.0
_WRITE_SECONDS = 10.0
# What the machine's clock may gain or lose between two looks before it is called a jump.
MOST_DRIFT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Beats:
    """Signs of life of the parts of the program, read at each look."""

    poll_at: Callable[[], datetime | None]
    poll_trouble: Callable[[], str | None]
    tick_at: Callable[[], datetime | None]
    delivery_at: Callable[[], datetime | None]
    rival: Callable[[], tuple[datetime, datetime] | None]


@dataclass(frozen=True, slots=True)
class Means:
    """What the watcher works with; None where the site has none.

    `database`: the file, for the space on its disk. `backed_up`: whether this
    program makes the backups. `on_jump`: told of a jump of the clock.
    `on_damage`: told that the database is broken: nothing more may be written.
    """

    heartbeat: Heartbeat | None = None
    database: Path | None = None
    backed_up: bool = True
    on_jump: Callable[[timedelta], Awaitable[None]] | None = None
    on_damage: Callable[[], Awaitable[None]] | None = None


class Watcher:
    """Knows how things stand. `look_once` is the whole of it, for tests; `run` does it for ever."""

    def __init__(
        self, study: Study, beats: Beats, alarms: Alarms, metrics: Metrics, means: Means, notify: Notify
    ) -> None:
        self._study, self._beats, self._alarms = study, beats, alarms
        self._metrics, self._means, self._notify = metrics, means, notify
        self._began_at = study.clock.now()
        self._report: Report | None = None
        self._clocks = (study.clock.now(), study.clock.monotonic())
        metrics.show(self)

    def report(self) -> Report | None:
        """Return what the last look found."""
        return self._report

    async def look_once(self) -> Report:
        """Look at everything now; tell of what has gone wrong, or is well again."""
        await self._look_at_the_clock()
        stored, error = await self._stored()
        seen = self._seen(stored, error)
        self._report = Report(seen, troubles(seen), stored)
        for code in await self._alarms.hear(self._report):
            self._metrics.alarms.labels(code).inc()
        return self._report

    async def ping(self) -> None:
        """Tell the heartbeat's watcher how things stand; silence where nothing was seen yet."""
        if self._means.heartbeat is not None and self._report is not None:
            await self._means.heartbeat.ping(self._report)

    async def run(self) -> None:
        """Live, until cancelled; what fails in here stops nothing else."""
        try:
            # So that the first ping, too, has something to tell.
            await self._stumbling(self._look_and_say)
            await asyncio.gather(
                self._every(LOOK_SECONDS, self._look_and_say),
                self._every(PING_SECONDS, self.ping),
            )
        finally:
            if self._means.heartbeat is not None:
                await self._means.heartbeat.close()

    async def _every(self, seconds: float, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await self._stumbling(do)
            await self._study.clock.sleep(seconds)

    async def _stumbling(self, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await do()
        except Exception:
            log.exception("the watcher stumbled; it looks again")

    async def _look_and_say(self) -> None:
        before = self._report
        report = await self.look_once()
        said = ", ".join(f"{one.code}: {one.detail}" for one in report.troubles)
        known = () if before is None else tuple(one.code for one in before.troubles)
        if report.troubles and known != tuple(one.code for one in report.troubles):
            log.warning("not all is well: %s", said)
        if report.well and known:
            log.info("all is well again")
        self._notify(f"STATUS={said or 'all is well'}")

    async def beat_for_systemd(self) -> None:
        """Give signs of life where systemd wants them, until cancelled."""
        # It depends on local life alone: no restart mends Telegram or a full disk.
        while (seconds := self._notify.beat_seconds) is not None:
            self._notify("WATCHDOG=1")
            await self._study.clock.sleep(seconds)

    async def _stored(self) -> tuple[Stored | None, str | None]:
        try:
            return await asyncio.wait_for(watching.look(self._study), _WRITE_SECONDS), None
        except DBAPIError as error:
            if files.is_damage(error) and self._means.on_damage is not None:
                await self._means.on_damage()
            return None, type(error.orig).__name__
        except TimeoutError:
            return None, f"no answer within {_WRITE_SECONDS:.0f} s"

    def _seen(self, stored: Stored | None, error: str | None) -> Vitals:
        before = self._report.seen if self._report else None
        return Vitals(
            now=self._study.clock.now(),
            began_at=self._began_at,
            poll_at=self._beats.poll_at(),
            poll_trouble=self._beats.poll_trouble(),
            rival=self._beats.rival(),
            tick_at=self._beats.tick_at(),
            delivery_at=self._beats.delivery_at(),
            store_error=error,
            free_bytes=self._free(),
            alert_due_at=stored.alert_due_at if stored else None,
            inbox_since=stored.inbox.oldest_at if stored else None,
            backup_at=stored.backup_at if stored else before.backup_at if before else None,
            backed_up=self._means.backed_up,
            paused_since=stored.paused_since if stored else before.paused_since if before else None,
        )

    def _free(self) -> int | None:
        if self._means.database is None:
            return None
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self._means.database.parent).free
        return None

    async def _look_at_the_clock(self) -> None:
        """Notice that wall time and monotonic time have parted: somebody set the clock, or it slept."""
        clock = self._study.clock
        now, ticks = clock.now(), clock.monotonic()
        jumped = (now - self._clocks[0]) - timedelta(seconds=ticks - self._clocks[1])
        self._clocks = (now, ticks)
        if abs(jumped) <= MOST_DRIFT:
            return
        log.warning("the clock jumped by %+.0f s", jumped.total_seconds())
        self._metrics.clock_jumps.inc()
        if self._means.on_jump is not None:
            await self._means.on_jump(jumped)
