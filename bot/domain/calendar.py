"""Day N and Month N, windows and zones: the sums of the trial's calendar.

Days are numbered from Day 1, the first rituximab day; Day -1 is the day before
it, and there is no Day 0. Months are calendar months from the anchor.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Window(NamedTuple):
    """The days on which a visit may take place, both included."""

    from_on: date
    to_on: date

    def holds(self, on: date) -> bool:
        """Tell whether a date lies in the window."""
        return self.from_on <= on <= self.to_on


def day_on(anchor: date, n: int) -> date:
    """Return the date of Day `n`, Day 1 being the anchor; Day 0 does not exist and is refused."""
    if n == 0:
        raise ValueError("there is no Day 0: Day 1 is the anchor, Day -1 the day before it")
    return anchor + timedelta(days=n - 1 if n > 0 else n)


def month_on(anchor: date, n: int) -> date:
    """Return the anchor plus `n` calendar months, clamped to the month's end.

    Always counted from the anchor: from 31 August, Month 6 is the end of
    February and Month 9 is 31 May again.
    """
    years, month = divmod(anchor.month - 1 + n, 12)
    year = anchor.year + years
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def visit_on(anchor: date, *, day: int | None = None, month: int | None = None) -> date:
    """Return the planned date of a visit that is given by its day or by its month."""
    if (day is None) == (month is None):
        raise ValueError("a visit is planned by a day or by a month")
    return day_on(anchor, day) if day is not None else month_on(anchor, month or 0)


def window(on: date, before: int, after: int) -> Window:
    """Return the window of a visit planned on `on`, in days before and after it."""
    return Window(on - timedelta(days=before), on + timedelta(days=after))


def study_day(anchor: date, on: date) -> int:
    """Return the number of a date counted from Day 1; the day before it is Day -1."""
    days = (on - anchor).days
    return days + 1 if days >= 0 else days


def local_to_utc(on: date, at: time, zone: str) -> datetime:
    """Return the instant of a local date and time, in UTC.

    A time that the clocks jump over moves forward by the jump; of a time that
    comes twice, the first is meant. Both are what `fold=0` means.
    """
    return datetime.combine(on, at.replace(fold=0), zone_of(zone)).astimezone(UTC)


def to_local(instant: datetime, zone: str) -> datetime:
    """Return what the clocks of `zone` show at an instant."""
    return instant.astimezone(zone_of(zone))


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; an unknown one raises `ZoneInfoNotFoundError`."""
    return ZoneInfo(name)
