"""The staff of the model at work: they take pages, telephone, treat, admit and close, all by their phones."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import partial

from bot.domain.calendar import to_local
from bot.sandbox.population.course import Course
from bot.sandbox.population.habits import AFTER_A_CALL
from bot.sandbox.population.resident import Resident
from bot.sandbox.population.site import TRIES_AGAIN_AFTER, Wanted, Worker, closing, reaching, trying

CLOSES_AT = time(17)
DAYS_IN_HOSPITAL = (2, 6)
GOES_HOME_AT = time(20)
# Nobody calls for ever: by then the caregiver or a neighbour has seen to them.
TRIES = 3
UNBLOCKS_AFTER = timedelta(hours=20)
# Staff of the model read English.
LABEL_CARE, LABEL_STAY, LABEL_CONFIRM = "⚙️ Flags, baselines, hospital", "In hospital, or longer", "✅ Confirm"


class Ward:
    """The staff of one rehearsal, and what they have in hand: alerts to be closed, calls in vain."""

    def __init__(self, course: Course) -> None:
        self._course, self._stage = course, course.stage
        self._workers: dict[int, Worker] = {}
        self._to_close: dict[int, str | None] = {}
        self._calls_made: dict[int, int] = {}

    def employ(self, workers: Iterable[Worker]) -> None:
        """Take on the coordinator, the investigator and whoever else there is, in this order."""
        self._workers = {worker.person.id: worker for worker in workers}
        self._coordinator, self._investigator, *_ = self._workers.values()

    def rings(self, chat_id: int) -> bool:
        """Let whoever's phone rang look at it in their time; False where it is nobody's here."""
        worker = self._workers.get(chat_id)
        if worker is None:
            return False
        self._course.looking.add(chat_id)
        at = worker.looks_at(self._course.now, self._course.local(self._course.now))
        self._course.later(at, partial(self._works, worker))
        return True

    async def _works(self, worker: Worker) -> None:
        self._course.looking.discard(worker.person.id)
        while (taken := worker.takes()) is not None:
            await self._stage.settle()
            alert_id, first_line = taken
            number = next(n for n, life in enumerate(self._course.lives) if life.code in first_line)
            call_at = worker.calls_at(self._course.now)
            self._course.later(call_at, partial(self._calls, worker, alert_id, number))
        while worker.says_home():
            await self._stage.settle()
        while worker.opens_a_message():
            await self._stage.settle()
            if worker.puts_it_aside():
                await self._stage.settle()

    async def _calls(self, worker: Worker, alert_id: int, number: int) -> None:
        """Telephone a participant; of whoever answers the truth is known, and dealt with."""
        life, now = self._course.lives[number], self._course.now
        tried = self._calls_made[alert_id] = self._calls_made.get(alert_id, 0) + 1
        if tried < TRIES and worker.rng.random() >= life.habits.answers_calls:
            await self._walk(worker, trying(alert_id))
            self._course.later(now + TRIES_AGAIN_AFTER, partial(self._calls, worker, alert_id, number))
            return
        self._calls_made[alert_id] = 0
        await self._walk(worker, reaching(alert_id))
        truth = life.truth(now)
        self._deals_with(number, truth, now)
        if not self._to_close:
            self._course.later(self._next(CLOSES_AT), self._closes)
        self._to_close[alert_id] = truth
        if truth == "urgent":
            await self._admits(number)

    def _deals_with(self, number: int, truth: str | None, now: datetime) -> None:
        resident = self._course.resident(number)
        if truth in ("urgent", "important"):
            resident.life.treat(now)
        if resident.person.account.blocked:
            self._course.later(now + UNBLOCKS_AFTER, partial(self._unblocks, resident))
        elif truth != "urgent":
            # "Would you look at your phone, please?"
            self._course.later(now + AFTER_A_CALL, partial(self._course.session, resident))

    async def _unblocks(self, resident: Resident) -> None:
        resident.person.unblock()
        await self._stage.settle()
        await self._course.session(resident)

    async def _admits(self, number: int) -> None:
        """Let a participant stay in hospital, and the coordinator tell the bot until when."""
        life, coordinator = self._course.lives[number], self._coordinator
        now = self._course.now
        days = coordinator.rng.randint(*DAYS_IN_HOSPITAL)
        until_on = to_local(now, self._stage.study.site.zone).date() + timedelta(days=days)
        life.stays.append((now, self._course.at(until_on, GOES_HOME_AT)))
        coordinator.person.command("participant", life.code)
        await self._stage.settle()
        for label in (LABEL_CARE, LABEL_STAY):
            coordinator.person.tap(label)
            await self._stage.settle()
        coordinator.person.say(until_on.isoformat())
        await self._stage.settle()
        coordinator.person.tap(LABEL_CONFIRM)

    async def _closes(self) -> None:
        """Let the physician close, at the end of the working day, what was dealt with."""
        waiting, self._to_close = self._to_close, {}
        for alert_id, truth in waiting.items():
            if not await self._walk(self._investigator, closing(alert_id, truth)):
                self._to_close[alert_id] = truth
        if self._to_close:
            self._course.later(self._next(CLOSES_AT), self._closes)

    async def _walk(self, worker: Worker, path: Iterable[Wanted | str]) -> bool:
        """Press one button after the other; stop where one is not there, because the alert has moved on."""
        for step in path:
            if isinstance(step, str):
                worker.person.say(step)
            elif not worker.presses(step):
                return False
            await self._stage.settle()
        return True

    def _next(self, at: time) -> datetime:
        now = self._course.now
        today = to_local(now, self._stage.study.site.zone).date()
        due_at = self._course.at(today, at)
        return due_at if due_at > now else self._course.at(today + timedelta(days=1), at)
