"""The composition root: the one place where everything is built and tied together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from telegram.error import TelegramError
from telegram.request import BaseRequest

import handlers
from bot.services import messages
from bot.services.alerts import alerts, duty
from bot.services.checkins import asking, awaiting, measuring, waiting
from bot.services.operation import downtime, reachability, restoring
from bot.services.participation import consenting
from bot.services.protocol import versions
from bot.services.reminders import reminders
from bot.services.staff import oncall_watch, rounds
from bot.services.talk import threads
from bot.storage import alerts as stored_alerts
from bot.storage import asked, inbox, meta, outbox, participants
from bot.storage import threads as stored_threads
from bot.storage.outbox import Message
from bot.study import Study
from bot.transport.delivery import Delivery
from bot.transport.intake import AT_ONCE, Intake, IntakeHooks
from bot.transport.limiter import PriorityLimiter
from bot.transport.pauses import Pauses
from bot.transport.second import Channel
from bot.transport.settling import DeliveryHooks
from bot.transport.wire import AnyApplication, build_application, initialize

log = logging.getLogger(__name__)

TICK_SECONDS = 1
PAUSE_SECONDS = 5
# Telegram holds a poll for less: without an answer for so long we are cut off.
HEARING_WITHIN = timedelta(seconds=90)
USERNAME = "bot_username"
_LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Wire:
    """How we reach Telegram, or any other Bot API server."""

    token: str
    api_url: str
    proxy_url: str | None = None
    requests: Callable[[], BaseRequest] | None = None
    """What makes the HTTP client, where it is not the usual one."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """How Telegram reaches us when it does not wait to be asked; whoever runs the app serves its address."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the live program puts around the bot; nothing in tests and in the sandbox.

    `on_unauthorized`: told when Telegram stops accepting the token. `on_settled`:
    told of each attempt, with what became of it. `on_tick`: the seconds it took.
    """

    on_unauthorized: Callable[[], Awaitable[None]] | None = None
    on_settled: Callable[[Message, str, datetime], None] | None = None
    on_tick: Callable[[float], None] | None = None


ALONE = Around()


class App:
    """The running bot.

    `run` is the live program. `settle` does the same work step by step, for
    tests and simulations: it polls, handles, ticks and delivers until nothing
    is left that is due now.
    """

    def __init__(
        self,
        study: Study,
        application: AnyApplication,
        rng: Random,
        second: Channel | None = None,
        around: Around = ALONE,
    ) -> None:
        self.study, self.application, self._around = study, application, around
        self.last_tick_at: datetime | None = None
        # After a restore nothing is sent by itself until somebody has looked.
        self.paused = False
        self.intake = Intake(
            application,
            study.db,
            study.clock,
            rng=rng,
            hooks=_intake_hooks(study, around),
        )
        self.delivery = _delivery(study, application, rng, second, around)
        self._pauses = Pauses(rng, longest=_LONGEST_PAUSE)
        self._ticking = asyncio.Lock()
        self._awaited_at: datetime | None = None
        # When something is due next, and what that was read from: asked far more often than it changes.
        self._foreseen: tuple[object, datetime | None] = (None, None)

    @classmethod
    @asynccontextmanager
    async def connected(
        cls,
        study: Study,
        wire: Wire,
        rng: Random,
        second: Channel | None = None,
        around: Around = ALONE,
    ) -> AsyncIterator[Self]:
        """Build the bot, take up what was in hand, and learn its name however long that takes.

        Until Telegram answers alerts are looked at and the second channel pages all the same.
        """
        limiter = PriorityLimiter(study.clock)
        application = build_application(
            wire.token, limiter, api_url=wire.api_url, proxy_url=wire.proxy_url, requests=wire.requests
        )
        delivery = _delivery(study, application, rng, second, around)
        await delivery.release_leases()

        async def meanwhile() -> None:
            # Who is in danger waits for nobody's network: the second channel is there for that.
            await alerts.tick(study)
            await delivery.deliver_elsewhere()

        await initialize(
            application,
            study.clock,
            rng=rng,
            on_unauthorized=around.on_unauthorized,
            meanwhile=meanwhile,
        )
        try:
            known = replace(study, bot_username=application.bot.username)
            async with study.db.begin() as tx:
                await meta.put(tx, USERNAME, known.bot_username)
                await versions.keep(known, tx, study.clock.now())
            handlers.register(application, known)
            app = cls(known, application, rng, second, around)
            await awaiting.was_away(known, await downtime.notice(known))
            await app.look_at_pause()
            yield app
        finally:
            await application.shutdown()

    async def tick_once(self) -> int:
        """Do what is due by the clock, for participants and for alerts; return how many rows were due."""
        async with self._ticking:
            began = self.study.clock.monotonic()
            # A page waits for nothing that a reminder does.
            looked = await alerts.tick(self.study) + await asking.tick(self.study)
            looked += await measuring.tick(self.study)
            if not self.paused:
                looked += await reminders.tick(self.study) + await rounds.tick(self.study)
                looked += await self._await_reports()
                looked += await oncall_watch.tick(self.study)
                looked += await threads.tick(self.study)
            self.last_tick_at = self.study.clock.now()
            if self._around.on_tick is not None:
                self._around.on_tick(self.study.clock.monotonic() - began)
            return looked

    async def _await_reports(self) -> int:
        """Look at reports that have not come; nothing is missed while Telegram is not heard."""
        now, heard_at = self.study.clock.now(), self.intake.last_poll_at
        if heard_at is not None and now - heard_at > HEARING_WITHIN:
            return 0
        before, self._awaited_at = self._awaited_at, now
        return await awaiting.tick(self.study, before)

    async def look_at_pause(self) -> None:
        """Learn whether sending is paused after a restore; the command line ends that."""
        self.paused = await restoring.paused_since(self.study) is not None

    async def settle(self) -> None:
        """Work until nothing is due now; for tests and simulations, where no loop runs.

        What people have done so far is taken in first: while the bot works they do nothing.
        """
        while await self.intake.poll_once() == AT_ONCE:
            await self.intake.drain()
        await self.intake.drain()
        # One look at when there is something to do is cheaper than a round in which nothing is.
        while await self._is_something_due() and await self.tick_once() + await self.delivery.deliver_once():
            continue

    async def _is_something_due(self) -> bool:
        next_at = await self.next_event_at()
        return next_at is not None and next_at <= self.study.clock.now()

    async def quiet(self) -> bool:
        """Tell whether all that came and all that is due now has been dealt with."""
        async with self.study.db.begin() as tx:
            backlog, states = await inbox.backlog(tx), await outbox.counts(tx)
        if backlog.new or states.get("sending", 0):
            return False
        next_at = await self.next_event_at()
        return next_at is None or next_at > self.study.clock.now()

    async def next_event_at(self) -> datetime | None:
        """Return the next instant at which the bot will act by itself; it may have passed."""
        known = (self.study.db.mark, self.delivery.asks_at)
        if known[0] is None or known != self._foreseen[0]:
            self._foreseen = (known, await self._look_ahead())
        return self._foreseen[1]

    async def _look_ahead(self) -> datetime | None:
        async with self.study.db.begin() as tx:
            instants = (
                await participants.next_wake(tx),
                await stored_alerts.next_wake(tx),
                await asked.next_due_at(tx),
                await stored_threads.next_wake(tx),
                await rounds.next_at(tx),
                await waiting.next_at(tx),
                await duty.wake_at(tx),
                await self.delivery.next_event_at(tx),
            )
        return min((at for at in instants if at is not None), default=None)

    def look_now(self) -> None:
        """Do not wait for the next beat: the clock was moved."""
        self.intake.clock_moved()
        self.study.db.wake_changed.set()
        self.study.db.outbox_ready.set()

    async def run(self, stop: asyncio.Event, webhook: Webhook | None = None) -> None:
        """Work until `stop` is set; then finish what is in hand within 10 s and leave the rest stored."""
        # A newer program may bring a newer edition of the consents.
        await consenting.ask_again(self.study)
        loops = [
            asyncio.create_task(self.intake.run(polling=webhook is None), name="intake"),
            asyncio.create_task(self.delivery.run(), name="delivery"),
            asyncio.create_task(self._tick_when_woken(), name="tick"),
        ]
        saying = asyncio.create_task(self._say_how_to_reach_us(webhook), name="webhook")
        metronome = self._metronome()
        metronome.start()
        log.info("running as @%s", self.study.bot_username)
        try:
            await _first_of(stop, loops)
        finally:
            metronome.shutdown(wait=False)
            await asyncio.gather(self.intake.stop(), self.delivery.stop())
            await _end([*loops, saying])

    def _metronome(self) -> AsyncIOScheduler:
        # It holds no state and may miss a beat: each tick asks the tables what is due.
        metronome = AsyncIOScheduler(timezone="UTC")
        always = {"coalesce": True, "misfire_grace_time": None}
        # Two, so that a beat during a long tick can see that there is nothing to do, and says nothing of it.
        metronome.add_job(
            ends_quietly(self._beat), "interval", seconds=TICK_SECONDS, max_instances=2, **always
        )
        metronome.add_job(ends_quietly(self.intake.forget_old), "interval", hours=6, **always)
        metronome.add_job(ends_quietly(self.look_at_pause), "interval", seconds=PAUSE_SECONDS, **always)
        return metronome

    async def _beat(self) -> None:
        if not self._ticking.locked():
            await self.tick_once()

    async def _tick_when_woken(self) -> None:
        while True:
            await self.study.db.wake_changed.wait()
            self.study.db.wake_changed.clear()
            try:
                await self.tick_once()
            except Exception:
                log.exception("a tick failed; the metronome brings the next one")

    async def _say_how_to_reach_us(self, webhook: Webhook | None) -> None:
        """Say it until Telegram takes it; nothing waits for that, the second channel least of all."""
        bot, failures = self.application.bot, 0
        while True:
            try:
                if webhook is None:
                    await bot.delete_webhook()
                else:
                    await bot.set_webhook(webhook.url, secret_token=webhook.secret)
            except TelegramError as error:
                failures += 1
                log.warning("Telegram was not told how to reach us: %s", type(error).__name__)
                await self.study.clock.sleep(self._pauses.after(failures))
            else:
                return


def ends_quietly(job: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """Let the end of the program cancel a job of the metronome; the scheduler calls that an error."""

    async def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await job()

    return run


def _delivery(
    study: Study, application: AnyApplication, rng: Random, second: Channel | None, around: Around
) -> Delivery:
    hooks = DeliveryHooks(reachability.on_unreachable, reachability.on_failed, around.on_settled)
    return Delivery(study, application.bot, messages.KINDS, rng=rng, hooks=hooks, second=second)


def _intake_hooks(study: Study, around: Around) -> IntakeHooks:
    hooks = IntakeHooks(on_quarantine=lambda _: messages.tell_of_quarantine(study))
    if around.on_unauthorized is None:
        return hooks
    return replace(hooks, on_unauthorized=around.on_unauthorized)


async def _first_of(stop: asyncio.Event, loops: list[asyncio.Task[None]]) -> None:
    """Wait for `stop`, or for a loop that broke: its error is raised."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done - {stopped}:
        task.result()


async def _end(loops: list[asyncio.Task[None]]) -> None:
    for task in loops:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*loops, return_exceptions=True)
