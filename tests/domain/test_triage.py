"""Triage of the shipped protocol, line by line of the golden table, and the reading of its clauses."""

import pytest

from bot.domain.protocol import load_protocol
from bot.domain.triage import assess
from tests.domain.cases import Case, golden

PROTOCOL = load_protocol(anchor="rituximab")
CASES = tuple(golden())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line}: {case.title}")
def test_the_golden_table_holds(case: Case):
    found = assess(case.answers, case.context, PROTOCOL)
    rules = frozenset(finding.rule for finding in found.findings)
    assert (found.tier, found.amber_hours, rules) == (case.tier, case.hours, case.rules)
    assert (found.call_120, found.remeasure) == (case.call_120, case.remeasure)
