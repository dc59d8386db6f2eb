"""Who is on call: the rota by duty day, hours beside it, changes, and gaps found before they matter."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.duty import Duty, Gap, Hours, day_starts_at, duty_day, monday_of, week_of

ZONE = "Asia/Shanghai"
CHANGE_AT, LOOK_AHEAD = time(8), timedelta(hours=48)
LIN, ZHAO = 1, 2
MONDAY = date(2026, 12, 7)


def at(day: int, hour: int) -> datetime:
    """Return an instant of December 2026 by the site's clock."""
    return datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=8)


def duty(**more) -> Duty:
    usual = {"days": {date(2026, 12, 7): LIN, date(2026, 12, 8): ZHAO}, "active": (LIN, ZHAO)}
    return Duty(ZONE, CHANGE_AT, LOOK_AHEAD, **{**usual, **more})


def test_a_duty_day_lasts_from_eight_to_eight_by_the_sites_clock():
    made = duty()
    assert [made.at(at(7, 8)), made.at(at(8, 7)), made.at(at(8, 8)), made.at(at(9, 8))] == [
        (LIN,),
        (LIN,),
        (ZHAO,),
        (),
    ]
    assert made.at(at(7, 7)) == ()


def test_hours_add_somebody_or_take_the_planned_one_off():
    hours = (Hours(ZHAO, "on", at(7, 12), at(7, 20)), Hours(LIN, "off", at(7, 14), at(7, 16)))
    made = duty(hours=hours)
    assert [made.at(at(7, hour)) for hour in (10, 12, 14, 16, 20)] == [
        (LIN,),
        (LIN, ZHAO),
        (ZHAO,),
        (LIN, ZHAO),
        (LIN,),
    ]


def test_who_is_on_until_further_notice_is_on_beside_the_rota():
    assert duty(standing={LIN}).at(at(8, 9)) == (ZHAO, LIN)
    assert duty(standing={LIN}).gaps(at(7, 9), at(20, 9)) == ()


def test_who_left_the_staff_is_nobody():
    assert duty(active=(ZHAO,)).at(at(7, 9)) == ()


def test_changes_are_the_instants_at_which_somebody_comes_on_or_goes():
    assert list(duty().changes(at(7, 9), at(20, 0))) == [at(8, 8), at(9, 8)]
    both_days_lin = duty(days={date(2026, 12, 7): LIN, date(2026, 12, 8): LIN})
    assert list(both_days_lin.changes(at(7, 9), at(20, 0))) == [at(9, 8)]


def test_a_gap_is_found_with_its_beginning_and_its_end():
    made = duty(days={date(2026, 12, 7): LIN, date(2026, 12, 9): ZHAO})
    assert made.gaps(at(7, 9), at(10, 7)) == (Gap(at(8, 8), at(9, 8)),)
    assert made.gaps(at(7, 9), at(12, 0)) == (
        Gap(at(8, 8), at(9, 8)),
        Gap(at(10, 8), at(12, 0), is_open=True),
    )


def test_the_next_look_is_when_a_gap_comes_into_sight_or_duty_changes():
    week = duty(days=dict.fromkeys(week_of(MONDAY), LIN))
    ends_at = day_starts_at(date(2026, 12, 14), ZONE, CHANGE_AT)
    assert week.look_again_at(at(7, 9)) == ends_at - LOOK_AHEAD
    assert week.look_again_at(ends_at - LOOK_AHEAD) == ends_at
    assert week.look_again_at(ends_at) is None


def test_a_week_begins_on_monday():
    assert monday_of(date(2026, 12, 13)) == MONDAY
    assert week_of(date(2026, 12, 10))[-1] == date(2026, 12, 13)


hours_of_december = st.integers(0, 24 * 20).map(lambda n: at(1, 0) + timedelta(hours=n))
more_hours = st.builds(
    lambda who, kind, start, length: Hours(who, kind, start, start + timedelta(hours=length)),
    st.sampled_from([LIN, ZHAO]),
    st.sampled_from(["on", "off"]),
    hours_of_december,
    st.integers(1, 60),
)


@given(
    days=st.dictionaries(st.dates(date(2026, 12, 1), date(2026, 12, 20)), st.sampled_from([LIN, ZHAO])),
    hours=st.lists(more_hours, max_size=5),
    instant=hours_of_december,
)
def test_somebody_is_on_call_exactly_where_there_is_no_gap(days, hours, instant):
    made = duty(days=days, hours=tuple(hours))
    start, end = at(1, 0), at(22, 0)
    in_a_gap = any(gap.starts_at <= instant < gap.ends_at for gap in made.gaps(start, end))
    assert in_a_gap == (not made.at(instant))
    assert duty_day(instant, ZONE, CHANGE_AT) <= (instant + timedelta(hours=8)).date()
