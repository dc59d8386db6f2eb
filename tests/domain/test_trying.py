"""The cases of the interface, and whatever else somebody feeds in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.protocol import load_protocol
from bot.domain.trying import read_case, try_case
from bot.errors import BadInput

PROTOCOL = load_protocol(anchor="rituximab")
OF_THE_INTERFACE = """{"id": "x1",
 "clock": {"study_day": 9, "hours_since_rtx": 190, "hours_since_nk": 20},
 "flags": ["STEROID"], "baseline": {"spo2": 97},
 "history": [{"hours_ago": 12, "answers": {"Q5": 1}}],
 "answers": {"Q1": {"value": 38.2, "unit": "C", "place": "axillary"}, "Q2": true}}"""


def tried(**case):
    return try_case(case, PROTOCOL)


def test_the_case_of_the_interface_is_red():
    found = try_case(json.loads(OF_THE_INTERFACE), PROTOCOL)
    assert (found.assessment.tier, found.rules) == ("red", ("R1", "R2", "R3"))
    context = read_case(json.loads(OF_THE_INTERFACE)).context
    assert (context.clocks.study_day, context.clocks.hours_since) == (9, {"rituximab": 190.0, "nk": 20.0})
    assert context.flags == frozenset({"STEROID"})
    assert (context.baseline["spo2"], context.history[0].hours_ago) == (97.0, 12.0)


def test_an_impossible_value_is_refused_and_the_rest_is_judged():
    found = tried(answers={"Q1": {"value": 29.9, "place": "oral"}, "Q7": True})
    assert (found.refused, found.rules) == (("Q1",), ("R5",))
    assert tried(answers={"Q5": 5}).refused == ("Q5",)
    assert tried(answers={"Q8": {"sbp": 301}}).refused == ("Q8",)
    assert tried(answers={"Q1": {"value": 113.0, "unit": "F"}}).refused == ()


def test_the_answers_of_a_screen_make_the_case_a_screen():
    found = tried(answers={"screen": {"antibiotic": True}, "Q1": {"value": 37.4}}, clock={"study_day": 4})
    assert (found.assessment.tier, found.assessment.amber_hours) == ("amber", 1)


def test_a_missed_report_is_judged_by_its_clock():
    late = {"hours_late": 2, "last_tier": None, "contact": False}
    assert tried(missed=late, clock={"study_day": 5, "hours_since_nk": 20}).assessment.amber_hours == 1
    assert tried(missed=late | {"last_tier": "red"}, clock={"hours_since_nk": 20}).assessment.tier == "red"
    assert tried(missed=late, clock={"study_day": 5, "hours_since_nk": 20}, flags=["INPATIENT"]).rules == ()


def test_the_graver_of_what_was_answered_and_what_was_missed_counts():
    late = {"hours_late": 2}
    found = tried(missed=late, answers={"Q7": True}, clock={"hours_since_nk": 20})
    assert (found.assessment.tier, found.rules) == ("red", ("R5",))


def test_grave_rules_come_first():
    found = tried(answers={"Q1": {"value": 37.6}, "Q8": {"sbp": 95}, "Q9": {"value": 90}})
    assert found.rules == ("R3", "R4", "A_SBP_LOW")


@pytest.mark.parametrize(
    "case",
    [{"answers": 5}, {"missed": {"late": 2}}, {"history": [{"answers": {}}]}, {"clock": {"study_day": "x"}}],
)
def test_what_is_no_case_is_refused(case):
    with pytest.raises(BadInput, match=r"item\.refused\.case"):
        try_case(case, PROTOCOL)


LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.floats(-5, 300)
    | st.sampled_from(["oral", "C", "F", ""])
)
VALUE = LEAF | st.lists(st.sampled_from(["cough", "fainting", "new_bruises"]), max_size=2)
KEYS = [
    "value",
    "unit",
    "place",
    "severity",
    "blisters",
    "sbp",
    "pulse",
    "repeat",
    "onset",
    "tags",
    "weight_kg",
]
ANSWER = VALUE | st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=4)
ANSWERS = st.dictionaries(st.sampled_from(sorted(PROTOCOL.items)), ANSWER, max_size=8)


@given(ANSWERS, ANSWERS, st.integers(-10, 400), st.floats(0, 9000))
def test_no_answers_whatever_break_the_rules(answers, before, day, hours):
    case = {
        "answers": answers,
        "clock": {"study_day": day, "hours_since_nk": hours},
        "history": [{"hours_ago": 5, "answers": before}],
    }
    found = tried(**case).assessment
    assert (found.tier == "green") == (not found.findings)
    assert (found.amber_hours is not None) == (found.tier == "amber")
