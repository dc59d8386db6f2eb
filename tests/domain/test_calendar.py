"""Day N, Month N, windows and zones, over every anchor date of eight years."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import day_on, local_to_utc, month_on, study_day, to_local, visit_on, window

# Two leap years, and the years in which the trial runs.
FIRST, LAST = date(2024, 1, 1), date(2031, 12, 31)
ZONES = (
    "Asia/Shanghai",  # no clock change
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "America/Santiago",  # at midnight
    "Africa/Casablanca",  # around Ramadan
    "Asia/Kathmandu",  # UTC + 5:45
)
MIDNIGHT_TO_MIDNIGHT = [time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 30)]


def anchors() -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def test_day_one_is_the_anchor_and_the_day_before_is_day_minus_one() -> None:
    for anchor in anchors():
        assert day_on(anchor, 1) == anchor
        assert day_on(anchor, -1) == anchor - timedelta(days=1)
        assert day_on(anchor, 28) - anchor == timedelta(days=27)


def test_day_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no Day 0"):
        day_on(date(2026, 12, 1), 0)


def test_the_study_day_of_day_n_is_n_and_never_0() -> None:
    for anchor in anchors():
        for n in (*range(-30, 0), *range(1, 30), 365):
            assert study_day(anchor, day_on(anchor, n)) == n


def test_month_n_keeps_the_day_of_the_month_or_is_the_last_of_a_shorter_one() -> None:
    for anchor in anchors():
        for n in (1, 2, 3, 6, 9, 12):
            on = month_on(anchor, n)
            months = (on.year - anchor.year) * 12 + on.month - anchor.month
            assert months == n
            assert on.day == min(anchor.day, monthrange(on.year, on.month)[1])


def test_month_twelve_is_the_same_day_a_year_later_but_for_the_leap_day() -> None:
    for anchor in anchors():
        on = month_on(anchor, 12)
        assert (on.year, on.month) == (anchor.year + 1, anchor.month)
        assert on.day == anchor.day or (anchor.month, anchor.day, on.day) == (2, 29, 28)


def test_months_are_counted_from_the_anchor_and_never_chained() -> None:
    anchor = date(2026, 8, 31)
    assert month_on(anchor, 6) == date(2027, 2, 28)
    assert month_on(anchor, 9) == date(2027, 5, 31)


def test_a_later_anchor_never_gives_an_earlier_visit() -> None:
    for n in (2, 3, 6, 9, 12):
        dates = [month_on(anchor, n) for anchor in anchors()]
        assert dates == sorted(dates)


def test_a_visit_is_planned_by_a_day_or_a_month_and_not_by_both() -> None:
    anchor = date(2027, 1, 31)
    assert visit_on(anchor, day=14) == date(2027, 2, 13)
    assert visit_on(anchor, month=1) == date(2027, 2, 28)
    for wrong in ({}, {"day": 1, "month": 1}):
        with pytest.raises(ValueError, match="by a day or by a month"):
            visit_on(anchor, **wrong)


def test_a_window_holds_its_first_and_its_last_day_and_no_other() -> None:
    for anchor in anchors():
        days = window(anchor, 2, 3)
        held = [n for n in range(-5, 6) if days.holds(anchor + timedelta(days=n))]
        assert held == [-2, -1, 0, 1, 2, 3]


@pytest.mark.parametrize("zone", ZONES)
def test_every_local_time_of_eight_years_is_that_time_or_the_one_after_the_jump(zone: str) -> None:
    """Four times a day for speed; the days with a clock change get their own test."""
    for on in anchors():
        for at in (time(6, 30), time(8), time(19), time(22)):
            assert to_local(local_to_utc(on, at, zone), zone).replace(tzinfo=None) == datetime.combine(on, at)


@pytest.mark.parametrize("zone", ZONES)
def test_on_a_day_with_a_clock_change_a_missing_time_moves_forward_and_a_double_one_is_the_first(
    zone: str,
) -> None:
    for on in (day for day in anchors() if _changes(day, zone)):
        for at in MIDNIGHT_TO_MIDNIGHT:
            instant = local_to_utc(on, at, zone)
            shown, wanted = to_local(instant, zone).replace(tzinfo=None), datetime.combine(on, at)
            if shown == wanted:
                earlier = [to_local(instant - timedelta(minutes=back), zone) for back in (30, 60)]
                assert wanted not in [one.replace(tzinfo=None) for one in earlier]
            else:
                assert timedelta(0) < shown - wanted <= timedelta(hours=1)
                assert not _exists(wanted, zone)


def test_the_clock_changes_of_berlin_by_hand() -> None:
    assert local_to_utc(date(2027, 3, 28), time(2, 30), "Europe/Berlin") == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )
    assert local_to_utc(date(2027, 10, 31), time(2, 30), "Europe/Berlin") == datetime(
        2027, 10, 31, 0, 30, tzinfo=UTC
    )


def test_the_zones_of_these_tests_do_change_their_clocks() -> None:
    changing = {zone: sum(_changes(on, zone) for on in anchors()) for zone in ZONES}
    assert changing["Asia/Shanghai"] == changing["Asia/Kathmandu"] == 0
    assert all(
        count >= 16 for zone, count in changing.items() if zone not in ("Asia/Shanghai", "Asia/Kathmandu")
    )


def _changes(on: date, zone: str) -> bool:
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (on, on + timedelta(days=1)))
    return start.utcoffset() != end.utcoffset()


def _exists(wall: datetime, zone: str) -> bool:
    """Tell whether any instant within a day shows this wall clock, without a look at `fold`."""
    around = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    instants = (around + timedelta(minutes=15 * step) for step in range(4 * 30))
    return any(one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall for one in instants)
