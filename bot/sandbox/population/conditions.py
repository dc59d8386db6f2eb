"""What may befall somebody in the model: how grave it truly is, how it grows, and what it does to a body.

The numbers are inventions for a rehearsal, chosen to resemble what is written
about such trials; no rule of the bot reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal

Gravity = Literal["urgent", "important", "minor"]
GRAVITIES: tuple[Gravity, ...] = ("urgent", "important", "minor")
Range = tuple[float, float]

# It is worth a call once it has grown to this; below it nobody, not the person either, can tell.
FELT = 0.5
# From here on the late signs show.
FULL = 0.95
# Whoever is treated is well again, or well looked after, within so long.
TREATED_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of illness at its height.

    `shift` moves what is measured, drawn once for each person; `scores` are
    severities; `signs` are there once it is felt, `one_of` of them one at
    random, `late` ones only at its height.
    """

    gravity: Gravity
    grows_hours: float
    lasts_hours: Range
    shift: Mapping[str, Range] = field(default_factory=dict)
    scores: Mapping[str, int] = field(default_factory=dict)
    signs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "infusion_reaction": Kind(
        "urgent",
        1,
        (6, 14),
        {"celsius": (1.4, 2.4), "pulse": (15, 35), "sbp": (-15, 5)},
        {"Q5": 2, "Q13": 1},
        ("chills", "feel_worse"),
    ),
    "crs_like": Kind(
        "urgent",
        6,
        (36, 84),
        {"celsius": (1.7, 3.0), "pulse": (20, 45), "sbp": (-30, -5), "spo2": (-5, -1)},
        {"Q11": 2, "Q5": 1},
        ("chills", "feel_worse", "fever_medicine"),
    ),
    "infection": Kind(
        "urgent",
        12,
        (96, 200),
        {"celsius": (1.3, 2.8), "pulse": (8, 28)},
        {"Q11": 1},
        ("feel_worse", "fever_medicine"),
        one_of=("cough", "painful_urination", "red_hot_skin", "sore_throat"),
    ),
    "late_neutropenia": Kind(
        "urgent",
        8,
        (96, 200),
        {"celsius": (1.8, 2.9), "pulse": (15, 35), "sbp": (-15, 0)},
        {"Q11": 1},
        ("chills", "mouth_sores", "feel_worse"),
    ),
    "sepsis_without_fever": Kind(
        "urgent",
        12,
        (120, 240),
        {"celsius": (-0.3, 0.4), "pulse": (38, 60), "sbp": (-45, -32), "spo2": (-7, -4)},
        {"Q5": 2},
        ("feel_worse",),
        late=("confused", "much_less"),
    ),
    "infection_without_fever": Kind(
        "important",
        18,
        (96, 200),
        {"celsius": (0.1, 0.6), "pulse": (2, 10)},
        {"Q11": 1},
        ("feel_worse",),
        one_of=("cough", "painful_urination", "red_hot_skin"),
    ),
    "shingles": Kind("important", 18, (150, 300), {}, {"Q13": 2}, ("painful_blisters",)),
    "flare_joints": Kind("important", 36, (150, 400), {"celsius": (0.0, 0.4)}, {"Q17": 3}),
    "flare_rash": Kind("important", 36, (150, 400), {}, {"Q13": 2, "Q17": 2}),
    "flare_kidney": Kind(
        "important",
        96,
        (300, 600),
        {"weight": (2.5, 4.5), "sbp": (10, 28)},
        {"Q19": 2},
        ("foamy",),
        late=("much_less",),
    ),
    "gut_severe": Kind(
        "important", 10, (48, 120), {"stools": (5, 8), "pulse": (5, 18)}, {"Q15": 3}, ("vomits_medicines",)
    ),
    "gut_upset": Kind("minor", 6, (18, 48), {"stools": (2, 4)}, {"Q15": 1}),
    "cold": Kind("minor", 18, (72, 150), {"celsius": (0.0, 0.4)}, {}, one_of=("cough", "sore_throat")),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """An illness of one person: it grows from `begins_at` on, and is over at `ends_at`."""

    kind: str
    begins_at: datetime
    ends_at: datetime
    shift: Mapping[str, float]
    signs: frozenset[str]

    @property
    def gravity(self) -> Gravity:
        """Return how grave it truly is."""
        return KINDS[self.kind].gravity

    @property
    def felt_at(self) -> datetime:
        """Return from when on it is there to be found: the clock for finding it starts here."""
        return self.begins_at + FELT * timedelta(hours=KINDS[self.kind].grows_hours)

    def strength(self, at: datetime) -> float:
        """Return how much of it there is, 0 to 1: it grows evenly, stays, and fades in its last fifth."""
        if not self.begins_at <= at < self.ends_at:
            return 0.0
        grown = (at - self.begins_at) / timedelta(hours=KINDS[self.kind].grows_hours)
        left = (self.ends_at - at) / (self.ends_at - self.begins_at) * 5
        return min(1.0, grown, left)

    def is_felt(self, at: datetime) -> bool:
        """Tell whether there is enough of it to be found."""
        return self.strength(at) >= FELT

    def treated(self, at: datetime) -> "Condition":
        """Return it as it goes on once somebody has dealt with it."""
        return replace(self, ends_at=max(self.begins_at, min(self.ends_at, at + TREATED_WITHIN)))


def befalls(kind: str, begins_at: datetime, rng: Random) -> Condition:
    """Draw how an illness of a kind goes."""
    known = KINDS[kind]
    lasts = timedelta(hours=round(rng.uniform(*known.lasts_hours), 1))
    shift = {what: rng.uniform(*bounds) for what, bounds in known.shift.items()}
    chosen = (rng.choice(known.one_of),) if known.one_of else ()
    return Condition(kind, begins_at, begins_at + lasts, shift, frozenset((*known.signs, *chosen)))
