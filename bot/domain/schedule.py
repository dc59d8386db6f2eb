"""The schedule as data: visit types, reminders, the cadence of check-ins, quiet hours.

These models say what may stand in the protocol file; what follows from it for
one participant is worked out in `planning`, `timetable` and `agenda`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.domain import calendar
from bot.domain.definition import ClockTime, Identifier, Problem, Sourced, Strict, TextKey, with_ids

VisitKind = Literal["screening", "infusion", "follow_up"]
Product = Literal["rituximab", "nk"]
FollowUpAnchor = Literal["rituximab", "first_nk"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)

Count = Annotated[int, Field(strict=True, ge=0)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=60 * 24 * 14)]
Month = Annotated[int, Field(strict=True, ge=1, le=120)]


def _day_number(value: object) -> object:
    if value == 0:
        raise ValueError("there is no Day 0: Day 1 is the first rituximab day, Day -1 the day before it")
    return value


Day = Annotated[int, Field(strict=True, ge=-365, le=3650), BeforeValidator(_day_number)]
"""A study day, as the registration numbers them."""


class VisitWindow(Sourced):
    """How many days before and after the planned date a visit may take place."""

    before: Count
    after: Count


class VisitType(Sourced):
    """A planned visit, by its day or its month; `tag` and `source` speak of that number.

    `until_day` makes it a span (screening), whose date only staff can set.
    `assumed_minutes` is how long an infusion is taken to last while its actual
    end is unknown: it drives the check-ins after it, and is never printed.
    """

    id: Identifier
    kind: VisitKind
    day: Day | None = None
    until_day: Day | None = None
    month: Month | None = None
    window: VisitWindow
    at: ClockTime
    product: Product | None = None
    assumed_minutes: Minutes | None = None
    fasting: bool = False
    urine_24h: bool = False
    name: TextKey
    prepare: TextKey
    bring: TextKey

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.day is None) == (self.month is None):
            raise ValueError("a visit has a day or a month, one of them")
        if self.until_day is not None and (self.day is None or self.until_day <= self.day):
            raise ValueError("until_day comes after day")
        if (self.kind == "infusion") != (self.product is not None):
            raise ValueError("an infusion, and only an infusion, has a product")
        if (self.kind == "infusion") != (self.assumed_minutes is not None):
            raise ValueError("an infusion, and only an infusion, has assumed_minutes")
        return self


class ReminderRule(Sourced):
    """When a visit is announced: so many days before it, at a local time, to be sent only for so long.

    It is stale when `expires_after_minutes` have passed or the visit has begun,
    whichever comes first. With `quiet`, it waits for the end of the quiet hours.
    """

    id: Identifier
    days_before: Count
    at: ClockTime
    expires_after_minutes: Minutes
    kinds: Annotated[tuple[VisitKind, ...], Field(min_length=1)]
    quiet: bool = True
    text: TextKey


class QuietHours(Sourced):
    """The local hours in which nothing is sent that can wait, the end not included."""

    start: Annotated[ClockTime, Field(alias="from")]
    end: Annotated[ClockTime, Field(alias="to")]

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start == self.end:
            raise ValueError("from and to are the same time")
        return self

    def holds(self, at: time) -> bool:
        """Tell whether a local time of day is a quiet one."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class Point(Strict):
    """A place in the study: a day counted from Day 1, or a month counted from the follow-up anchor."""

    day: Day | None = None
    month: Month | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.day is None) == (self.month is None):
            raise ValueError("a day or a month, one of them")
        return self

    def on(self, day1_on: date, anchor_on: date) -> date:
        """Return its date."""
        if self.day is not None:
            return calendar.day_on(day1_on, self.day)
        return calendar.visit_on(anchor_on, month=self.month)


class Slot(Sourced):
    """When one kind of check-in is asked, with which form, and how long the question is worth asking."""

    id: Identifier
    form: Identifier
    expires_after_minutes: Minutes


class Period(Strict):
    """The part of the study in which a slot holds: `until` includes its date, `before` does not."""

    start: Annotated[Point | None, Field(alias="from")] = None
    until: Point | None = None
    before: Point | None = None

    def dates(self, day1_on: date, anchor_on: date) -> tuple[date, date]:
        """Return its first and its last date, as early and as late as there are where it is open."""
        first = self.start.on(day1_on, anchor_on) if self.start else date.min
        last = self.until.on(day1_on, anchor_on) if self.until else date.max
        if self.before:
            last = min(last, self.before.on(day1_on, anchor_on) - timedelta(days=1))
        return first, last

    def holds(self, on: date, day1_on: date, anchor_on: date) -> bool:
        """Tell whether a local date lies in the period."""
        first, last = self.dates(day1_on, anchor_on)
        return first <= on <= last


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


def check_schedule(
    visits: Mapping[str, VisitType], reminders: Mapping[str, ReminderRule], cadence: Cadence
) -> Iterator[Problem]:
    """Yield what does not fit together between visits, reminders and cadence."""
    yield from _check_visits(visits.values())
    known = {visit.kind for visit in visits.values()}
    for rule in reminders.values():
        yield from _unknown(f"reminders.{rule.id}.kinds", rule.kinds, known, "no visit is of kind")
    products = {visit.product for visit in visits.values() if visit.product}
    for slot in cadence.slots.values():
        yield from _check_slot(slot, known, products)
        yield from _check_period(slot)
    order = cadence.meeting.fullest_first
    for key, form in cadence.forms():
        if form not in order:
            yield Problem(key, f"form {form} is missing from cadence.meeting.fullest_first")
    if len(set(order)) < len(order):
        yield Problem("cadence.meeting.fullest_first", "names a form twice")


def _check_visits(visits: Iterable[VisitType]) -> Iterator[Problem]:
    seen: dict[tuple[int | None, int | None], str] = {}
    for visit in visits:
        place = (visit.day, visit.month)
        if place in seen:
            yield Problem(f"visits.{visit.id}", f"is planned for the same day as {seen[place]}")
        seen.setdefault(place, visit.id)
    if (1, None) not in seen:
        yield Problem("visits", "no visit on Day 1, from which all days are counted")


def _check_slot(slot: Slot, kinds: set[VisitKind], products: set[Product]) -> Iterator[Problem]:
    key = f"cadence.slots.{slot.id}"
    if isinstance(slot, AroundVisit):
        yield from _unknown(f"{key}.kinds", slot.kinds, kinds, "no visit is of kind")
    if isinstance(slot, AroundVisit | AfterInfusion | DaysAfterInfusion):
        yield from _unknown(f"{key}.products", slot.products, products, "no infusion is of product")
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


def _unknown(key: str, named: Iterable[str], known: Iterable[str], reason: str) -> Iterator[Problem]:
    for name in named:
        if name not in set(known):
            yield Problem(key, f"{reason} {name}")
