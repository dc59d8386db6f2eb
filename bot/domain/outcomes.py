"""How an alert can end: the coded outcomes of clinical defaults, section 5."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Serious = Literal["yes", "ask", "no"]
# From the moment staff became aware.
SAE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One code. `serious`: whether it marks a potential serious adverse event, or the physician is asked.

    `without_contact`: it may close an alert whose participant nobody reached;
    then what was tried must be written down.
    """

    code: str
    serious: Serious = "no"
    without_contact: bool = False


OUTCOMES: Mapping[str, Outcome] = {
    each.code: each
    for each in (
        Outcome("00"),
        Outcome("10"),
        Outcome("20"),
        Outcome("30", "ask"),
        Outcome("40", "yes"),
        Outcome("50", "yes"),
        Outcome("60", "yes"),
        Outcome("70", "yes"),
        Outcome("80", "yes"),
        Outcome("85"),
        Outcome("90", without_contact=True),
        Outcome("95"),
    )
}


def sae_due_at(aware_at: datetime) -> datetime:
    """Return by when the form of a potential serious adverse event should have been sent."""
    return aware_at + SAE_WITHIN
