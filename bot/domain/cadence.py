"""When check-ins are asked, as data: slots around visits and infusions, daily, weekly, and their meeting."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bot.domain.definition import ClockTime, Identifier, Problem, Sourced, Strict, with_ids
from bot.domain.schedule import (
    Count,
    Minutes,
    Period,
    Product,
    VisitKind,
    VisitType,
    Weekday,
    unknown,
)


class Slot(Sourced):
    """When one kind of check-in is asked, with which form, and how long the question is worth asking."""

    id: Identifier
    form: Identifier
    expires_after_minutes: Minutes


class AroundVisit(Slot):
    """Asked so many days after (or before, below 0) the date of a visit, at local times.

    `stands_in_for`: on that date the calendar slots at these times are not asked.
    """

    when: Literal["around_visit"]
    kinds: tuple[VisitKind, ...] = ("infusion",)
    products: tuple[Product, ...] = ()
    days: Annotated[int, Field(strict=True, ge=-28, le=28)]
    at: Annotated[tuple[ClockTime, ...], Field(min_length=1)]
    during: Period = Period()
    stands_in_for: tuple[ClockTime, ...] = ()


class AfterInfusion(Slot):
    """Asked so many hours after the end of an infusion, by day or by night."""

    when: Literal["after_infusion"]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    hours: Annotated[tuple[Count, ...], Field(min_length=1)]


class DaysAfterInfusion(Slot):
    """Asked at local times as long as these lie between two numbers of hours after an infusion's end."""

    when: Literal["days_after_infusion"]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    at: Annotated[tuple[ClockTime, ...], Field(min_length=1)]
    from_hours: Count
    to_hours: Count


class Daily(Slot):
    """Asked every day of a period at local times, the days of infusions left out where it says so.

    `first_hours_form` takes the place of `form` while the first hours after an
    infusion (`cadence.first_hours`) are not over.
    """

    when: Literal["daily"]
    at: Annotated[tuple[ClockTime, ...], Field(min_length=1)]
    during: Period
    not_on: tuple[VisitKind, ...] = ()
    first_hours_form: Identifier | None = None


class Weekly(Slot):
    """Asked every so many weeks, counted from the first such weekday on or after the period's start."""

    when: Literal["weekly"]
    weekday: Weekday
    at: ClockTime
    every_weeks: Annotated[int, Field(strict=True, ge=1, le=26)] = 1
    during: Period


AnySlot = Annotated[
    AroundVisit | AfterInfusion | DaysAfterInfusion | Daily | Weekly, Field(discriminator="when")
]


class Together(Strict):
    """Two forms of which neither holds the other, and the form that holds both."""

    forms: tuple[Identifier, Identifier]
    form: Identifier


class Meeting(Sourced):
    """Check-ins that meet within so many minutes become one: the fuller form, at the earlier time.

    `together`: where the fuller form would leave out what the other asks, a
    form that asks both takes their place.
    """

    within_minutes: Minutes
    fullest_first: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    together: tuple[Together, ...] = ()

    def of(self, one: str, other: str) -> str:
        """Return the form that is asked when check-ins with these two meet."""
        for each in self.together:
            if {one, other} == set(each.forms):
                return each.form
        return min(one, other, key=self.fullest_first.index)


class FirstHours(Sourced):
    """How long after an infusion its first, most watchful hours last; quiet hours do not hold in them."""

    hours: Annotated[int, Field(strict=True, ge=1, le=24 * 14)]


class Cadence(Strict):
    """When check-ins are asked."""

    first_hours: FirstHours
    meeting: Meeting
    slots: Annotated[dict[str, AnySlot], BeforeValidator(with_ids), Field(min_length=1)]

    def forms(self) -> Iterator[tuple[str, str]]:
        """Yield each form that is named, with the key under which it is named."""
        for each in self.meeting.together:
            yield from (("cadence.meeting.together", form) for form in (*each.forms, each.form))
        for slot in self.slots.values():
            yield f"cadence.slots.{slot.id}.form", slot.form
            if isinstance(slot, Daily) and slot.first_hours_form:
                yield f"cadence.slots.{slot.id}.first_hours_form", slot.first_hours_form


def check_cadence(visits: Mapping[str, VisitType], cadence: Cadence) -> Iterator[Problem]:
    """Yield what does not fit together between visits and cadence."""
    kinds = {visit.kind for visit in visits.values()}
    products = {visit.product for visit in visits.values() if visit.product}
    for slot in cadence.slots.values():
        yield from _check_slot(slot, kinds, products)
        yield from _check_period(slot)
    order = cadence.meeting.fullest_first
    for key, form in cadence.forms():
        if form not in order:
            yield Problem(key, f"form {form} is missing from cadence.meeting.fullest_first")
    if len(set(order)) < len(order):
        yield Problem("cadence.meeting.fullest_first", "names a form twice")


def _check_slot(slot: Slot, kinds: set[VisitKind], products: set[Product]) -> Iterator[Problem]:
    key = f"cadence.slots.{slot.id}"
    if isinstance(slot, AroundVisit):
        yield from unknown(f"{key}.kinds", slot.kinds, kinds, "no visit is of kind")
    if isinstance(slot, AroundVisit | AfterInfusion | DaysAfterInfusion):
        yield from unknown(f"{key}.products", slot.products, products, "no infusion is of product")
    if isinstance(slot, DaysAfterInfusion) and slot.from_hours >= slot.to_hours:
        yield Problem(f"{key}.to_hours", "comes after from_hours")


def _check_period(slot: Slot) -> Iterator[Problem]:
    if not isinstance(slot, Daily | Weekly):
        return
    key = f"cadence.slots.{slot.id}.during"
    period = slot.during
    if period.start is None:
        yield Problem(f"{key}.from", "is missing")
    if (period.until is None) == (period.before is None):
        yield Problem(key, "ends with until or with before, one of them")
