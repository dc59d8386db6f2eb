"""A report that did not come, at every stage, on both sides of every minute."""

import pytest

from bot.domain.missed import Missed, assess_missed
from bot.domain.protocol import load_protocol
from bot.domain.triage import Clocks, Context

PROTOCOL = load_protocol(anchor="rituximab")
AFTER_NK = Context(Clocks(5, {"rituximab": 92.0, "nk": 20.0}))
AFTER_RTX = Context(Clocks(2, {"rituximab": 20.0}))
DAY_20 = Context(Clocks(20, {"rituximab": 450.0, "nk": 280.0}))
DAY_90 = Context(Clocks(90, {"rituximab": 2100.0, "nk": 1900.0}))


def tier(context, minutes, **facts):
    found = assess_missed(Missed(minutes, **facts), context, PROTOCOL).assessment
    return f"{found.tier} {found.amber_hours or ''}".rstrip()


@pytest.mark.parametrize("context", [AFTER_NK, AFTER_RTX])
@pytest.mark.parametrize(
    ("minutes", "expected", "nudges", "next_after"),
    [
        (0, "green", 0, 30),
        (29, "green", 0, 30),
        (30, "green", 1, 60),
        (60, "green", 2, 120),
        (119, "green", 2, 120),
        (120, "amber 1", 2, 240),
        (239, "amber 1", 2, 240),
        (240, "red", 2, None),
    ],
)
def test_the_first_72_hours(context, minutes, expected, nudges, next_after):
    now = assess_missed(Missed(minutes), context, PROTOCOL)
    assert tier(context, minutes) == expected
    assert (now.nudges, now.next_after_minutes, now.caregiver) == (nudges, next_after, True)


@pytest.mark.parametrize(
    ("context", "minutes", "expected", "nudges", "next_after"),
    [
        (DAY_20, 239, "green", 0, 240),
        (DAY_20, 240, "green", 1, 720),
        (DAY_20, 719, "green", 1, 720),
        (DAY_20, 720, "amber 4", 1, None),
        (DAY_20, 100_000, "amber 4", 1, None),
        (DAY_90, 1439, "green", 0, 1440),
        (DAY_90, 1440, "green", 1, 2880),
        (DAY_90, 2879, "green", 1, 2880),
        (DAY_90, 2880, "amber 24", 1, None),
    ],
)
def test_later_periods(context, minutes, expected, nudges, next_after):
    now = assess_missed(Missed(minutes), context, PROTOCOL)
    assert tier(context, minutes) == expected
    assert (now.nudges, now.next_after_minutes, now.caregiver) == (nudges, next_after, False)


@pytest.mark.parametrize(("hours", "expected"), [(72.0, "amber 1"), (72.1, "green")])
def test_the_period_is_that_of_the_asking(hours, expected):
    assert tier(Context(Clocks(7, {"nk": hours})), 120) == expected


@pytest.mark.parametrize(("day", "expected"), [(28, "amber 4"), (29, "green")])
def test_day_28_is_the_last_of_the_first_weeks(day, expected):
    assert tier(Context(Clocks(day)), 720) == expected


@pytest.mark.parametrize(
    ("context", "minutes", "expected"),
    [(AFTER_NK, 120, "red"), (DAY_20, 720, "amber 1"), (DAY_90, 2880, "amber 4")],
)
def test_an_open_amber_makes_it_one_step_graver(context, minutes, expected):
    assert tier(context, minutes, last_tier="amber") == expected
    assert tier(context, minutes - 1, last_tier="amber") == "green"


@pytest.mark.parametrize(("context", "minutes"), [(AFTER_NK, 120), (DAY_20, 720), (DAY_90, 2880)])
def test_an_open_red_makes_it_red(context, minutes):
    assert tier(context, minutes, last_tier="red") == "red"
    assert tier(context, minutes, last_tier="red", contact=True) == "red"
    assert tier(context, minutes, last_tier="green") != "red"


def test_contact_keeps_it_amber_after_four_hours():
    assert tier(AFTER_NK, 240, contact=True) == "amber 1"


def test_nothing_is_missed_in_hospital():
    now = assess_missed(Missed(500), Context(AFTER_NK.clocks, inpatient=True), PROTOCOL)
    assert (now.assessment.tier, now.nudges, now.next_after_minutes) == ("green", 0, None)


def test_the_finding_names_its_period_and_how_late_it_is():
    (found,) = assess_missed(Missed(150), AFTER_NK, PROTOCOL).assessment.findings
    assert (found.rule, found.values) == ("M_FIRST", {"hours_late": 2.5})
    assert [words.key for words in (found.reason, *found.evidence)] == ["rule.M_FIRST", "rule.seen.late"]
