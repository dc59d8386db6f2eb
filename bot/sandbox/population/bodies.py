"""A body at an instant: what a thermometer, a cuff and the person would truly say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from bot.sandbox.population.conditions import FULL, KINDS, Condition

SCORED = ("Q5", "Q11", "Q13", "Q15", "Q17", "Q19")
# How much readings of a well person vary from one time to the next.
_NOISE = {"celsius": 0.25, "sbp": 7.0, "dbp": 5.0, "pulse": 6.0, "spo2": 0.7, "weight": 0.4}
# Once in so many readings the finger was cold, and the oximeter shows too little.
_COLD_FINGER = 80
_COLD_FINGER_TAKES = 5


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for somebody; `joints` is the pain that they always have, 0 to 1."""

    celsius: float = 36.4
    sbp: float = 118
    dbp: float = 74
    pulse: float = 74
    spo2: float = 97.5
    weight: float = 60
    joints: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """What could be measured and told at an instant; `scores` by item, `signs` by their codes."""

    celsius: float
    sbp: int
    dbp: int
    pulse: int
    spo2: int
    weight: float
    stools: int
    scores: Mapping[str, int]
    signs: frozenset[str]

    @property
    def feels(self) -> tuple[object, ...]:
        """Return what the person feels without measuring: the same as last time, or something new."""
        return self.stools, tuple(sorted(self.scores.items())), tuple(sorted(self.signs))


def usual(rng: Random) -> Usual:
    """Draw what is usual for somebody."""
    return Usual(
        celsius=round(rng.uniform(36.2, 36.6), 2),
        sbp=rng.randint(106, 138),
        dbp=rng.randint(66, 86),
        pulse=rng.randint(64, 86),
        spo2=rng.choice((97.0, 98.0)),
        weight=round(rng.uniform(46, 78), 1),
        joints=rng.choice((0, 0, 1)),
    )


def body(who: Usual, conditions: Iterable[Condition], at: datetime, seed: str) -> Body:
    """Return the body at `at`; the same seed and minute give the same readings."""
    rng = Random(f"{seed}:{at:%Y%m%d%H%M}")
    present = [each for each in conditions if each.strength(at) > 0]
    read = {name: getattr(who, name) + rng.gauss(0, spread) for name, spread in _NOISE.items()}
    if rng.randrange(_COLD_FINGER) == 0:
        read["spo2"] -= _COLD_FINGER_TAKES
    stools = 0.0
    for each in present:
        strength = each.strength(at)
        stools += each.shift.get("stools", 0.0) * strength
        for name, shift in each.shift.items():
            if name in read:
                read[name] += shift * strength
    read["dbp"] = min(read["dbp"], read["sbp"] - 15)
    return Body(
        celsius=round(read["celsius"], 1),
        sbp=round(read["sbp"]),
        dbp=round(read["dbp"]),
        pulse=round(read["pulse"]),
        spo2=min(100, round(read["spo2"])),
        weight=round(read["weight"], 1),
        stools=round(stools),
        scores=_scores(who, present, at),
        signs=frozenset(sign for each in present for sign in _signs(each, at)),
    )


def _scores(who: Usual, present: list[Condition], at: datetime) -> dict[str, int]:
    scores = dict.fromkeys(SCORED, 0) | {"Q17": who.joints}
    for each in present:
        for item, full in KINDS[each.kind].scores.items():
            scores[item] = max(scores[item], round(full * each.strength(at)))
    return scores


def _signs(each: Condition, at: datetime) -> frozenset[str]:
    if not each.is_felt(at):
        return frozenset()
    late = KINDS[each.kind].late if each.strength(at) >= FULL else ()
    return each.signs.union(late)
