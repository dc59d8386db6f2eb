"""The arithmetic of the burden, against a log written by hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.population.burden import (
    AFTERMATH,
    Asked,
    Followed,
    Log,
    Page,
    Raised,
    burden,
    missed,
    truth_behind,
)
from bot.sandbox.population.conditions import Condition
from bot.sandbox.population.report import as_json, lines

DAY1 = datetime(2026, 12, 1, tzinfo=UTC)


def at(day: float, hour: float = 0) -> datetime:
    return DAY1 + timedelta(days=day - 1, hours=hour)


def ill(kind: str, since: datetime, until: datetime) -> Condition:
    return Condition(kind, since, until, {}, frozenset())


def followed(*conditions: Condition, code: str = "001", **more) -> Followed:
    return Followed(code, "plain", at(1), at(15), conditions, **more)


def raised(since: datetime, tier: str = "red", rules=("R1",), code: str = "001", **more) -> Raised:
    return Raised(code, tier, rules, since, since, **more)


# An infection is felt six hours after it begins.
INFECTION = ill("infection", at(3), at(8))
FLARE = ill("flare_joints", at(10), at(14))
COLD = ill("cold", at(6), at(7))


def test_a_log_of_two_people_and_two_weeks_adds_up() -> None:
    log = Log(
        [followed(INFECTION, COLD), followed(FLARE, code="002")],
        [
            raised(at(3, 8), page_at=at(3, 8.5), acknowledged_at=at(3, 9), contacted_at=at(3, 10)),
            raised(at(2), "amber 4 h", ("A_WEIGHT", "A_URINE"), page_at=at(2), acknowledged_at=at(2, 2)),
            raised(at(11), "amber 24 h", ("A_WEIGHT",), code="002"),
        ],
        [Page("Lin", at(2), True), Page("Lin", at(3, 8), False), Page("Song", at(3, 8), False)],
        [
            Asked("001", at(2), at(2, 1), True),
            Asked("001", at(3, 8), at(3, 8), True),
            Asked("001", at(4), None, False),
            Asked("002", at(11), at(11), False),
        ],
    )
    found = burden(log)
    assert found.weeks == 4
    assert found.alerts == {("red", "urgent"): 1, ("amber 4 h", "nothing"): 1, ("amber 24 h", "important"): 1}
    assert found.rules == {
        ("R1", "urgent"): 1,
        ("A_WEIGHT", "nothing"): 1,
        ("A_URINE", "nothing"): 1,
        ("A_WEIGHT", "important"): 1,
    }
    assert (found.total, found.needless) == (3, 1)
    assert found.conditions == {"urgent": 1, "important": 1}
    assert (found.checkins, found.answered, found.alerted) == (4, 3, 2)
    assert found.times["red page"].median == 30
    assert found.times["red acknowledge"].median == 60
    assert found.times["red contact"].longest == 120
    assert found.times["amber 4 h acknowledge"].n == 1
    assert found.pages == {"Lin": (1.0, 0.5), "Song": (0.5, 0.0)}
    assert found.missed == ()


@pytest.mark.parametrize(
    ("opened_at", "truth"),
    [
        (at(2, 23), "nothing"),
        (at(3), "urgent"),
        (at(8) + AFTERMATH, "urgent"),
        (at(8) + AFTERMATH + timedelta(minutes=1), "nothing"),
    ],
)
def test_an_alert_is_about_what_is_there_or_was_within_the_day(opened_at, truth) -> None:
    assert truth_behind(raised(opened_at), [INFECTION]) == truth


def test_the_gravest_of_several_is_behind_an_alert() -> None:
    assert truth_behind(raised(at(6, 5)), [COLD, INFECTION]) == "urgent"
    assert truth_behind(raised(at(6, 5)), [COLD]) == "minor"


def only(person: Followed, own=(), asked=()):
    return [(each.kind, each.why, each.found_at) for each in missed(Log([person], own, [], asked))]


def test_an_alert_in_its_proper_time_catches_and_one_a_minute_later_does_not() -> None:
    due_at = at(3, 6 + 12)
    assert only(followed(INFECTION), [raised(due_at)]) == []
    late = due_at + timedelta(minutes=1)
    assert only(followed(INFECTION), [raised(late)]) == [("infection", "not_asked", late)]


def test_an_alert_in_hand_when_it_begins_catches_it_and_a_closed_one_does_not() -> None:
    assert only(followed(INFECTION), [raised(at(2))]) == []
    assert only(followed(INFECTION), [raised(at(2), closed_at=at(2, 5))]) == [
        ("infection", "not_asked", None)
    ]


def test_an_alert_of_somebody_else_catches_nothing() -> None:
    log = Log([followed(INFECTION), followed(code="002")], [raised(at(3, 7), code="002")], [], [])
    assert [each.code for each in missed(log)] == ["001"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ([], "not_asked"),
        ([Asked("001", at(3, 8), None, False)], "silent"),
        ([Asked("001", at(3, 8), at(3, 9), False)], "answered"),
        ([Asked("001", at(3, 8), at(3, 9), False, "temperature")], "temperature"),
        # Before it could be felt, and too late.
        ([Asked("001", at(3, 1), at(3, 2), False), Asked("001", at(4), at(4), False)], "not_asked"),
    ],
)
def test_a_missed_one_says_why(asked, why) -> None:
    assert only(followed(INFECTION), [], asked) == [("infection", why, None)]


def test_a_missed_one_of_somebody_who_blocked_the_bot_says_so() -> None:
    assert only(followed(INFECTION, blocked_at=at(3)))[0][1] == "blocked"


def test_what_begins_in_hospital_or_is_minor_is_not_the_bots_to_find() -> None:
    assert only(followed(INFECTION, stays=[(at(2), at(9))])) == []
    assert only(followed(COLD)) == []
    assert burden(Log([followed(COLD)], [], [], [])).conditions == {}


def test_an_empty_log_has_no_rates_and_can_be_told() -> None:
    found = burden(Log([], [], [], []))
    assert as_json(found)["alerts_per_participant_week"] == 0
    assert "none; no human called in time: 0" in "\n".join(lines(found))


def test_the_report_lists_the_missed_with_who_when_and_why_and_is_json() -> None:
    found = burden(Log([followed(INFECTION)], [raised(at(2), closed_at=at(2, 1))], [], []))
    told = "\n".join(lines(found))
    assert "001 2026-12-03 06:00Z urgent infection (plain)" in told
    assert "called never: no check-in fell into that time" in told
    assert "PRO-TECT: 34% of surveys" in told
    [one] = json.loads(json.dumps(as_json(found)))["missed"]
    assert (one["code"], one["since"], one["found_at"]) == ("001", "2026-12-03T06:00:00+00:00", None)
