"""The whole year with scripted people: what goes out equals a count made here, independently."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from bot.sandbox.simulation import Script, joined_after_days, simulate

INFUSION_ENDS = time(11)
MEET_WITHIN = timedelta(minutes=90)


def at(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(on, time(hour, minute))


def months_after(day1: date, months: int) -> date:
    """Only for a Day 1 that every month has."""
    year, month = divmod(day1.year * 12 + day1.month - 1 + months, 12)
    return date(year, month + 1, day1.day)


def asked(day1: date) -> Iterator[datetime]:
    """Every check-in of a year by the wall clock, those that meet not yet made one (section 2)."""
    infusions = [day1 + timedelta(days=days) for days in (0, 3, 5, 7)]
    for on in infusions:
        yield at(on - timedelta(days=1), 19)
        yield at(on, 6, 30)
    yield from _after_rituximab(day1)
    for on in infusions[1:]:
        yield from _after_nk(on)
    for on in (day1 + timedelta(days=days) for days in range(28)):
        if on not in infusions:
            yield at(on, 8)
        yield at(on, 20)
    yield from _weekly(day1)
    yield from _fortnightly(day1)


def _after_rituximab(on: date) -> Iterator[datetime]:
    end = datetime.combine(on, INFUSION_ENDS)
    yield from (end + timedelta(hours=4), at(on, 20), at(on + timedelta(days=1), 8), end + timedelta(days=1))


def _after_nk(on: date) -> Iterator[datetime]:
    end = datetime.combine(on, INFUSION_ENDS)
    yield from (end + timedelta(hours=4), end + timedelta(hours=8))


def _weekly(day1: date) -> Iterator[datetime]:
    on = day1 + timedelta(days=28)
    while on < months_after(day1, 6):
        if on.isoweekday() == 7:
            yield at(on, 19)
        on += timedelta(days=1)


def _fortnightly(day1: date) -> Iterator[datetime]:
    on = months_after(day1, 6)
    on += timedelta(days=7 - on.isoweekday())
    while on <= months_after(day1, 12):
        yield at(on, 19)
        on += timedelta(days=14)
    for months in (9, 12):
        yield at(months_after(day1, months) - timedelta(days=3), 19)


def met(instants: Iterator[datetime]) -> list[datetime]:
    """Make one of those that are at most 90 minutes apart, at the earlier time."""
    kept: list[datetime] = []
    for instant in sorted(set(instants)):
        if not kept or instant - kept[-1] > MEET_WITHIN:
            kept.append(instant)
    return kept


async def test_a_year_sends_as_many_reminders_and_check_ins_as_the_protocol_says() -> None:
    script = Script(participants=1, months=12)
    counted = await simulate(script, lambda _: None)
    asked_in_a_year = met(asked(script.day1_on(0)))
    # Eleven visits, each three days before, the day before and on the morning.
    assert counted.messages["reminder", "sent"] == 11 * 3
    assert sum(counted.checkins.values()) == len(asked_in_a_year) == counted.messages["checkin", "sent"]
    assert not [key for key in counted.messages if key[1] not in ("sent", "skipped")]


@pytest.mark.slow
async def test_eighteen_participants_for_a_year() -> None:
    script = Script()
    counted = await simulate(script, lambda _: None)
    assert counted.participants == script.participants == 18
    assert counted.messages["reminder", "sent"] == 18 * 11 * 3
    assert sum(counted.checkins.values()) == sum(len(met(asked(script.day1_on(n)))) for n in range(18))


@pytest.mark.parametrize("participants", [1, 18, 19, 300])
def test_participants_join_one_a_week_and_a_crowd_in_the_weeks_that_eighteen_take(participants):
    days = [joined_after_days(number, participants) for number in range(participants)]
    assert days[0] == 0
    assert days == sorted(days)
    assert max(days) < 18 * 7
    if participants <= 18:
        assert days == [7 * number for number in range(participants)]
    else:
        # Nobody waits longer for the next one, and the last come in the last week.
        assert max(days) >= 17 * 7
        assert max(later - earlier for earlier, later in pairwise(days)) <= 7
