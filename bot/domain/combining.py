"""Findings together: two AMBER on different items make RED, and what one report comes to."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from bot.domain.findings import Assessment, Finding
from bot.domain.rules import Combination
from bot.domain.words import Words


def combined(findings: Sequence[Finding], checkin: str | None, combination: Combination) -> Iterator[Finding]:
    """Yield a RED finding where two AMBER ones rest on different items and one of them is urgent."""
    one = frozenset(combination.one_item.get(checkin or "", ()))
    amber = [f for f in findings if f.tier == "amber"]
    counted = [f for f in amber if not any(_graver(other, f) and _share(other, f, one) for other in amber)]
    pairs = [pair for pair in combinations(counted, 2) if not _share(*pair, one)]
    urgent = [pair for pair in pairs if min(map(_hours, pair)) <= combination.one_within_hours]
    if urgent:
        yield _pair(urgent[0], combination)


def _share(one: Finding, other: Finding, as_one: frozenset[str]) -> bool:
    """Tell whether two findings rest on one item: an item counts once, for the gravest of its rules."""
    return not _merged(one, as_one).isdisjoint(_merged(other, as_one))


def _merged(finding: Finding, as_one: frozenset[str]) -> frozenset[str]:
    """Return the items of a finding, those that count as one under one name."""
    return frozenset("" if item in as_one else item for item in finding.items)


def _graver(one: Finding, other: Finding) -> bool:
    return _hours(one) < _hours(other)


def _hours(finding: Finding) -> int:
    """Return the hours of an AMBER finding; it always has them."""
    if finding.hours is None:
        raise ValueError(f"{finding.rule} is not AMBER")
    return finding.hours


def _pair(pair: tuple[Finding, Finding], combination: Combination) -> Finding:
    first, second = pair
    return Finding(
        rule=combination.id,
        version=combination.version,
        tier="red",
        hours=None,
        items=first.items | second.items,
        values={**first.values, **second.values},
        reason=Words(combination.reason_key),
        evidence=(first.reason, second.reason),
    )


def summed_up(findings: tuple[Finding, ...]) -> Assessment:
    """Return what the findings of one report come to: the gravest tier, the shortest time."""
    red = any(finding.tier == "red" for finding in findings)
    hours = [finding.hours for finding in findings if finding.hours is not None]
    return Assessment(
        tier="red" if red else "amber" if findings else "green",
        amber_hours=None if red or not hours else min(hours),
        findings=findings,
        call_120=any(finding.call_120 for finding in findings),
        remeasure=tuple(dict.fromkeys(item for finding in findings for item in finding.remeasure)),
    )


def gravity(assessment: Assessment) -> tuple[int, int]:
    """Return a key by which assessments sort, the gravest last."""
    return ("green", "amber", "red").index(assessment.tier), -(assessment.amber_hours or 0)
