"""Triage of the shipped protocol, line by line of the golden table, and the reading of its clauses."""

import pytest

from bot.domain.protocol import load_protocol
from bot.domain.triage import Assessment, Clocks, Context, Report, assess, assess_so_far
from tests.domain.cases import Case, expected, golden, outcome

PROTOCOL = load_protocol(anchor="rituximab")
CASES = tuple(golden())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line}: {case.title}")
def test_the_golden_table_holds(case: Case):
    assert outcome(case, PROTOCOL) == expected(case)


AFTER_NK = Context(Clocks(9, {"nk": 20.0}))


def brief(found: Assessment):
    return found.tier, found.amber_hours, {finding.rule for finding in found.findings}


def test_a_temperature_waits_for_its_place_where_the_place_decides():
    halfway = {"Q1": {"value": 37.6, "unit": "C"}}
    assert brief(assess_so_far(halfway, AFTER_NK, PROTOCOL)) == ("amber", 2, {"A_LOW_GRADE"})
    assert brief(assess(halfway, AFTER_NK, PROTOCOL)) == ("red", None, {"R1"})


def test_a_temperature_that_is_red_at_every_place_does_not_wait():
    halfway = {"Q1": {"value": 38.0, "unit": "C"}}
    assert assess_so_far(halfway, AFTER_NK, PROTOCOL).tier == "red"
    assert assess_so_far(halfway, Context(Clocks(90)), PROTOCOL).tier == "amber"
    assert assess_so_far({"Q1": {"value": 38.3}}, Context(Clocks(90)), PROTOCOL).tier == "red"


def test_what_is_red_or_green_at_every_place_is_said_at_once():
    halfway = {"Q1": {"value": 38.0, "unit": "C"}, "Q22": {"value": True, "tags": ["vaccine"]}}
    found = assess_so_far(halfway, Context(Clocks(90)), PROTOCOL)
    assert brief(found)[:2] == ("red", None)
    assert brief(assess_so_far({"Q1": {"value": 37.4}}, Context(Clocks(90)), PROTOCOL)) == (
        "green",
        None,
        set(),
    )


def test_an_onset_that_is_still_to_be_told_is_amber_and_sudden_when_the_form_is_left():
    halfway = {"Q12": {"value": True}}
    assert brief(assess_so_far(halfway, AFTER_NK, PROTOCOL)) == ("amber", 4, {"A_NEURO_GRADUAL"})
    assert brief(assess(halfway, AFTER_NK, PROTOCOL)) == ("red", None, {"R7"})


def test_two_undecided_answers_are_judged_at_the_mildest_of_both():
    halfway = {"Q12": {"value": True}, "Q1": {"value": 37.6, "unit": "C"}}
    found = assess_so_far(halfway, Context(Clocks(90)), PROTOCOL)
    assert brief(found) == ("amber", 4, {"A_NEURO_GRADUAL"})


def test_the_mildest_of_green_and_amber_is_green():
    steroid = Context(Clocks(90), frozenset({"STEROID"}))
    halfway = {"Q1": {"value": 37.4, "unit": "C"}, "Q12": False, "Q99": {"value": True}}
    assert brief(assess_so_far(halfway, steroid, PROTOCOL)) == ("green", None, set())
    assert brief(assess(halfway, steroid, PROTOCOL)) == ("amber", 2, {"A_LOW_GRADE"})


def test_history_is_read_by_age_whatever_its_order():
    reports = (Report(24, {"Q17": 2}), Report(12, {"Q17": 0}))
    for history in (reports, reports[::-1]):
        found = assess({"Q17": 2}, Context(history=history), PROTOCOL)
        assert brief(found) == ("amber", 4, {"T_JUMP"})


def test_an_item_that_the_protocol_does_not_know_is_left_out():
    assert brief(assess({"Q99": True, "Q7": True}, Context(), PROTOCOL)) == ("red", None, {"R5"})


def test_a_second_reading_that_is_the_bad_one_asks_again():
    found = assess({"Q9": {"value": 95, "repeat": 90}}, Context(), PROTOCOL)
    assert (brief(found), found.remeasure, found.call_120) == (("amber", 1, {"R4"}), ("Q9",), False)


def test_a_second_reading_that_leaves_out_the_bad_value_confirms_it():
    first = {"sbp": 85, "dbp": 60, "pulse": 80}
    found = assess({"Q8": first | {"repeat": {"pulse": 80}}}, Context(), PROTOCOL)
    assert (brief(found)[0], found.call_120) == ("red", True)


def test_one_bad_repeat_of_two_confirms_and_one_missing_waits():
    both = {"Q8": {"sbp": 85, "dbp": 60, "repeat": {"sbp": 110, "dbp": 70}}, "Q9": {"value": 90}}
    found = assess(both, Context(), PROTOCOL)
    assert (brief(found), found.remeasure) == (("amber", 1, {"R4"}), ("Q9",))
    found = assess(both | {"Q9": {"value": 90, "repeat": 90}}, Context(), PROTOCOL)
    assert brief(found)[0] == "red"


def test_a_repeat_in_fahrenheit_is_read_in_the_unit_of_the_first():
    feverish = {"Q1": {"value": 99.7, "unit": "F", "place": "axillary", "repeat": 99.1}}
    assert brief(assess(feverish, Context(Clocks(90)), PROTOCOL)) == ("amber", 2, {"A_FEVER_ONCE"})
    feverish = {"Q1": {"value": 37.6, "place": "axillary", "repeat": {"value": 100.8, "unit": "F"}}}
    assert brief(assess(feverish, Context(Clocks(90)), PROTOCOL)) == ("red", None, {"R2"})


def test_a_second_reading_that_is_worse_than_the_first_waits_for_a_third_and_is_amber_until_then():
    found = assess({"Q9": {"value": 95, "repeat": 90}}, Context(), PROTOCOL)
    (low,) = [each for each in found.findings if each.rule == "R4"]
    assert (low.tier, low.hours, low.call_120, low.remeasure) == ("amber", 1, False, ("Q9",))


def test_a_finding_that_is_confirmed_is_red_without_hours_and_calls():
    found = assess({"Q9": {"value": 90, "repeat": 90}}, Context(), PROTOCOL)
    (low,) = [each for each in found.findings if each.rule == "R4"]
    assert (low.tier, low.hours, low.call_120, low.remeasure) == ("red", None, True, ())


def test_a_bad_pressure_with_a_symptom_is_red_on_both_and_says_so():
    found = assess({"Q8": {"sbp": 185, "dbp": 90}, "Q11": 2}, Context(), PROTOCOL)
    (high,) = [each for each in found.findings if each.rule == "R10"]
    assert (high.tier, high.hours, high.items) == ("red", None, frozenset({"Q8", "Q11"}))
