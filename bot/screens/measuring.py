"""A measurement that is asked once more: one question, one typed number."""

from bot.domain.checkin import Question
from bot.domain.site import Site
from bot.domain.words import Words
from bot.screens.common import HOME, call_numbers, phrase
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, key, say

EXAMPLES = {
    "number": key("again.example_number"),
    "blood_pressure": key("again.example_pressure"),
    "temperature": key("again.example_temperature"),
}


def ask(reading_id: int, question: Question, site: Site, note: Words | None = None) -> Screen:
    """Ask for the second reading; nothing in it says why."""
    lines: list[Phrase | None] = [say("again.first"), None]
    if note is not None:
        lines += [phrase(note), None]
    lines += [
        say("again.ask", what=Phrase(question.item.name_key)),
        Phrase(EXAMPLES.get(question.part.kind, EXAMPLES["number"])),
        None,
        say("checkin.emergency", **call_numbers(site)),
    ]
    rows = ((Button(say("again.cannot"), tap(Do.CANNOT_MEASURE, reading_id)),),)
    return Screen(tuple(lines), rows, protect=True)


def taken(value: Words | None, site: Site, *, is_red: bool) -> Screen:
    """Say that it was received; where it is RED the emergency text speaks, and no more is said here."""
    received = say("again.taken", value=phrase(value)) if value is not None else say("again.not_measured")
    if is_red:
        return Screen((say("again.thanks"), None, received), protect=True)
    lines = (say("again.thanks"), None, received, say("again.taken_next", **call_numbers(site)))
    return Screen(lines, HOME, protect=True)


def over() -> Screen:
    """Stand where the question stood that is over."""
    return Screen((say("again.over"),), HOME)
