"""Working days: weekends, public holidays with their make-up days, and what the site says itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from bot.domain.calendar import Window

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayName:
    """What a day off is called, in the two languages of the bot."""

    zh_CN: str
    en: str


@dataclass(frozen=True)
class Workdays:
    """Which days are worked, as data, for the years that were asked for.

    `off`: days off with their names; `worked`: weekend days that are worked,
    such as make-up days. `unannounced`: years whose holidays the authorities
    have not published yet: what is known of them is weekends and guesses.
    """

    off: Mapping[date, DayName] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()
    unannounced: frozenset[int] = frozenset()

    def is_working(self, on: date) -> bool:
        """Tell whether the site works on a date, as far as is known."""
        if on in self.worked:
            return True
        return on not in self.off and on.weekday() < SATURDAY

    def name(self, on: date) -> DayName | None:
        """Return what the holiday on a date is called; None for a plain weekend or a working day."""
        return None if on in self.worked else self.off.get(on)

    def is_announced(self, on: date) -> bool:
        """Tell whether the holidays of that year are known."""
        return on.year not in self.unannounced


@dataclass(frozen=True, slots=True)
class OfferedDay:
    """A day to which a visit may be moved, and why one would or would not."""

    on: date
    mark: Literal["working", "weekend", "holiday"]
    name: DayName | None
    is_announced: bool


def offered_day(on: date, workdays: Workdays) -> OfferedDay:
    """Return what is known of a date."""
    name = workdays.name(on)
    mark: Literal["working", "weekend", "holiday"] = "weekend"
    if workdays.is_working(on):
        mark = "working"
    elif name is not None:
        mark = "holiday"
    return OfferedDay(on, mark, name, workdays.is_announced(on))


def days_in(window: Window, workdays: Workdays, not_before: date) -> tuple[OfferedDay, ...]:
    """Return the days of a window from `not_before` on, each with what is known of it."""
    first = max(window.from_on, not_before)
    return tuple(
        offered_day(first + n * DAY, workdays) for n in range(max(0, (window.to_on - first).days + 1))
    )


def nearest_working(on: date, window: Window, workdays: Workdays, not_before: date) -> date | None:
    """Return the working day of the window that is nearest to `on`; None where it holds none.

    Of two as near the earlier is taken: who is seen sooner is looked after sooner.
    """
    open_days = [each.on for each in days_in(window, workdays, not_before) if each.mark == "working"]
    return min(open_days, key=lambda each: (abs((each - on).days), each), default=None)
