"""The schedule as data: visit types, reminders, quiet hours, and places and periods of the study.

These models say what may stand in the protocol file; what follows from it for
one participant is worked out in `planning`, `timetable` and `agenda`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.domain import calendar
from bot.domain.definition import ClockTime, Identifier, Problem, Sourced, Strict, TextKey

VisitKind = Literal["screening", "infusion", "follow_up", "unscheduled"]
Product = Identifier
"""What an infusion gives: the clocks of the rules are counted from its end."""
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
        raise ValueError("there is no Day 0: Day 1 is the first day of treatment, Day -1 the day before it")
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
    An unscheduled one has neither: it is what visits that staff add are made of.
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
        if self.kind == "unscheduled" and (self.day or self.month):
            raise ValueError("an unscheduled visit has neither a day nor a month")
        if self.kind != "unscheduled" and (self.day is None) == (self.month is None):
            raise ValueError("a visit has a day or a month, one of them")
        if self.until_day is not None and (self.day is None or self.until_day <= self.day):
            raise ValueError("until_day comes after day")
        if (self.kind == "infusion") != (self.product is not None):
            raise ValueError("an infusion, and only an infusion, has a product")
        if (self.kind == "infusion") != (self.assumed_minutes is not None):
            raise ValueError("an infusion, and only an infusion, has assumed_minutes")
        return self

    @property
    def has_own_date(self) -> bool:
        """Whether the protocol gives it a date by itself; of the others only staff can."""
        return self.kind != "unscheduled" and self.until_day is None


UNSCHEDULED = re.compile(r"U[1-9]\d{0,3}")
"""What the ids of visits look like that staff add: U1, U2, …"""


def is_unscheduled(visit_type: str) -> bool:
    """Tell whether a visit was added by staff, by the shape of its id."""
    return UNSCHEDULED.fullmatch(visit_type) is not None


class ReminderRule(Sourced):
    """When a visit is announced: so many days before it, at a local time, to be sent only for so long.

    It is stale when `expires_after_minutes` have passed or the visit has begun,
    whichever comes first. With `quiet`, it waits for the end of the quiet hours.
    `choices` are the times to which participants may move it for themselves;
    none: it stays where it is.
    """

    id: Identifier
    days_before: Count
    at: ClockTime
    choices: tuple[ClockTime, ...] = ()
    expires_after_minutes: Minutes
    kinds: Annotated[tuple[VisitKind, ...], Field(min_length=1)]
    quiet: bool = True
    text: TextKey

    @model_validator(mode="after")
    def _among_its_choices(self) -> Self:
        if self.choices and self.at not in self.choices:
            raise ValueError("at is one of the choices")
        return self

    def at_for(self, wanted: time | None) -> time:
        """Return when somebody is reminded who wants another time: theirs where it is a choice still."""
        return wanted if wanted is not None and wanted in self.choices else self.at


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


def check_schedule(
    visits: Mapping[str, VisitType], reminders: Mapping[str, ReminderRule]
) -> Iterator[Problem]:
    """Yield what does not fit together between visits and reminders."""
    yield from _check_visits(visits.values())
    # How a visit that staff add is announced may be said where nobody can add one.
    known: set[str] = {visit.kind for visit in visits.values()} | {"unscheduled"}
    for rule in reminders.values():
        yield from unknown(f"reminders.{rule.id}.kinds", rule.kinds, known, "no visit is of kind")


def _check_visits(visits: Iterable[VisitType]) -> Iterator[Problem]:
    seen: dict[tuple[int | None, int | None], str] = {}
    for visit in visits:
        place = (visit.day, visit.month)
        if is_unscheduled(visit.id):
            yield Problem(f"visits.{visit.id}", "this id is kept for visits that staff add")
        if place in seen:
            yield Problem(f"visits.{visit.id}", f"is planned for the same day as {seen[place]}")
        seen.setdefault(place, visit.id)
    if (1, None) not in seen:
        yield Problem("visits", "no visit on Day 1, from which all days are counted")


def unknown(key: str, named: Iterable[str], known: Iterable[str], reason: str) -> Iterator[Problem]:
    """Yield each name that is not a known one."""
    for name in named:
        if name not in set(known):
            yield Problem(key, f"{reason} {name}")
