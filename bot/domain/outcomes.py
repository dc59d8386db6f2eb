"""How an alert can end: the coded outcomes of clinical defaults, section 5."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.practice import Practice

Serious = Literal["yes", "ask", "no"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One code. `serious`: whether it marks a potential serious adverse event, or the physician is asked.

    `without_contact`: it may close an alert whose participant nobody reached;
    then what was tried must be written down. `final`: nothing is left to look
    at again, and nothing to call known.
    """

    code: str
    serious: Serious = "no"
    without_contact: bool = False
    final: bool = False


OUTCOMES: Mapping[str, Outcome] = {
    each.code: each
    for each in (
        Outcome("00", final=True),
        Outcome("10"),
        Outcome("20"),
        Outcome("30", "ask"),
        Outcome("40", "yes"),
        Outcome("50", "yes"),
        Outcome("60", "yes"),
        Outcome("70", "yes", final=True),
        Outcome("80", "yes"),
        Outcome("85"),
        Outcome("90", without_contact=True),
        Outcome("95"),
    )
}


# The next infusion is not given: which one, a coordinator has to record.
HELD = "95"
# A stay in hospital, in which nobody should be asked from outside; and a death, after which nobody should.
ADMITTED = frozenset({"40", "50"})
DIED = "70"
# Reported as the protocol says, in a form of its own.
PREGNANCY = "85"


def sae_due_at(aware_at: datetime, practice: Practice) -> datetime:
    """Return by when the form of a potential serious adverse event should have been sent."""
    return aware_at + practice.sae_form.value


def next_reminder(aware_at: datetime, practice: Practice, now: datetime) -> datetime:
    """Return when staff are reminded next of a form that was not recorded as sent; without an end."""
    planned, every = (
        [aware_at + after for after in practice.sae_reminders.value],
        practice.sae_late_every.value,
    )
    late = (now - planned[-1]) // every + 1
    return next((at for at in planned if at > now), planned[-1] + late * every)
