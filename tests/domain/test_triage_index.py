"""A rule is not judged where nothing is answered that it rests on: what comes out is the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.domain.conditions import Condition, rests_on
from bot.domain.protocol import load_protocol
from bot.domain.rules import Rule
from bot.domain.triage import Context, assess
from tests.domain.cases import Case, golden

PROTOCOL = load_protocol(anchor="rituximab")
CASES = tuple(golden())
READ: TypeAdapter[Condition] = TypeAdapter(Condition)
FEVER, LOW = {"item": "Q1", "at_least": 38.0}, {"item": "Q9", "below": 90}
DYSPNOEA = {"item": "Q5", "above": 1}
YES, CHOSEN = {"item": "Q2", "is": True}, {"item": "Q12.onset", "is": "sudden"}
EARLIER = {"item": "Q1", "at_least": 38, "earlier": {"within_hours": 24}}


@pytest.mark.parametrize(
    ("condition", "signs"),
    [
        (FEVER, ["Q1+"]),
        (LOW, ["Q9"]),
        ({"item": "Q5", "above": 0}, ["Q5"]),
        ({"item": "Q5", "at_least": 0}, ["Q5"]),
        ({"item": "Q1", "at_least": "fever"}, ["Q1"]),
        (YES, ["Q2+"]),
        ({"item": "Q2", "is": False}, ["Q2"]),
        (CHOSEN, ["Q12+"]),
        ({"item": "Q6", "has": "fainting"}, ["Q6+"]),
        (EARLIER, None),
        ({"item": "Q8.sbp", "baseline": "sbp", "below_by": 40}, ["Q8"]),
        ({"item": "Q1", "rise": 1, "within_hours": 24}, ["Q1"]),
        ({"flag": "HBV"}, None),
        ({"heard": "suicide"}, None),
        ({"not": FEVER}, None),
        ({"all": [{"not": LOW}, LOW, FEVER, {"any": [YES, CHOSEN]}]}, ["Q1+"]),
        ({"all": [{"any": [FEVER, YES]}, CHOSEN]}, ["Q12+"]),
        ({"any": [FEVER, DYSPNOEA]}, ["Q1+", "Q5+"]),
        ({"any": [FEVER, {"flag": "HBV"}]}, None),
        ({"n": 2, "of": [FEVER, LOW]}, ["Q1+", "Q9"]),
    ],
)
def test_a_condition_names_what_must_be_answered_for_it_to_hold(
    condition: dict[str, Any], signs: list[str] | None
) -> None:
    found = rests_on(READ.validate_python(condition))
    names = None if found is None else sorted(name + "+" * says_yes for name, says_yes in found)
    assert names == signs


def test_a_rule_for_each_of_several_items_waits_for_each_alone() -> None:
    creeping = PROTOCOL.rules["T_CREEP"]
    assert creeping.targets(frozenset({("Q5", False), ("Q1", True)})) == ["Q5"]
    assert creeping.targets(frozenset()) == []
    assert PROTOCOL.rules["R12"].targets(frozenset()) == [None]


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(CASES), draw=st.data())
def test_whatever_was_answered_so_far_the_findings_are_those_of_all_rules(
    case: Case, draw: st.DataObject
) -> None:
    asked = draw.draw(st.sets(st.sampled_from(sorted(case.answers))) if case.answers else st.just(set()))
    given_so_far = {item: value for item, value in case.answers.items() if item in asked}

    found = assess(given_so_far, case.context, PROTOCOL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "targets", lambda rule, signs: rule.each or (None,))
        assert found == assess(given_so_far, case.context, PROTOCOL)


def test_a_reading_taken_again_counts_though_the_first_was_nought() -> None:
    answers = {"Q1": {"value": 0, "unit": "C", "place": "axillary", "repeat": {"value": 39.0}}}
    assert {each.rule for each in assess(answers, Context(), PROTOCOL).findings}
