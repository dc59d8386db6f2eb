"""The cadence of check-ins over many anchor dates, against sums that do not use the timetable's own."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from bot.domain.calendar import month_on
from bot.domain.planning import Course
from bot.domain.schedule import Period, Point, QuietHours
from bot.domain.timetable import Checkin, timetable
from tests.domain.schedules import DAY1, SHANGHAI, at, moved, shipped, visit

DAY = timedelta(days=1)
# Every 13th day of eight years: every weekday, every end of a month, and quick.
ANCHORS = [date(2024, 1, 1) + n * DAY for n in range(0, 8 * 365, 13)]


def asked(anchor: date) -> tuple[Checkin, ...]:
    return timetable(Course(anchor, SHANGHAI), shipped()).checkins


def test_no_two_check_ins_are_within_ninety_minutes() -> None:
    for anchor in ANCHORS:
        for one, other in pairwise(asked(anchor)):
            assert other.due_at - one.due_at > timedelta(minutes=90)


def test_to_day_28_every_day_has_a_morning_and_an_evening() -> None:
    for anchor in ANCHORS:
        for n in range(1, 28):
            hours = [one.local.hour for one in asked(anchor) if one.local.date() == anchor + n * DAY]
            assert 2 <= len(hours) <= 3
            assert min(hours) in (6, 8)
            assert max(hours) in (19, 20)


def test_from_day_29_every_sunday_until_month_6_and_no_other_day() -> None:
    for anchor in ANCHORS:
        month6 = month_on(anchor, 6)
        days = [anchor + n * DAY for n in range(28, (month6 - anchor).days)]
        weekly = [f"{one.local}" for one in asked(anchor) if anchor + 28 * DAY <= one.local.date() < month6]
        assert weekly == [f"{day} 19:00:00" for day in days if day.isoweekday() == 7]


def test_from_month_6_to_month_12_every_second_sunday_and_three_days_before_each_visit() -> None:
    for anchor in ANCHORS:
        month6, month12 = month_on(anchor, 6), month_on(anchor, 12)
        first = next(day for day in (month6 + n * DAY for n in range(7)) if day.isoweekday() == 7)
        wanted = {day for day in (first + n * 14 * DAY for n in range(27)) if day <= month12}
        wanted |= {month_on(anchor, 9) - 3 * DAY, month12 - 3 * DAY}
        late = [one.local for one in asked(anchor) if one.local.date() >= month6]
        assert late == [datetime.combine(day, time(19)) for day in sorted(wanted)]


def test_nothing_is_asked_after_month_12_or_before_the_eve_of_day_1() -> None:
    for anchor in ANCHORS:
        assert asked(anchor)[0].local == datetime.combine(anchor - DAY, time(19))
        assert asked(anchor)[-1].local.date() <= month_on(anchor, 12)


def test_inside_72_hours_of_an_infusion_no_evening_asks_for_the_temperature_alone() -> None:
    for anchor in ANCHORS:
        ends = [at(f"{anchor} 13:30"), *(at(f"{anchor + n * DAY} 12:30") for n in (3, 5, 7))]
        for one in asked(anchor):
            soon = any(end < one.due_at <= end + timedelta(hours=72) for end in ends)
            assert not (soon and one.form == "temperature")
            assert one.waits is not soon


def test_an_infusion_after_day_28_brings_its_own_hours_and_days() -> None:
    late = Course(DAY1, SHANGHAI, (moved("D8", "2027-01-05"),))
    asked_then = [
        f"{one.local:%m-%d %H:%M} {one.form}"
        for one in timetable(late, shipped()).checkins
        if date(2027, 1, 4) <= one.local.date() <= date(2027, 1, 9)
    ]
    assert asked_then == [
        "01-04 19:00 pre_infusion",
        "01-05 06:30 pre_infusion",
        "01-05 16:30 full",
        "01-05 20:30 full",
        "01-06 08:00 full",
        "01-06 20:00 full",
        "01-07 08:00 full",
        "01-07 20:00 full",
        "01-08 08:00 full",
    ]


def test_72_hours_include_the_exact_instant() -> None:
    """What ended at 08:00 is followed at 08:00 three days later; what ended a minute earlier is not."""
    for ended, last in (("08:00", "2027-01-08 08:00"), ("07:59", "2027-01-07 20:00")):
        known = visit("D8", started_at=at("2027-01-05 05:00"), ended_at=at(f"2027-01-05 {ended}"))
        course = Course(DAY1, SHANGHAI, (known,))
        nk_days = [one for one in timetable(course, shipped()).checkins if one.slot == "nk_days"]
        assert f"{nk_days[-1].local:%Y-%m-%d %H:%M}" == last


def test_exactly_72_hours_after_an_infusion_the_evening_is_still_a_full_one() -> None:
    for ended, form in (("20:00", "full"), ("19:59", "temperature")):
        began = visit("D1", started_at=at("2026-12-01 15:00"), ended_at=at(f"2026-12-01 {ended}"))
        course = Course(DAY1, SHANGHAI, (began, visit("D4", status="held")))
        forms = {one.local: one.form for one in timetable(course, shipped()).checkins}
        assert forms[datetime.fromisoformat("2026-12-04T20:00")] == form


def test_check_ins_exactly_ninety_minutes_apart_meet_and_a_minute_more_do_not() -> None:
    for ended, hours in (("14:30", ["18:30"]), ("14:29", ["18:29", "20:00"])):
        known = visit("D1", started_at=at("2026-12-01 08:30"), ended_at=at(f"2026-12-01 {ended}"))
        checkins = timetable(Course(DAY1, SHANGHAI, (known,)), shipped()).checkins
        evening = [one for one in checkins if one.local.date() == DAY1 and one.local.hour >= 12]
        assert [f"{one.local:%H:%M}" for one in evening] == hours


def test_a_later_visit_takes_its_check_in_three_days_before_along() -> None:
    later = Course(DAY1, SHANGHAI, (moved("M9", "2027-09-10"),))
    slots = {one.slot: one.local for one in timetable(later, shipped()).checkins if one.local.month == 9}
    assert slots["before_visit"] == datetime.fromisoformat("2027-09-07T19:00")


@pytest.mark.parametrize(
    ("start", "end", "quiet", "loud"),
    [
        ("22:00", "06:00", ("22:00", "00:00", "05:59"), ("21:59", "06:00")),
        ("13:00", "15:00", ("13:00",), ("15:00",)),
    ],
)
def test_quiet_hours_hold_their_start_and_not_their_end(
    start: str, end: str, quiet: tuple[str, ...], loud: tuple[str, ...]
) -> None:
    hours = QuietHours.model_validate({"from": start, "to": end, "tag": "D", "source": "a test"})
    assert all(hours.holds(time.fromisoformat(one)) for one in quiet)
    assert not any(hours.holds(time.fromisoformat(one)) for one in loud)


def test_a_period_includes_until_and_leaves_out_before() -> None:
    month = Point(month=1)
    for period, last_day_holds in ((Period(until=month), True), (Period(before=month), False)):
        assert period.holds(date(2027, 1, 1), DAY1, DAY1) is last_day_holds
        assert period.holds(date(2026, 12, 31), DAY1, DAY1)
        assert not period.holds(date(2027, 1, 2), DAY1, DAY1)


def test_meeting_forms_give_the_one_that_asks_both_else_the_fuller() -> None:
    meeting = shipped().cadence.meeting
    assert meeting.of("full", "pre_infusion") == meeting.of("pre_infusion", "full") == "eve"
    assert meeting.of("temperature", "pre_infusion") == "pre_infusion"
    assert meeting.of("full", "temperature") == "full"


def test_the_form_of_an_eve_asks_all_that_its_two_forms_ask_but_what_the_screen_asks_in_its_own_words() -> (
    None
):
    forms = shipped().forms
    missing = {*forms["full"].items, *forms["pre_infusion"].items} - set(forms["eve"].items)
    assert missing == {"Q3", "Q21"}
