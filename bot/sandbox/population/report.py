"""The burden as lines for a person to read, and as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from bot.sandbox.population.burden import NOTHING, PRO_TECT_SHARE, PRO_TECT_URGENT, TRUTHS, Burden, Missed

WHY: Mapping[str, str] = {
    "blocked": "they had blocked the bot",
    "answered": "they answered in that time, and no rule called anybody",
    "temperature": "they were asked for the temperature alone, and it showed nothing",
    "silent": "they were asked in that time, and answered nothing",
    "not_asked": "no check-in fell into that time, and they did not report by themselves",
}


def as_json(found: Burden) -> dict[str, object]:
    """Return everything as plain JSON."""
    return {
        "participant_weeks": round(found.weeks, 1),
        "alerts": found.total,
        "alerts_per_participant_week": _rate(found.total, found.weeks),
        "alerts_per_participant_week_by_tier": {
            tier: _rate(number, found.weeks) for tier, number in _by_first(found.alerts).items()
        },
        "alerts_by_tier_and_truth": _nested(found.alerts),
        "rules_by_truth": _nested(found.rules),
        "needless": found.needless,
        "conditions": dict(found.conditions),
        "missed": [asdict(each) | _told(each) for each in found.missed],
        "checkins": found.checkins,
        "checkins_answered": found.answered,
        "share_of_answered_checkins_with_an_alert": _rate(found.alerted, found.answered),
        "share_of_alerts_truly_urgent": _rate(found.of("urgent"), found.total),
        "pro_tect": {"surveys_with_an_alert": PRO_TECT_SHARE, "called_urgent": PRO_TECT_URGENT},
        "minutes": {name: asdict(each) for name, each in found.times.items()},
        "pages_per_week": {
            to: {"all": round(all_, 2), "at_night": round(night, 2)}
            for to, (all_, night) in found.pages.items()
        },
    }


def _told(each: Missed) -> dict[str, object]:
    found_at = None if each.found_at is None else each.found_at.isoformat()
    return {"since": each.since.isoformat(), "found_at": found_at}


def lines(found: Burden) -> Iterator[str]:
    """Yield everything for a person to read."""
    yield f"participant-weeks: {found.weeks:.0f}   alerts: {found.total}"
    yield from _alerts(found)
    yield from _rules(found)
    yield from _missed(found)
    yield ""
    yield "Check-ins"
    share, urgent = _rate(found.alerted, found.answered), _rate(found.of("urgent"), found.total)
    yield f"  asked {found.checkins}, answered {found.answered}"
    yield f"  raised an alert: {share:.1%} of those answered   (PRO-TECT: {PRO_TECT_SHARE:.0%} of surveys)"
    yield f"  truly urgent: {urgent:.1%} of the alerts   (PRO-TECT: patients called {PRO_TECT_URGENT:.0%} so)"
    yield from _staff(found)


def _alerts(found: Burden) -> Iterator[str]:
    yield ""
    yield "Alerts, by the truth behind them" + " " * 4 + "".join(f"{truth:>11}" for truth in TRUTHS)
    for tier, number in sorted(_by_first(found.alerts).items(), reverse=True):
        counts = "".join(f"{found.alerts.get((tier, truth), 0):>11}" for truth in TRUTHS)
        yield f"  {tier:<12}{number:>5}  {_rate(number, found.weeks):.3f} a week  {counts}"
    per_week = _rate(found.total, found.weeks)
    yield f"  all         {found.total:>5}  {per_week:.3f} a week for each participant"
    share = _rate(found.needless, found.total)
    yield f"  needless (a minor thing, or nothing): {found.needless}, {share:.0%}"


def _rules(found: Burden) -> Iterator[str]:
    yield ""
    yield "Rules that opened alerts" + " " * 12 + "".join(f"{truth:>11}" for truth in TRUTHS)
    for rule, number in _by_first(found.rules).items():
        counts = "".join(f"{found.rules.get((rule, truth), 0):>11}" for truth in TRUTHS)
        yield f"  {rule:<26}{number:>8}{counts}"


def _missed(found: Burden) -> Iterator[str]:
    yield ""
    there = ", ".join(
        f"{number} {gravity}" for gravity, number in found.conditions.items() if gravity != NOTHING
    )
    yield f"Illnesses there to be found: {there or 'none'}; no human called in time: {len(found.missed)}"
    for each in found.missed:
        when = "never" if each.found_at is None else f"after {_hours(each):.0f} h"
        yield f"  {each.code} {each.since:%Y-%m-%d %H:%M}Z {each.gravity} {each.kind} ({each.character})"
        yield f"      called {when}: {WHY[each.why]}"


def _hours(each: Missed) -> float:
    assert each.found_at is not None
    return (each.found_at - each.since).total_seconds() / 3600


def _staff(found: Burden) -> Iterator[str]:
    yield ""
    yield "Minutes from the alert (acknowledged, contacted: from when it got its tier): median, longest"
    for name, each in found.times.items():
        yield f"  {name:<24}{each.median:>8.1f}{each.longest:>9.1f}   ({each.n})"
    yield ""
    yield "Pages a week, and of these between 22:00 and 06:00"
    for to, (all_, night) in found.pages.items():
        yield f"  {to:<24}{all_:>8.2f}{night:>9.2f}"


def _rate(number: float, of: float) -> float:
    return round(number / of, 4) if of else 0.0


def _by_first(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Return the sums over the second of the pair, the largest first."""
    names = {name for name, _ in counts}
    sums = {name: sum(n for (first, _), n in counts.items() if first == name) for name in names}
    return dict(sorted(sums.items(), key=lambda each: (-each[1], each[0])))


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    return {
        first: {truth: counts[first, truth] for truth in TRUTHS if (first, truth) in counts}
        for first in _by_first(counts)
    }
