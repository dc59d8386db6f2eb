"""The course of a rehearsal: lives, phones, and a heap of what people are going to do by themselves."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime, time
from itertools import count

from bot.domain.calendar import month_on, to_local
from bot.sandbox.population.lives import Life, live
from bot.sandbox.population.resident import Resident
from bot.sandbox.rehearsal import Rehearsal
from bot.sandbox.simulation import (
    BETWEEN_TAPS,
    INFUSION_TAKES,
    WORKDAY_BEGINS,
    Play,
    Progress,
    Script,
    code_of,
)

Deed = Callable[[], Awaitable[None]]


class Course(Play):
    """Lives drawn from the seed, and deeds in the order of their time; who does what is decided elsewhere."""

    def __init__(self, stage: Rehearsal, script: Script, progress: Progress) -> None:
        super().__init__(stage, script, progress)
        self.lives = [self.life_of(number) for number in range(script.participants)]
        self.residents: dict[int, Resident] = {}
        self.looking: set[int] = set()
        """Whose phone rang, and who will look at it later."""
        self._ahead: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def life_of(self, number: int) -> Life:
        """Draw the life of the participant with that number."""
        day1_on = self.script.day1_on(number)
        visits = self.stage.study.protocol.visits
        ends = [
            (visits[visit].product or "", self.at(on, WORKDAY_BEGINS) + INFUSION_TAKES)
            for visit, on in self.infusions(number)
        ]
        begins_at = self.at(day1_on, time(0))
        return live(number, code_of(number), begins_at, self.script.months, ends, self.script.seed)

    @property
    def ends_at(self) -> datetime:
        """Return when the last follow-up is over."""
        return self.ends_of(self.script.participants - 1)

    def ends_of(self, number: int) -> datetime:
        """Return when the follow-up of one participant is over."""
        return self.at(month_on(self.script.day1_on(number), self.script.months), time(23, 59))

    def local(self, at: datetime) -> time:
        """Return the time on the site's wall."""
        return to_local(at, self.stage.study.site.zone).time()

    @property
    def now(self) -> datetime:
        """Return the instant that the rehearsal has come to."""
        return self.stage.clock.now()

    async def run(self, until: datetime | None = None) -> None:
        """Let time pass: the bot's events and the people's deeds in their order, to the end or until then."""
        ends_at = until or self.ends_at
        self.later(ends_at, _nothing)
        while self._ahead and self._ahead[0][0] <= ends_at:
            event_at = await self.stage.app.next_event_at()
            if event_at is not None and event_at < self._ahead[0][0]:
                self.stage.clock.set(max(event_at, self.now))
            else:
                at, _, do = heapq.heappop(self._ahead)
                self.stage.clock.set(max(at, self.now))
                await do()
            await self.stage.settle()
            self.tell_month()

    def later(self, at: datetime, do: Deed) -> None:
        """Let somebody do something at an instant, or as soon as it can be after it."""
        heapq.heappush(self._ahead, (at, next(self._order), do))

    def resident(self, number: int) -> Resident:
        """Return the participant with that number at their phone."""
        return next(each for each in self.residents.values() if each.life is self.lives[number])

    async def session(self, resident: Resident) -> None:
        """Let somebody do all that their phone asks, tap by tap, until they put it down."""
        self.looking.discard(resident.person.id)
        if resident.life.is_in_hospital(self.now):
            return
        resident.picks_up()
        while resident.act(self.now):
            self.stage.clock.set(self.now + BETWEEN_TAPS)
            await self.stage.settle()


async def _nothing() -> None:
    """Be there at an instant, so that time passes until then."""
