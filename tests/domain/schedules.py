"""What the tests of plan and agenda share: the shipped protocol, people in it, and instants in Shanghai."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cache

from bot.domain.agenda import Agenda, Asked, Due, DueCheckin, DueNotice, DueReminder, Facts, due
from bot.domain.calendar import local_to_utc
from bot.domain.planning import Course, VisitFacts
from bot.domain.protocol import Protocol, load_protocol

SHANGHAI = "Asia/Shanghai"
DAY1 = date(2026, 12, 1)


@cache
def shipped() -> Protocol:
    """Return the shipped protocol, its follow-up counted from rituximab."""
    return load_protocol(anchor="rituximab")


def at(text: str, zone: str = SHANGHAI) -> datetime:
    """Return the instant of a local "YYYY-MM-DD HH:MM"."""
    local = datetime.fromisoformat(text)
    return local_to_utc(local.date(), local.time(), zone)


def facts(*visits: VisitFacts, day1_on: date = DAY1, zone: str = SHANGHAI, **more: object) -> Facts:
    """Return the facts of a participant who takes part."""
    return replace(Facts(7, Course(day1_on, zone, visits), followed=True), **more)  # type: ignore[arg-type]


@dataclass
class Diary:
    """Someone who is looked at whenever the agenda says so, and what came of it."""

    facts: Facts
    got: list[tuple[datetime, Due]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    next_look: datetime | None = None

    def look(self, now: datetime) -> Agenda:
        """Ask once, and take note of what is due as the services do."""
        agenda = due(self.facts, shipped(), now)
        self.got += [(now, item) for item in agenda.items]
        self.dropped += agenda.dropped
        sent = {item.key for item in agenda.items if isinstance(item, DueReminder | DueNotice)}
        opened = [Asked(i.key, i.form, i.due_at) for i in agenda.items if isinstance(i, DueCheckin)]
        self.facts = replace(
            self.facts,
            sent=self.facts.sent | sent,
            asked=(*self.facts.asked[-6:], *opened),
            looked_at=agenda.look_again_at,
        )
        self.next_look = agenda.look_again_at
        return agenda

    def from_(self, start: datetime) -> "Diary":
        """Begin at an instant, and forget what was due then."""
        self.look(start)
        self.got.clear()
        return self

    def live(self, start: datetime, end: datetime) -> "Diary":
        """Look at `start`, and then at each instant that the agenda names, before `end`."""
        self.look(start)
        while self.next_look is not None and self.next_look < end:
            self.look(self.next_look)
        return self

    def keys(self) -> list[str]:
        """Return the keys of all that was due, in order."""
        return [item.key for _, item in self.got]


def visit(visit_type: str, **known: object) -> VisitFacts:
    """Return what is known of a visit."""
    return VisitFacts(visit_type, **known)  # type: ignore[arg-type]


def moved(visit_type: str, on: str, to_time: str | None = None) -> VisitFacts:
    """Return a visit that staff moved."""
    clock = time.fromisoformat(to_time) if to_time else None
    return VisitFacts(visit_type, moved_to_on=date.fromisoformat(on), moved_to_time=clock)
