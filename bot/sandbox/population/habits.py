"""How people deal with their phones: promptly or late, half-way, in free words, not at all."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Literal

Character = Literal["plain", "forgetful", "septic", "writer", "cared_for", "blocker"]
# In this order, again and again: with six participants there is one of each.
CHARACTERS: tuple[Character, ...] = ("plain", "forgetful", "septic", "writer", "cared_for", "blocker")

ASLEEP = time(22, 30), time(6, 20)
# A measured look at the phone by somebody who was just telephoned.
AFTER_A_CALL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Habits:
    """Chances (0 to 1) and minutes.

    `ignores` is a ring of the phone that nothing follows from; `breaks_off` a
    form left half-way; `reports` an illness told unasked; `writes` a message
    in free words that nobody asked for, per day.
    """

    ignores: float = 0.03
    minutes: tuple[float, float] = (1, 40)
    breaks_off: float = 0.01
    reports: float = 0.6
    writes: float = 0.01
    answers_calls: float = 0.9
    has_cuff: bool = True
    has_oximeter: bool = True
    has_scales: bool = True


def habits(character: Character, rng: Random) -> Habits:
    """Draw the habits of somebody of a character."""
    devices = rng.random() < 0.7, rng.random() < 0.6, rng.random() < 0.8
    match character:
        case "forgetful":
            return Habits(0.35, (10, 400), 0.12, 0.3, 0.005, 0.7, *devices)
        case "septic":
            # Whoever is on steroids is given cuff and oximeter by the site; this one waits until asked.
            return Habits(reports=0.3)
        case "writer":
            return Habits(0.03, (1, 30), 0.03, 0.9, 0.12, 0.9, *devices)
        case "cared_for":
            return Habits(0.15, (5, 120), 0.05, 0.5, 0.01, 0.9, *devices)
        case _:
            return Habits(0.03, (1, 40), 0.01, 0.6, 0.01, 0.9, *devices)


def looks_at(who: Habits, rung_at: datetime, local: time, rng: Random, *, ill: bool) -> datetime | None:
    """Return when somebody looks at a phone that rang, at `local` on their wall; None where they do not.

    Who sleeps looks in the morning, unless an illness keeps them awake.
    """
    delay = timedelta(minutes=rng.uniform(*who.minutes))
    sleeps = local >= ASLEEP[0] or local < ASLEEP[1]
    if rng.random() < who.ignores:
        return None
    if not sleeps:
        return rung_at + delay
    if ill and rng.random() < 0.6:
        return rung_at + timedelta(minutes=rng.uniform(1, 15))
    minutes = (ASLEEP[1].hour - local.hour) % 24 * 60 + ASLEEP[1].minute - local.minute
    return rung_at + timedelta(minutes=minutes % (24 * 60)) + delay / 4
