"""What a change of the plan would move: safety clocks, check-ins, reminders, and how infusions lie apart."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from bot.domain.planning import Course, PlannedVisit, infusions, plan
from bot.domain.protocol import Protocol
from bot.domain.timetable import timetable

Pair = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Spacing:
    """A later infusion, with its days after the one before it; `by_plan` is what the protocol has."""

    visit: PlannedVisit
    days: int
    by_plan: int


@dataclass(frozen=True, slots=True)
class Effects:
    """What is other after a change than before it.

    `clock`: the end of the infusion that the clocks count from, before and
    after; None where they are as before. `checkins_gone` and `checkins_new` are
    instants still ahead; `reminders` pairs each reminder of the visit as it was
    to come and as it will.
    """

    clock: Pair | None
    checkins_gone: tuple[datetime, ...]
    checkins_new: tuple[datetime, ...]
    reminders: tuple[Pair, ...]
    spacing: tuple[Spacing, ...]
    follow_up_stays: bool


def effects(before: Course, after: Course, protocol: Protocol, visit_type: str, now: datetime) -> Effects:
    """Return what follows for one visit, and for all that is counted from it."""
    gone, new = _checkins(before, protocol, now), _checkins(after, protocol, now)
    ends = _end(before, protocol, visit_type), _end(after, protocol, visit_type)
    return Effects(
        None if ends[0] == ends[1] else ends,
        tuple(sorted(gone - new)),
        tuple(sorted(new - gone)),
        tuple(_reminders(before, after, protocol, visit_type, now)),
        spacing(after, protocol, visit_type),
        _follow_up(before, protocol) == _follow_up(after, protocol),
    )


def spacing(course: Course, protocol: Protocol, visit_type: str) -> tuple[Spacing, ...]:
    """Return how the other infusions of the same product lie around one, where that differs from the plan."""
    known = {visit.id: visit for visit, _ in infusions(course, protocol)}
    product = protocol.visits[visit_type].product if visit_type in protocol.visits else None
    if product is None:
        return ()
    of_product = [name for name, kind in protocol.visits.items() if kind.product == product]
    order = [known[name] for name in of_product if name in known]
    found = (
        Spacing(each, (each.on - earlier.on).days, (each.planned_on - earlier.planned_on).days)
        for earlier, each in pairwise(order)
        if visit_type in (earlier.id, each.id)
    )
    return tuple(each for each in found if each.days != each.by_plan)


def _checkins(course: Course, protocol: Protocol, now: datetime) -> set[datetime]:
    return {one.due_at for one in timetable(course, protocol).checkins if one.due_at > now}


def _end(course: Course, protocol: Protocol, visit_type: str) -> datetime | None:
    return next((end for visit, end in infusions(course, protocol) if visit.id == visit_type), None)


def _reminders(
    before: Course, after: Course, protocol: Protocol, visit_type: str, now: datetime
) -> list[Pair]:
    old, new = (
        {
            one.rule: one.due_at
            for one in timetable(course, protocol).reminders
            if one.visit == visit_type and one.due_at > now
        }
        for course in (before, after)
    )
    pairs = [(old.get(rule), new.get(rule)) for rule in protocol.reminders]
    return [pair for pair in pairs if pair != (None, None)]


def _follow_up(course: Course, protocol: Protocol) -> list[tuple[str, object]]:
    return [(each.id, each.on) for each in plan(course, protocol) if each.type.kind == "follow_up"]
