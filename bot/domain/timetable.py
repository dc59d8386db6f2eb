"""Every reminder and check-in of one participant's study, with its instant: what the agenda reads from.

It follows from the protocol and the participant's course alone, and is kept
for as long as neither changes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from bot.domain import calendar
from bot.domain.cadence import AfterInfusion, AnySlot, AroundVisit, Daily, DaysAfterInfusion, Weekly
from bot.domain.planning import (
    Course,
    PlannedVisit,
    anchor_on,
    infusions,
    last_treatment_on,
    last_visit_on,
    plan,
)
from bot.domain.protocol import Protocol
from bot.domain.schedule import WEEKDAYS, Product, QuietHours
from bot.domain.standing import Monthly

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One announcement of one visit; `on` and `at` are the visit's own."""

    visit: str
    rule: str
    on: date
    at: time
    due_at: datetime
    expires_at: datetime
    waits: bool
    """Whether quiet hours hold it back."""


@dataclass(frozen=True, slots=True)
class Checkin:
    """One occasion to ask a form; `local` is its wall-clock time, naive."""

    slot: str
    form: str
    local: datetime
    due_at: datetime
    expires_at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """One monthly reminder; `name` is the number of its month, or `last` after the last visit."""

    rule: str
    name: str
    due_at: datetime
    expires_at: datetime
    until_on: date
    waits: bool = True


@dataclass(frozen=True, slots=True)
class Timetable:
    """All occurrences in the order of their instants; `longest` is how long one may be worth sending."""

    reminders: tuple[Reminder, ...]
    checkins: tuple[Checkin, ...]
    notices: tuple[Notice, ...]
    reminder_times: tuple[datetime, ...]
    checkin_times: tuple[datetime, ...]
    notice_times: tuple[datetime, ...]
    longest: timedelta

    def reminders_until(self, now: datetime) -> int:
        """Return how many reminders are due at `now` or before."""
        return bisect_right(self.reminder_times, now)

    def checkins_until(self, now: datetime) -> int:
        """Return how many check-ins are due at `now` or before."""
        return bisect_right(self.checkin_times, now)

    def notices_until(self, now: datetime) -> int:
        """Return how many monthly reminders are due at `now` or before."""
        return bisect_right(self.notice_times, now)


@lru_cache(maxsize=1024)
def timetable(course: Course, protocol: Protocol) -> Timetable:
    """Return every reminder and check-in of a course."""
    reminders = tuple(sorted(_reminders(course, protocol), key=lambda one: one.due_at))
    checkins = tuple(_Occasions(course, protocol).merged())
    notices = tuple(sorted(_notices(course, protocol), key=lambda one: one.due_at))
    lengths = [one.expires_at - one.due_at for one in reminders]
    lengths += [one.expires_at - one.due_at for one in checkins]
    lengths += [one.expires_at - one.due_at for one in notices]
    return Timetable(
        reminders,
        checkins,
        notices,
        tuple(one.due_at for one in reminders),
        tuple(one.due_at for one in checkins),
        tuple(one.due_at for one in notices),
        max(lengths, default=timedelta()),
    )


def quiet_until(quiet: QuietHours, instant: datetime, zone: str) -> datetime | None:
    """Return when the quiet hours around an instant end, None when it is not a quiet one."""
    local = calendar.to_local(instant, zone)
    if not quiet.holds(local.time()):
        return None
    ends_today = local.time() < quiet.end
    return calendar.local_to_utc(local.date() if ends_today else local.date() + DAY, quiet.end, zone)


def _reminders(course: Course, protocol: Protocol) -> Iterator[Reminder]:
    own = dict(course.reminder_at)
    for visit in plan(course, protocol):
        if not visit.is_ahead:
            continue
        for rule in protocol.reminders.values():
            if visit.type.kind not in rule.kinds:
                continue
            at = rule.at_for(own.get(rule.id))
            asked = calendar.local_to_utc(visit.on - rule.days_before * DAY, at, course.zone)
            expires = min(asked + timedelta(minutes=rule.expires_after_minutes), visit.starts_at)
            held = quiet_until(protocol.quiet_hours, asked, course.zone) if rule.quiet else None
            if (held or asked) < expires:
                yield Reminder(visit.id, rule.id, visit.on, visit.at, held or asked, expires, rule.quiet)


def _notices(course: Course, protocol: Protocol) -> Iterator[Notice]:
    for rule in protocol.monthly.values():
        if course.flags.isdisjoint(line.flag for line in rule.lines):
            continue
        for name, on, until_on in _notice_days(rule, course, protocol):
            due_at = calendar.local_to_utc(on, rule.at, course.zone)
            due_at = quiet_until(protocol.quiet_hours, due_at, course.zone) or due_at
            yield Notice(
                rule.id, name, due_at, due_at + timedelta(minutes=rule.expires_after_minutes), until_on
            )


def _notice_days(rule: Monthly, course: Course, protocol: Protocol) -> Iterator[tuple[str, date, date]]:
    treated_on, seen_on = last_treatment_on(course, protocol), last_visit_on(course, protocol)
    if treated_on is None:
        return
    until_on = calendar.month_on(treated_on, rule.months)
    months = {n: calendar.month_on(treated_on, n) for n in range(1, rule.months)}
    yield from ((str(n), on, until_on) for n, on in months.items())
    if seen_on is not None and not any(on > seen_on for on in months.values()):
        after_on = seen_on + rule.days_after_last_visit * DAY
        if after_on <= until_on:
            yield "last", after_on, until_on


class _Raw(NamedTuple):
    due_at: datetime
    slot: AnySlot
    form: str


