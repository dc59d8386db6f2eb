"""Those of a town whose visit is announced while the program is killed."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.domain.agenda import reminder_key
from bot.domain.calendar import to_local
from bot.domain.schedule import ReminderRule
from bot.domain.timetable import timetable
from bot.sandbox.person import Person
from bot.screens.taps import Do, tap
from bot.services.facts import course_of
from bot.storage import participants, tables, visits
from bot.storage.db import Tx
from bot.study import Study
from tests.promises import zones

VISIT = "U1"
_NARROW_SECONDS = 6


@dataclass(frozen=True, slots=True)
class Meant:
    """One reminder that must come: as the protocol has it, whatever is in the outbox."""

    participant_id: int
    key: str
    button: str
    due_at: datetime
    expires_at: datetime


@dataclass
class Reminded:
    """Everybody who is reminded once; `waiting` have no visit yet, `came` is when copies came, by chat."""

    folder: Path
    rng: Random
    waiting: list[tuple[Person, int]] = field(default_factory=list)
    meant: dict[int, Meant] = field(default_factory=dict)
    came: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    async def plan(self, study: Study, count: int, seconds: float) -> None:
        """Give some people a visit whose reminder falls due within so many seconds, and one a narrow one.

        The narrow one is due already, and stale within seconds: the program may
        live too late for it, or die and come back too late for a second copy.
        """
        now = study.clock.now().replace(microsecond=0)
        rules = list(study.protocol.reminders.values())
        async with study.db.begin() as tx:
            for _ in range(min(count, len(self.waiting))):
                due_at = now + timedelta(seconds=1 + round(self.rng.uniform(0, seconds)))
                await self._plan(study, tx, self.rng.choice(rules), due_at, None)
            if self.waiting:
                stale_at = now + timedelta(seconds=self.rng.randint(1, _NARROW_SECONDS))
                await self._plan(study, tx, study.protocol.reminders["morning"], stale_at, time(7, 1))

    async def _plan(
        self, study: Study, tx: Tx, rule: ReminderRule, at: datetime, begins: time | None
    ) -> None:
        """Let a reminder fall due at an instant; or go stale at it, where its visit `begins` so early."""
        person, participant_id = self.waiting.pop()
        zone = zones.made(self.folder, at, begins or rule.at)
        its = tables.participants
        await tx.execute(its.update().where(its.c.id == participant_id).values(zone=zone))
        known = await participants.get(tx, participant_id)
        assert known is not None
        on = to_local(at, zone).date() + timedelta(days=rule.days_before)
        await visits.move(tx, participant_id, VISIT, on, begins)
        plan = timetable(await course_of(tx, known), study.protocol).reminders
        (one,) = [each for each in plan if (each.visit, each.rule) == (VISIT, rule.id)]
        assert at == (one.expires_at if begins else one.due_at)
        # It counts as looked at until now: what is stale at the first look is noted as dropped.
        await participants.set_wake(tx, participant_id, min(one.due_at, study.clock.now()))
        key = reminder_key(participant_id, VISIT, rule.id, on)
        button = tap(Do.COMING, VISIT, on.isoformat())
        self.meant[person.id] = Meant(participant_id, key, button, one.due_at, one.expires_at)

    def heard(self, call: Any, now: datetime) -> None:
        """Note a copy that was put into a chat."""
        meant = self.meant.get(int(call.params["chat_id"]))
        if meant is not None and meant.button in str(call.params.get("reply_markup")):
            self.came[int(call.params["chat_id"])].append(now)

    def is_due_later(self, now: datetime) -> bool:
        """Tell whether one is still to fall due."""
        return any(each.due_at >= now for each in self.meant.values())
