"""A participant's own visits: the plan of the protocol, corrected by what staff have entered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from bot.domain import calendar
from bot.domain.protocol import Protocol
from bot.domain.schedule import Product, VisitType, is_unscheduled
from bot.domain.standing import Extra
from bot.errors import ProtocolError

Attendance = Literal["unknown", "coming", "cannot"]
VisitStatus = Literal["planned", "done", "missed", "held", "elsewhere", "cancelled"]
DoseGiven = Literal["full", "partial"]


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What is known of one visit beyond the protocol; an entry of staff wins over the plan."""

    visit_type: str
    moved_to_on: date | None = None
    moved_to_time: time | None = None
    attendance: Attendance = "unknown"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    status: VisitStatus = "planned"
    dose_given: DoseGiven | None = None
    reaction: bool | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """All that the plan of one participant follows from, beside the protocol; `zone` is theirs."""

    day1_on: date
    zone: str
    visits: tuple[VisitFacts, ...] = ()
    flags: frozenset[str] = frozenset()
    # Reminders that the participant has moved for themselves: rule and time on the wall.
    reminder_at: tuple[tuple[str, time], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of one participant: `on` and `at` are local, `planned_on` is what the protocol says."""

    type: VisitType
    on: date
    at: time
    starts_at: datetime
    planned_on: date
    window: calendar.Window
    facts: VisitFacts
    extras: tuple[Extra, ...] = ()

    @property
    def id(self) -> str:
        """The id of the visit type."""
        return self.type.id

    @property
    def status(self) -> VisitStatus:
        """What became of it."""
        return self.facts.status

    @property
    def is_ahead(self) -> bool:
        """Whether the participant is still expected to come, as far as staff have said."""
        return self.facts.status == "planned" and self.facts.started_at is None

    @property
    def takes_place(self) -> bool:
        """Whether it took place, here or elsewhere, or still will."""
        return self.facts.status in ("planned", "done", "elsewhere")

    @property
    def in_window(self) -> bool:
        """Whether its date lies in the window of the protocol."""
        return self.window.holds(self.on)

    @property
    def ends_at(self) -> datetime | None:
        """The end of an infusion: as recorded, else its start plus the assumed length; None for a visit."""
        if self.facts.ended_at is not None or self.type.assumed_minutes is None:
            return self.facts.ended_at
        return (self.facts.started_at or self.starts_at) + timedelta(minutes=self.type.assumed_minutes)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the rules count from: hours since the end of the last infusion, by product.

    A product that was not given yet is not in it. `recorded`: those whose end
    staff have recorded; for the others the plan had to do.
    """

    study_day: int
    hours_since: Mapping[Product, float]
    recorded: frozenset[Product] = frozenset()


def anchor_on(day1_on: date, protocol: Protocol) -> date:
    """Return the date from which the follow-up is counted: the planned day of a visit that the PI chose.

    A delayed infusion moves the safety clocks, not the follow-up.
    """
    if protocol.follow_up_anchor is None:
        raise ProtocolError(protocol.id, "follow_up_anchor", "is not set: the PI has to choose it")
    visit = protocol.visits[protocol.anchors[protocol.follow_up_anchor]]
    return calendar.visit_on(day1_on, day=visit.day)


def planned_on(visit: VisitType, day1_on: date, protocol: Protocol) -> date:
    """Return the date that the protocol gives a visit, whatever staff have entered."""
    anchor = anchor_on(day1_on, protocol) if visit.kind == "follow_up" else day1_on
    return calendar.visit_on(anchor, day=visit.day, month=visit.month)


@lru_cache(maxsize=1024)
def plan(course: Course, protocol: Protocol) -> tuple[PlannedVisit, ...]:
    """Return the visits of a participant in the order of their dates.

    The date is that of the actual start, else the one staff moved it to, else
    the protocol's. A visit that spans days (screening) is left out until staff
    have given it a date.
    """
    facts = {one.visit_type: one for one in course.visits}
    visits = [
        _planned(visit, facts.get(visit.id) or VisitFacts(visit.id), course, protocol)
        for visit in protocol.visits.values()
    ]
    visits += [_unscheduled(one, course, protocol) for one in course.visits if is_unscheduled(one.visit_type)]
    return tuple(sorted((visit for visit in visits if visit), key=lambda visit: visit.starts_at))


def _unscheduled(facts: VisitFacts, course: Course, protocol: Protocol) -> PlannedVisit | None:
    """Return a visit that staff added; None where the protocol does not know such visits any more."""
    known = protocol.visit(facts.visit_type)
    return None if known is None else _planned(known, facts, course, protocol)


def _planned(visit: VisitType, facts: VisitFacts, course: Course, protocol: Protocol) -> PlannedVisit | None:
    dated = facts.moved_to_on or (
        facts.started_at and calendar.to_local(facts.started_at, course.zone).date()
    )
    if not dated and not visit.has_own_date:
        return None
    unscheduled = visit.kind == "unscheduled"
    by_protocol = dated if dated and unscheduled else planned_on(visit, course.day1_on, protocol)
    on, at = facts.moved_to_on or by_protocol, facts.moved_to_time or visit.at
    starts_at = calendar.local_to_utc(on, at, course.zone)
    if facts.started_at is not None:
        starts_at = facts.started_at
        local = calendar.to_local(starts_at, course.zone)
        on, at = local.date(), local.time()
    days = calendar.window(by_protocol, visit.window.before, visit.window.after)
    extras = tuple(_extras(visit, course, protocol))
    return PlannedVisit(visit, on, at, starts_at, by_protocol, days, facts, extras)


def _extras(visit: VisitType, course: Course, protocol: Protocol) -> Iterator[Extra]:
    for extra in protocol.extras.values():
        if visit.kind in extra.kinds and course.flags.intersection(extra.flags_any):
            yield extra


def infusions(course: Course, protocol: Protocol) -> Iterator[tuple[PlannedVisit, datetime]]:
    """Yield each infusion that took place or will, with its end as far as it is known."""
    for visit in plan(course, protocol):
        if visit.takes_place and visit.type.product is not None and visit.ends_at is not None:
            yield visit, visit.ends_at


def last_treatment_on(course: Course, protocol: Protocol) -> date | None:
    """Return the local day of the last study treatment: as recorded, and as planned where nothing is yet."""
    return max((visit.on for visit, _ in infusions(course, protocol)), default=None)


def last_visit_on(course: Course, protocol: Protocol) -> date | None:
    """Return the day of the last follow-up visit of the plan, whatever became of it."""
    follow_up = (visit.on for visit in plan(course, protocol) if visit.type.kind == "follow_up")
    return max(follow_up, default=None)


def clocks(course: Course, protocol: Protocol, now: datetime) -> Clocks:
    """Return study day and hours since the last infusion of each product at `now`.

    An infusion whose end nobody has recorded counts from its planned time plus
    the assumed length: a watchful clock that may be hours off is better than none.
    """
    last: dict[Product, tuple[datetime, bool]] = {}
    for visit, end in infusions(course, protocol):
        if visit.type.product is not None and end <= now:
            known = (end, visit.facts.ended_at is not None)
            last[visit.type.product] = max(last.get(visit.type.product, known), known)
    hours = {product: (now - end).total_seconds() / 3600 for product, (end, _) in last.items()}
    recorded = frozenset(product for product, (_, is_recorded) in last.items() if is_recorded)
    today = calendar.to_local(now, course.zone).date()
    return Clocks(calendar.study_day(course.day1_on, today), hours, recorded)
