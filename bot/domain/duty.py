"""Who is on call at an instant, when that changes, and where nobody is: pure, from the rota and its hours.

A duty day begins at the hour of change on the wall of the site and lasts until
the next day's.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.domain.calendar import local_to_utc, to_local

_DAYS_AHEAD = 21


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours beside the rota: `on` puts somebody on call too, `off` takes them off whatever the rota says."""

    staff_id: int
    kind: Literal["on", "off"]
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Tell whether an instant lies within; the end does not."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Duty:
    """All that says who is on call: the rota by duty day, hours, and who is on until they say otherwise.

    `change_at`: the hour of change. `look_ahead`: from how far off a gap is seen.
    """

    zone: str
    change_at: time
    look_ahead: timedelta
    days: Mapping[date, int]
    hours: tuple[Hours, ...] = ()
    standing: Collection[int] = ()
    active: Collection[int] = field(default_factory=tuple)
    """Those who are on the staff still: a day of anybody else is a day of nobody."""

    def at(self, instant: datetime) -> tuple[int, ...]:
        """Return who is on call, each once: of the rota, of the hours, and standing."""
        holding = [each for each in self.hours if each.holds(instant)]
        off = {each.staff_id for each in holding if each.kind == "off"}
        of_rota = self.days.get(duty_day(instant, self.zone, self.change_at))
        planned = [] if of_rota is None or of_rota in off else [of_rota]
        more = [each.staff_id for each in holding if each.kind == "on"]
        everyone = dict.fromkeys([*planned, *more, *sorted(self.standing)])
        return tuple(who for who in everyone if who in self.active)

    def changes(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants after `since`, up to `until`, at which somebody comes on or goes, in order."""
        before = self.at(since)
        for instant in sorted(set(self._edges(since, until))):
            after = self.at(instant)
            if set(after) != set(before):
                yield instant
            before = after

    def _edges(self, since: datetime, until: datetime) -> Iterator[datetime]:
        on = duty_day(since, self.zone, self.change_at)
        while (starts_at := day_starts_at(on, self.zone, self.change_at)) <= until:
            if starts_at > since:
                yield starts_at
            on += timedelta(days=1)
        for each in self.hours:
            yield from (edge for edge in (each.starts_at, each.ends_at) if since < edge <= until)

    def gaps(self, since: datetime, until: datetime) -> tuple["Gap", ...]:
        """Return the times between two instants in which nobody is on call; the last may go on beyond."""
        edges = [since, *self.changes(since, until), until]
        return tuple(
            Gap(start, end, is_open=end == until)
            for start, end in itertools.pairwise(edges)
            if start < end and not self.at(start)
        )

    def look_again_at(self, now: datetime) -> datetime | None:
        """Return the next instant at which there is a change to hand over, or a gap comes into sight."""
        horizon = now + timedelta(days=_DAYS_AHEAD)
        in_sight = (gap.starts_at - self.look_ahead for gap in self.gaps(now, horizon))
        coming = (at for at in (*self.changes(now, horizon), *in_sight) if at > now)
        return min(coming, default=None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody is on call; an open one has no known end."""

    starts_at: datetime
    ends_at: datetime
    is_open: bool = False


def duty_day(instant: datetime, zone: str, change_at: time) -> date:
    """Return the duty day of an instant: before the hour of change it is still yesterday's."""
    wall = to_local(instant, zone)
    return wall.date() if wall.time() >= change_at else wall.date() - timedelta(days=1)


def day_starts_at(on: date, zone: str, change_at: time) -> datetime:
    """Return when a duty day begins."""
    return local_to_utc(on, change_at, zone)


def monday_of(on: date) -> date:
    """Return the Monday of a date's week."""
    return on - timedelta(days=on.weekday())


def week_of(on: date) -> tuple[date, ...]:
    """Return the seven dates of a date's week, from Monday."""
    return tuple(monday_of(on) + timedelta(days=n) for n in range(7))
