"""The live program: the bot, and around it the lock, the watcher, health over HTTP, backups and systemd."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import BaseRoute
from telegram.error import TelegramError

from bot.app import App, Around, Webhook, Wire
from bot.errors import Damaged, SuifangError
from bot.services.operation import backups, operating, selftest, watching
from bot.storage import audit, files
from bot.storage.outbox import Message
from bot.study import Study
from bot.transport.board import Board
from bot.transport.second import Channel
from bot.transport.trouble import PollTrouble, poll_trouble
from bot.transport.webhook import webhook_route
from bot.watch.alarms import Alarms
from bot.watch.heartbeat import Heartbeat
from bot.watch.http import health_routes, served
from bot.watch.lock import held, this_program
from bot.watch.metrics import Metrics
from bot.watch.systemd import Notify
from bot.watch.watcher import Beats, Means, Watcher

log = logging.getLogger(__name__)

BACKUP_EVERY = timedelta(hours=24)
_BACKUP_LOOK_SECONDS = 300.0
_PROBE_SECONDS = 30.0
_STATUS_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator chose; None is what the site does without."""

    wire: Wire
    http_host: str
    http_port: int
    database_url: str
    webhook: Webhook | None = None
    heartbeat_url: str | None = None
    second: Channel | None = None
    backup_dir: Path | None = None
    backup_keep: int = 14


