"""The program's own numbers, how staff work with it: each printed with its source on the PI's page.

They are no part of the protocol file, since no trial changes them: see decision 0012.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Generic, Literal, TypeVar

T = TypeVar("T", timedelta, int, time)


@dataclass(frozen=True, slots=True)
class Number(Generic[T]):
    """One number: its id, its value, and where it comes from, as in a protocol file."""

    id: str
    value: T
    tag: Literal["R", "L", "D"]
    source: str


UNREACHABLE = Number(
    "unreachable",
    timedelta(hours=4),
    "D",
    "clinical defaults 4: blocks the bot or cannot be reached, AMBER at once; 4 h: our own",
)
ASKED_AGAIN = Number("asked_again", timedelta(minutes=15), "D", "clinical defaults 6: AMBER words")
QUESTION_SOON = Number("question_soon", timedelta(hours=4), "D", "clinical defaults 6: 4 h in D1–28")
QUESTION_LATER = Number("question_later", timedelta(hours=24), "D", "our own: after Day 28, weekends too")
QUESTION_EVERY = Number("question_every", timedelta(hours=4), "D", "our own")
NEAR_DAYS = Number("near_days", 28, "D", "clinical defaults 6: 4 h in D1–28")
OUTAGE = Number("outage", timedelta(minutes=15), "D", "clinical defaults 4: the bot itself was down")
SAE_FORM = Number("sae_form", timedelta(hours=24), "D", "clinical defaults 5: from when staff became aware")
SAE_LATE_EVERY = Number("sae_late_every", timedelta(hours=4), "D", "our own: until it was sent")
CALLS = Number("calls", 3, "D", "clinical defaults 5: code 90")
CALL_BEFORE = Number(
    "call_before", timedelta(days=2), "D", "our own: as the chat reminds, for who takes part without it"
)
DUTY_CHANGE = Number("duty_change", time(8), "D", "our own: both have slept, or have the day before them")
DUTY_GAP = Number("duty_gap", timedelta(hours=48), "D", "our own: somebody can still be asked at work")
DOUBLE_WORDS = Number(
    "double_words", timedelta(minutes=5), "D", "our own: answer and words of one danger, one text"
)

NUMBERS = (
    *(UNREACHABLE, ASKED_AGAIN, QUESTION_SOON, QUESTION_LATER, NEAR_DAYS, QUESTION_EVERY, OUTAGE),
    *(SAE_FORM, SAE_LATE_EVERY, CALLS, CALL_BEFORE, DUTY_CHANGE, DUTY_GAP, DOUBLE_WORDS),
)
