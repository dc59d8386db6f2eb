"""Visits that fall on a day off, and the working day that is proposed instead; staff confirm each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.domain.planning import PlannedVisit
from bot.domain.workdays import OfferedDay, Workdays, nearest_working, offered_day


@dataclass(frozen=True, slots=True)
class Proposal:
    """One visit on a day off; `to_on` is None where its window holds no working day."""

    visit: PlannedVisit
    day: OfferedDay
    to_on: date | None


def proposals(plan: Iterable[PlannedVisit], workdays: Workdays, today: date) -> tuple[Proposal, ...]:
    """Return what is proposed for the visits of a plan from `today` on.

    Infusions are never moved by the bot, and what staff have moved stays where
    they put it: they knew the day.
    """
    return tuple(
        proposal(visit, workdays, today)
        for visit in plan
        if _may_propose(visit, workdays)
        if visit.on >= today
    )


def proposal(visit: PlannedVisit, workdays: Workdays, today: date) -> Proposal:
    """Return what is proposed for one visit."""
    to_on = nearest_working(visit.on, visit.window, workdays, today)
    return Proposal(visit, offered_day(visit.on, workdays), to_on)


def _may_propose(visit: PlannedVisit, workdays: Workdays) -> bool:
    return (
        visit.type.kind == "follow_up"
        and visit.is_ahead
        and visit.facts.moved_to_on is None
        and not workdays.is_working(visit.on)
    )


def moved_outside(plan: Iterable[PlannedVisit], today: date) -> tuple[PlannedVisit, ...]:
    """Return the visits that staff moved and whose window has gone elsewhere since, as when Day 1 moved."""
    return tuple(
        visit
        for visit in plan
        if visit.type.kind == "follow_up" and visit.is_ahead and visit.on >= today and not visit.in_window
    )


def unannounced_years(plan: Iterable[PlannedVisit], workdays: Workdays, today: date) -> tuple[int, ...]:
    """Return the years of visits ahead whose public holidays are not known yet."""
    years = {visit.on.year for visit in plan if visit.is_ahead and visit.on >= today}
    return tuple(sorted(year for year in years if year in workdays.unannounced))
