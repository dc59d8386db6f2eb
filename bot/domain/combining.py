"""Findings together: two AMBER on different items make RED, and what one report comes to."""

from collections.abc import Iterable, Iterator, Sequence

from bot.domain.findings import Assessment, Finding
from bot.domain.rules import Combination
from bot.domain.words import Words


def combined(findings: Sequence[Finding], checkin: str | None, combination: Combination) -> Iterator[Finding]:
    """Yield a RED finding where two AMBER ones rest on different items and one of them is urgent."""
    one = frozenset(combination.one_item.get(checkin or "", ()))
    amber = [f for f in findings if f.tier == "amber"]
    counted = [f for f in amber if _is_gravest(f, amber, one)]
    pair = next(
        (
            (a, b)
            for n, a in enumerate(counted)
            for b in counted[n + 1 :]
            if _merged(a, one).isdisjoint(_merged(b, one))
            and min(a.hours or 0, b.hours or 0) <= combination.one_within_hours
        ),
        None,
    )
    if pair is not None:
        yield _pair(pair, combination)


def _merged(finding: Finding, one: frozenset[str]) -> frozenset[str]:
    """Return the items of a finding, those that count as one under one name."""
    return frozenset("" if item in one else item for item in finding.items)


def _is_gravest(finding: Finding, others: Iterable[Finding], one: frozenset[str]) -> bool:
    """Tell whether no graver finding claims one of its items: an item counts once."""
    return not any(
        (other.hours or 0) < (finding.hours or 0) and _merged(other, one) & _merged(finding, one)
        for other in others
    )


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
