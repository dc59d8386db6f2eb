"""How staff work with the program: its numbers with their sources, as a part of the protocol page."""

from collections.abc import Mapping
from datetime import time, timedelta

from bot.domain.practice import Number
from bot.domain.protocol import Protocol
from bot.screens.protocol.outline import Cited, Entry, Outline, Section, span
from bot.texts import Joined, Phrase, key, say

NAMES: Mapping[str, str] = {
    "unreachable": key("practice.unreachable"),
    "asked_again": key("practice.asked_again"),
    "question_soon": key("practice.question_soon"),
    "question_later": key("practice.question_later"),
    "near_days": key("practice.near_days"),
    "question_every": key("practice.question_every"),
    "outage": key("practice.outage"),
    "sae_form": key("practice.sae_form"),
    "sae_reminders": key("practice.sae_reminders"),
    "sae_late_every": key("practice.sae_late_every"),
    "calls": key("practice.calls"),
    "check_at": key("practice.check_at"),
    "call_before": key("practice.call_before"),
    "duty_change": key("practice.duty_change"),
    "duty_gap": key("practice.duty_gap"),
    "double_words": key("practice.double_words"),
    "digest_at": key("practice.digest_at"),
    "stay_asked_at": key("practice.stay_asked_at"),
    "seen_within": key("practice.seen_within"),
    "invitation": key("practice.invitation"),
}


def section(protocol: Protocol) -> Section:
    """Return the part of the page."""
    entries = tuple(_entry(name, each) for name, each in protocol.practice.numbers())
    return Section(say("page.practice"), entries, (say("page.practice_explained"),))


def _entry(name: str, each: Number) -> Entry:
    value = say("page.value", value=_value(each.value))
    return Entry(name.upper(), Phrase(NAMES[name]), (Outline(value),), (Cited(each.tag, each.source),))


def _value(value: timedelta | tuple[timedelta, ...] | int | time) -> str | Phrase | Joined:
    if isinstance(value, timedelta):
        return span(value / timedelta(hours=1))
    if isinstance(value, tuple):
        return Joined(tuple(span(each / timedelta(hours=1)) for each in value))
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
