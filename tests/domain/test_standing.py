"""Monthly reminders by flag until their end, and extras at visits; dates written by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.agenda import DueNotice, Facts, due, is_still_true, notice_key
from bot.domain.calendar import month_on, to_local
from bot.domain.planning import Course, last_treatment_on, plan
from bot.domain.timetable import Notice, timetable
from tests.domain.schedules import DAY1, SHANGHAI, Diary, at, facts, shipped, visit

BOTH = frozenset({"CONTRACEPTION", "NO_GAMETE_DONATION"})


def flagged(*visits, flags: frozenset[str] = BOTH, day1_on: date = DAY1) -> Facts:
    known = facts(*visits, day1_on=day1_on)
    return replace(known, course=replace(known.course, flags=flags))


def days(course: Course) -> list[str]:
    return [f"{one.name} {to_local(one.due_at, SHANGHAI):%Y-%m-%d %H:%M}" for one in notices(course)]


def notices(course: Course) -> tuple[Notice, ...]:
    return timetable(course, shipped()).notices


def test_every_month_after_the_last_infusion_and_once_after_the_last_visit_by_hand() -> None:
    """Day 1 on 1 December 2026: the last infusion on the 8th, Month 12 on 1 December, the end on the 8th."""
    assert days(flagged().course) == [
        "1 2027-01-08 10:00",
        "2 2027-02-08 10:00",
        "3 2027-03-08 10:00",
        "4 2027-04-08 10:00",
        "5 2027-05-08 10:00",
        "6 2027-06-08 10:00",
        "7 2027-07-08 10:00",
        "8 2027-08-08 10:00",
        "9 2027-09-08 10:00",
        "10 2027-10-08 10:00",
        "11 2027-11-08 10:00",
        "last 2027-12-02 10:00",
    ]
    assert {one.until_on for one in notices(flagged().course)} == {date(2027, 12, 8)}


def test_months_are_clamped_and_never_chained() -> None:
    late = flagged(visit("D8", started_at=at("2026-12-31 09:00"), ended_at=at("2026-12-31 12:00")))
    assert [each.split()[1] for each in days(late.course)][:3] == ["2027-01-31", "2027-02-28", "2027-03-31"]


def test_the_end_counts_from_the_last_infusion_that_was_given() -> None:
    held = flagged(visit("D8", status="held"))
    assert last_treatment_on(held.course, shipped()) == date(2026, 12, 6)
    assert {one.until_on for one in notices(held.course)} == {date(2027, 12, 6)}
    delayed = flagged(visit("D8", started_at=at("2027-02-10 09:00"), ended_at=at("2027-02-10 12:00")))
    after = [each for each in days(delayed.course) if each.split()[1] > "2027-12-01"]
    # Months go on to the end by themselves: no further one because of the last visit.
    assert after == ["10 2027-12-10 10:00", "11 2028-01-10 10:00"]


def test_a_last_visit_after_the_end_brings_none() -> None:
    late = flagged(visit("M12", moved_to_on=date(2027, 12, 10)))
    assert days(late.course)[-1] == "11 2027-11-08 10:00"


def test_each_month_is_due_once_and_none_after_the_end() -> None:
    diary = Diary(flagged()).live(at("2026-11-20 09:00"), at("2029-01-01 09:00"))
    got = [item for _, item in diary.got if isinstance(item, DueNotice)]
    assert [item.name for item in got] == [*map(str, range(1, 12)), "last"]
    assert len({item.key for item in got}) == 12
    assert diary.next_look is None


def test_who_has_no_flag_is_not_reminded() -> None:
    assert notices(facts().course) == ()
    assert notices(flagged(flags=frozenset({"STEROID"})).course) == ()


def test_who_left_is_not_reminded_any_more() -> None:
    now = at("2027-01-08 10:00")
    (item,) = (each for each in due(flagged(), shipped(), now).items if isinstance(each, DueNotice))
    assert is_still_true(flagged(), shipped(), item.key, now)
    left = replace(flagged(), followed=False)
    assert due(left, shipped(), now).items == ()
    assert not is_still_true(left, shipped(), item.key, now)
    assert item.key == notice_key(7, "family_planning", "1")


def test_over_eight_years_of_anchors_reminders_are_monthly_inside_the_binding_year() -> None:
    for n in range(0, 8 * 365, 5):
        course = flagged(day1_on=date(2024, 1, 1) + timedelta(days=n)).course
        treated_on = last_treatment_on(course, shipped())
        assert treated_on is not None
        found = [to_local(one.due_at, SHANGHAI).date() for one in notices(course)]
        assert found[:11] == [month_on(treated_on, month) for month in range(1, 12)]
        visits = [each.on for each in plan(course, shipped()) if each.type.kind == "follow_up"]
        after = [each for each in found if each > max(visits)]
        assert len(after) == 1
        assert max(found) <= month_on(treated_on, 12)


@pytest.mark.parametrize(
    ("flags", "staff"),
    [
        ({"HBCAB_POS"}, ["visit.extra.hbv"]),
        ({"HCVAB_POS"}, ["visit.extra.hcv"]),
        ({"HBCAB_POS", "HCVAB_POS", "LN"}, ["visit.extra.hbv", "visit.extra.hcv", "visit.extra.kidney"]),
        ({"STEROID"}, []),
    ],
)
def test_extras_are_at_every_follow_up_visit_and_at_no_infusion(flags: set[str], staff: list[str]) -> None:
    for each in plan(Course(DAY1, SHANGHAI, flags=frozenset(flags)), shipped()):
        wanted = staff if each.type.kind == "follow_up" else []
        assert [extra.staff for extra in each.extras] == wanted
