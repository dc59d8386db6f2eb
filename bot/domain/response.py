"""How quickly alerts were taken and their participants reached, in medians."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

Tier = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Response:
    """One alert: minutes until it was taken, and until the participant was reached; None where not yet."""

    tier: str
    hours: int | None
    taken: float | None
    reached: float | None


@dataclass(frozen=True, slots=True)
class Median:
    """The medians of a tier over `count` alerts, in minutes; None where there is nothing to count."""

    count: int
    taken: float | None
    reached: float | None


def medians(responses: Iterable[Response]) -> Mapping[Tier, Median]:
    """Return the medians by tier, RED first, then AMBER by its hours.

    What was never taken or reached has no time: it counts as an alert, not into the median.
    """
    by_tier: dict[Tier, list[Response]] = {}
    for each in responses:
        by_tier.setdefault((each.tier, each.hours), []).append(each)
    ordered = sorted(by_tier.items(), key=lambda pair: (pair[0][0] != "red", pair[0][1] or 0))
    return {tier: _median(group) for tier, group in ordered}


def _median(group: list[Response]) -> Median:
    taken = [each.taken for each in group if each.taken is not None]
    reached = [each.reached for each in group if each.reached is not None]
    return Median(len(group), median(taken) if taken else None, median(reached) if reached else None)
