"""A rule is not judged where none of its items is answered: what comes out is the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.domain.conditions import Condition, rests_on
from bot.domain.protocol import load_protocol
from bot.domain.rules import Rule
from bot.domain.triage import assess
from tests.domain.cases import Case, golden

PROTOCOL = load_protocol(anchor="rituximab")
CASES = tuple(golden())
READ: TypeAdapter[Condition] = TypeAdapter(Condition)
FEVER, DYSPNOEA = {"item": "Q1", "at_least": 38.0}, {"item": "Q5", "at_least": 2}


@pytest.mark.parametrize(
    ("condition", "items"),
    [
        (FEVER, {"Q1"}),
        ({"item": "Q8.sbp", "below": 90}, {"Q8"}),
        ({"item": "Q1", "at_least": 38, "earlier": {"within_hours": 24}}, None),
        ({"item": "Q8.sbp", "baseline": "sbp", "below_by": 40}, {"Q8"}),
        ({"item": "Q1", "rise": 1, "within_hours": 24}, {"Q1"}),
        ({"flag": "HBV"}, None),
        ({"heard": "suicide"}, None),
        ({"not": FEVER}, None),
        ({"all": [FEVER, {"not": DYSPNOEA}]}, {"Q1"}),
        ({"all": [{"any": [FEVER, DYSPNOEA]}, DYSPNOEA]}, {"Q5"}),
        ({"any": [FEVER, DYSPNOEA]}, {"Q1", "Q5"}),
        ({"any": [FEVER, {"flag": "HBV"}]}, None),
        ({"n": 2, "of": [FEVER, DYSPNOEA]}, {"Q1", "Q5"}),
    ],
)
def test_a_condition_names_the_items_without_which_it_cannot_hold(
    condition: dict[str, Any], items: set[str] | None
) -> None:
    found = rests_on(READ.validate_python(condition))
    assert (None if found is None else set(found)) == items


def test_a_rule_for_each_of_several_items_waits_for_that_item_alone() -> None:
    assert dict(PROTOCOL.rules["T_CREEP"].judged_for)["Q5"] == frozenset(["Q5"])
    assert PROTOCOL.rules["R1"].judged_for == ((None, frozenset(["Q1"])),)


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(CASES), draw=st.data())
def test_whatever_was_answered_so_far_the_findings_are_those_of_all_rules(
    case: Case, draw: st.DataObject
) -> None:
    asked = draw.draw(st.sets(st.sampled_from(sorted(case.answers))) if case.answers else st.just(set()))
    given_so_far = {item: value for item, value in case.answers.items() if item in asked}

    found = assess(given_so_far, case.context, PROTOCOL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Rule, "judged_for", property(lambda rule: [(each, None) for each in rule.each or [None]])
        )
        assert found == assess(given_so_far, case.context, PROTOCOL)