class _Occasions:
    """The check-ins of one course: each slot by itself, then those that meet made one."""

    def __init__(self, course: Course, protocol: Protocol) -> None:
        self.course, self.protocol, self.zone = course, protocol, course.zone
        self.anchor_on = anchor_on(course.day1_on, protocol)
        self.visits = [visit for visit in plan(course, protocol) if visit.takes_place]
        self.ends = [(visit.type.product, end) for visit, end in infusions(course, protocol)]
        self.first_hours = timedelta(hours=protocol.cadence.first_hours.hours)
        self.stood_in = set(self._stood_in())

    def merged(self) -> Iterator[Checkin]:
        """Yield the check-ins in order; of those that meet, the fuller form at the earlier time."""
        meeting = self.protocol.cadence.meeting
        within, rank = timedelta(minutes=meeting.within_minutes), meeting.fullest_first.index
        current: Checkin | None = None
        for one in sorted(self._all(), key=lambda one: (one.due_at, rank(one.form))):
            if current is None or one.due_at - current.due_at > within:
                if current is not None:
                    yield current
                current = one
                continue
            fuller = one if rank(one.form) < rank(current.form) else current
            form, expires_at = meeting.of(current.form, one.form), max(current.expires_at, one.expires_at)
            current = replace(current, slot=fuller.slot, form=form, expires_at=expires_at)
        if current is not None:
            yield current

    def _all(self) -> Iterator[Checkin]:
        for slot in self.protocol.cadence.slots.values():
            for raw in self._of(slot):
                waits = not self._in_first_hours(raw.due_at)
                expires = raw.due_at + timedelta(minutes=slot.expires_after_minutes)
                held = quiet_until(self.protocol.quiet_hours, raw.due_at, self.zone) if waits else None
                due_at = held or raw.due_at
                if due_at < expires:
                    local = calendar.to_local(due_at, self.zone).replace(tzinfo=None)
                    yield Checkin(slot.id, raw.form, local, due_at, expires, waits)

    def _of(self, slot: AnySlot) -> Iterator[_Raw]:
        if isinstance(slot, AroundVisit):
            return self._around_visit(slot)
        if isinstance(slot, AfterInfusion):
            return self._after_infusion(slot)
        if isinstance(slot, DaysAfterInfusion):
            return self._days_after_infusion(slot)
        return self._daily(slot) if isinstance(slot, Daily) else self._weekly(slot)

    def _around_visit(self, slot: AroundVisit) -> Iterator[_Raw]:
        for visit in self._visits_of(slot):
            on = visit.on + slot.days * DAY
            if slot.during.holds(on, self.course.day1_on, self.anchor_on):
                yield from self._at(slot, on, slot.at)

    def _after_infusion(self, slot: AfterInfusion) -> Iterator[_Raw]:
        for end in self._ends_of(slot.products):
            for hours in slot.hours:
                yield _Raw(end + timedelta(hours=hours), slot, slot.form)

    def _days_after_infusion(self, slot: DaysAfterInfusion) -> Iterator[_Raw]:
        for end in self._ends_of(slot.products):
            earliest, latest = (end + timedelta(hours=hours) for hours in (slot.from_hours, slot.to_hours))
            first, last = (calendar.to_local(edge, self.zone).date() for edge in (earliest, latest))
            for on in _dates(first, last):
                yield from (raw for raw in self._at(slot, on, slot.at) if earliest < raw.due_at <= latest)

    def _daily(self, slot: Daily) -> Iterator[_Raw]:
        left_out = {visit.on for visit in self.visits if visit.type.kind in slot.not_on}
        first, last = self._dates_of(slot)
        for on in _dates(first, last):
            if on not in left_out:
                for raw in self._at(slot, on, slot.at):
                    soon = slot.first_hours_form is not None and self._in_first_hours(raw.due_at)
                    yield raw._replace(form=slot.first_hours_form) if soon and slot.first_hours_form else raw

    def _weekly(self, slot: Weekly) -> Iterator[_Raw]:
        first, last = self._dates_of(slot)
        first += (WEEKDAYS.index(slot.weekday) - first.weekday()) % 7 * DAY
        for on in _dates(first, last, step=7 * slot.every_weeks):
            yield from self._at(slot, on, (slot.at,))

    def _at(self, slot: AnySlot, on: date, times: Iterable[time]) -> Iterator[_Raw]:
        stands_in = isinstance(slot, AroundVisit) and bool(slot.stands_in_for)
        for at in times:
            if stands_in or (on, at) not in self.stood_in:
                yield _Raw(calendar.local_to_utc(on, at, self.zone), slot, slot.form)

    def _dates_of(self, slot: Daily | Weekly) -> tuple[date, date]:
        return slot.during.dates(self.course.day1_on, self.anchor_on)

    def _stood_in(self) -> Iterator[tuple[date, time]]:
        for slot in self.protocol.cadence.slots.values():
            if isinstance(slot, AroundVisit):
                for visit in self._visits_of(slot):
                    yield from ((visit.on + slot.days * DAY, at) for at in slot.stands_in_for)

    def _visits_of(self, slot: AroundVisit) -> Iterator[PlannedVisit]:
        for visit in self.visits:
            if visit.type.kind in slot.kinds and (not slot.products or visit.type.product in slot.products):
                yield visit

    def _ends_of(self, products: tuple[Product, ...]) -> Iterator[datetime]:
        return (end for product, end in self.ends if product in products)

    def _in_first_hours(self, instant: datetime) -> bool:
        return any(end < instant <= end + self.first_hours for _, end in self.ends)


def _dates(first: date, last: date, step: int = 1) -> Iterator[date]:
    return (first + n * DAY for n in range(0, (last - first).days + 1, step))
