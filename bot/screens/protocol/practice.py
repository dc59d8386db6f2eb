"""The program's own numbers, with their sources, as the last part of the protocol page."""

from collections.abc import Mapping
from datetime import time, timedelta

from bot.domain.practice import NUMBERS, Number
from bot.screens.protocol.outline import Cited, Entry, Outline, Section, span
from bot.texts import Phrase, key, say

NAMES: Mapping[str, str] = {
    "unreachable": key("practice.unreachable"),
    "asked_again": key("practice.asked_again"),
    "question_soon": key("practice.question_soon"),
    "question_later": key("practice.question_later"),
    "near_days": key("practice.near_days"),
    "question_every": key("practice.question_every"),
    "outage": key("practice.outage"),
    "sae_form": key("practice.sae_form"),
    "sae_late_every": key("practice.sae_late_every"),
    "calls": key("practice.calls"),
    "call_before": key("practice.call_before"),
    "duty_change": key("practice.duty_change"),
    "duty_gap": key("practice.duty_gap"),
    "double_words": key("practice.double_words"),
}


def section() -> Section:
    """Return the part of the page."""
    entries = tuple(_entry(each) for each in NUMBERS)
    return Section(say("page.practice"), entries, (say("page.practice_explained"),))


def _entry(each: Number[timedelta] | Number[int] | Number[time]) -> Entry:
    value = say("page.value", value=_value(each.value))
    return Entry(each.id.upper(), Phrase(NAMES[each.id]), (Outline(value),), (Cited(each.tag, each.source),))


def _value(value: timedelta | int | time) -> str | Phrase:
    if isinstance(value, timedelta):
        return span(value / timedelta(hours=1))
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