class Live:
    """One run of the live program."""

    def __init__(self, study: Study, plan: Plan, rng: Random) -> None:
        self.study, self.plan, self._rng = study, plan, rng
        self._app: App | None = None
        self._locked = False
        self._damaged = asyncio.Event()
        self._probed_at: datetime | None = None
        self._probe_trouble: PollTrouble | None = None
        self._metrics, self._notify = Metrics(), Notify()
        self._alarms = Alarms(study, self._direct if plan.second else None, lambda: self._app is not None)
        self._watcher = Watcher(
            study, self._beats(), self._alarms, self._metrics, self._means(), self._notify
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Wait for the lock, work until `stop`, and leave everything stored; LockLost when overtaken."""
        self._notify("READY=1\nSTATUS=waiting for the lock")
        beating = asyncio.create_task(self._watcher.beat_for_systemd(), name="systemd")
        holding = asyncio.create_task(self._holding(stop), name="live")
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({holding, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not self._locked:
                holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await holding
        finally:
            self._notify("STOPPING=1")
            await _ended(beating, stopped)

    async def _holding(self, stop: asyncio.Event) -> None:
        clock = self.study.clock
        async with held(self.study.db, clock, this_program(clock)) as lock, self._looked_after():
            self._locked = True
            working = asyncio.create_task(self._work(stop), name="bot")
            stopped = asyncio.create_task(stop.wait())
            damaged = asyncio.create_task(self._damaged.wait())
            first: set[asyncio.Future[Any]] = {working, lock, stopped, damaged}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            stop.set()  # overtaken: nothing more may go out from here
            if self._app is None:
                working.cancel()  # it still waits for Telegram's first answer
            with contextlib.suppress(asyncio.CancelledError):
                await working
            await _ended(stopped, damaged)
            if self._damaged.is_set():
                raise Damaged("the database is damaged")
            if lock.done():
                lock.result()

    async def _work(self, stop: asyncio.Event) -> None:
        around = Around(
            on_unauthorized=self._unauthorized,
            on_settled=self._count,
            on_tick=self._metrics.ticks.observe,
        )
        async with App.connected(self.study, self.plan.wire, self._rng, self.plan.second, around) as app:
            self._app = app
            telling = asyncio.create_task(self._tell_staff(Board(app.study, app.application.bot)))
            try:
                await app.run(stop, self.plan.webhook)
            finally:
                self._app = None
                await _ended(telling)

    async def _tell_staff(self, board: Board) -> None:
        """Renew the status messages every 5 minutes, and see to the daily test of the page."""
        while True:
            report = self._watcher.report()
            try:
                await selftest.tick(self.study)
                if report is not None:
                    await board.renew(tuple(trouble.code for trouble in report.troubles))
            except Exception:
                log.exception("staff could not be told how things stand; next try in 5 minutes")
            await self.study.clock.sleep(_STATUS_SECONDS)

    @asynccontextmanager
    async def _looked_after(self) -> AsyncIterator[None]:
        """Watch, answer over HTTP and back up: from before Telegram answers for the first time."""
        async with served(self._routes(), self.plan.http_host, self.plan.http_port):
            tasks = [
                asyncio.create_task(self._watcher.run(), name="watcher"),
                asyncio.create_task(self._back_up_daily(), name="backups"),
            ]
            if self.plan.webhook is not None:
                tasks.append(asyncio.create_task(self._probe(), name="probe"))
            try:
                yield
            finally:
                await _ended(*tasks)

    def _routes(self) -> list[BaseRoute]:
        routes = health_routes(self._watcher, self._metrics)
        hook = self.plan.webhook
        if hook is not None:
            routes.append(webhook_route(urlsplit(hook.url).path or "/", hook.secret, self._receive))
        return routes

    async def _receive(self, raw: dict[str, object]) -> None:
        if self._app is None:
            raise SuifangError("not connected yet: Telegram gives it again")
        await self._app.intake.receive(raw)

    def _beats(self) -> Beats:
        return Beats(
            poll_at=self._heard_at,
            poll_trouble=self._poll_trouble,
            tick_at=lambda: self._app.last_tick_at if self._app else None,
            delivery_at=lambda: self._app.delivery.last_beat_at if self._app else None,
            rival=self._rival,
        )

    def _heard_at(self) -> datetime | None:
        if self.plan.webhook is not None:
            return self._probed_at
        return self._app.intake.last_poll_at if self._app else None

    def _poll_trouble(self) -> str | None:
        polled = self._app.intake.trouble if self._app else None
        trouble = self._probe_trouble if self.plan.webhook is not None else polled
        return None if trouble is None else trouble.name.lower()

    def _rival(self) -> tuple[datetime, datetime] | None:
        rival = self._app.intake.rival if self._app else None
        return None if rival is None else (rival.since, rival.seen_at)

    def _means(self) -> Means:
        url = self.plan.heartbeat_url
        return Means(
            heartbeat=Heartbeat(url) if url else None,
            database=files.path_of(self.plan.database_url),
            backed_up=self._folder() is not None,
            on_damage=self._damage_found,
            on_jump=lambda by: operating.tell_of_jump(self.study, round(by.total_seconds())),
        )

    def _folder(self) -> Path | None:
        return backups.folder_of(self.plan.database_url, self.plan.backup_dir)

    async def _direct(self, text: str) -> bool:
        """Send a text over the second channel without the database; tell whether any address took it."""
        if self.plan.second is None:
            return False
        return any(fate.problem is None for fate in await self.plan.second.send(text))

    async def _damage_found(self) -> None:
        self._damaged.set()

    async def _unauthorized(self) -> None:
        await self._alarms.tell_now("unauthorized")

    def _count(self, message: Message, outcome: str, now: datetime) -> None:
        priority = str(message.priority)
        self._metrics.settled.labels(message.channel, priority, outcome).inc()
        if outcome == "Sent":
            waited = (now - message.not_before).total_seconds()
            self._metrics.waited.labels(priority).observe(max(0.0, waited))

    async def _probe(self) -> None:
        """Ask Telegram for a sign of life where it calls us: silence alone says nothing."""
        while True:
            await self.study.clock.sleep(_PROBE_SECONDS)
            if self._app is None:
                continue
            try:
                await self._app.application.bot.get_webhook_info()
            except TelegramError as error:
                self._probe_trouble = poll_trouble(error)
            else:
                self._probed_at, self._probe_trouble = self.study.clock.now(), None

    async def _back_up_daily(self) -> None:
        folder = self._folder()
        while folder is not None:
            try:
                await self.back_up_if_due(folder)
            except (SuifangError, Exception) as error:  # noqa: BLE001 (it is tried again, and the watcher tells)
                what = str(error) if isinstance(error, SuifangError) else type(error).__name__
                log.error("the backup failed: %s", what)  # noqa: TRY400
                if isinstance(error, Damaged):
                    await self._alarms.tell_now("damaged")
            await self.study.clock.sleep(_BACKUP_LOOK_SECONDS)

    async def back_up_if_due(self, folder: Path) -> bool:
        """Make a backup where the last one is a day old; return whether one was made."""
        now = self.study.clock.now()
        async with self.study.db.begin() as tx:
            last = await watching.instant(tx, watching.BACKUP)
        if last is not None and now - last < BACKUP_EVERY:
            return False
        made = await backups.make(
            self.study.db, self.study.clock, folder / backups.name_at(now), audit.SYSTEM
        )
        log.info("backed up: %s, audit head %d:%s", made.file.name, *made.head)
        await asyncio.to_thread(backups.drop_oldest, folder, self.plan.backup_keep)
        return True


async def _ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
