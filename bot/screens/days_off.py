"""Visits on days off and the working days proposed for them, each confirmed with one tap."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.planning import PlannedVisit
from bot.domain.proposals import Proposal
from bot.domain.workdays import OfferedDay
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Joined, Phrase, Screen, Verbatim, say, say_n

# A longer keyboard is no list any more; the rest is offered once these are decided.
MOST = 12


@dataclass(frozen=True, slots=True)
class DaysOff:
    """What is proposed for one participant; `outside` were moved by staff and left their windows since."""

    id: int
    code: str
    proposals: tuple[Proposal, ...]
    outside: tuple[PlannedVisit, ...] = ()
    unannounced: tuple[int, ...] = ()


def proposed(view: DaysOff) -> Screen:
    """Show every visit on a day off with its proposal, and buttons to confirm or to keep the day."""
    shown = view.proposals[:MOST]
    lines: list[Phrase | None] = [_title(view), None, *(_line(each) for each in shown)]
    if view.outside:
        lines += [None, say("dayoff.outside"), *(_outside(each) for each in view.outside)]
    lines += [None, unannounced(view.unannounced)] if view.unannounced else []
    movable = [each for each in shown if each.to_on is not None]
    rows = [_row(view, each) for each in shown]
    if len(movable) > 1:
        label = say_n("dayoff.button_all", len(movable))
        rows.insert(0, (Button(label, tap(Do.DAY_OFF, "all", view.id)),))
    return Screen(tuple(lines), tuple(rows), protect=True)


def _title(view: DaysOff) -> Phrase:
    if not view.proposals:
        return say("dayoff.none", code=view.code)
    return say_n("dayoff.title", len(view.proposals), code=view.code)


def _line(each: Proposal) -> Phrase:
    name, on, why = Phrase(each.visit.type.name), Day(each.visit.on, "year"), off_name(each.day)
    if each.to_on is None:
        return say("dayoff.line_none", name=name, on=on, why=why)
    return say("dayoff.line", name=name, on=on, why=why, to=Day(each.to_on))


def _outside(visit: PlannedVisit) -> Phrase:
    first, last = Day(visit.window.from_on), Day(visit.window.to_on)
    return say("dayoff.line_outside", name=Phrase(visit.type.name), on=Day(visit.on), first=first, last=last)


def off_name(day: OfferedDay) -> Phrase:
    """Return why a day is off: the holiday's name, or that it is a weekend."""
    if day.name is None:
        return say("dayoff.weekend")
    return say("dayoff.holiday", name=Verbatim(day.name.zh_CN, day.name.en))


def unannounced(years: Sequence[int]) -> Phrase:
    """Say honestly which years' holidays nobody knows yet."""
    return say("dayoff.unannounced", years=Joined(tuple(str(year) for year in years)))


def _row(view: DaysOff, each: Proposal) -> tuple[Button, ...]:
    visit, on = each.visit.id, each.visit.on.isoformat()
    name = Phrase(each.visit.type.name)
    keep = Button(say("dayoff.button_keep", on=Day(each.visit.on, "short")), _tap(view, visit, on, on))
    if each.to_on is None:
        return (keep,)
    to = Day(each.to_on)
    return (
        Button(say("dayoff.button_move", name=name, to=to), _tap(view, visit, on, each.to_on.isoformat())),
        keep,
    )


def _tap(view: DaysOff, visit: str, from_on: str, to_on: str) -> str:
    return tap(Do.DAY_OFF, "one", view.id, visit, from_on, to_on)
