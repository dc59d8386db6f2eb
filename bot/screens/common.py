"""Small parts that many screens share."""

from datetime import timedelta

from bot.domain.site import Site
from bot.domain.words import Words
from bot.screens.taps import Do, tap
from bot.texts import Button, Num, Phrase, Rows, Value, say

OPEN_REPORT = Button(say("button.report"), tap(Do.OPEN_REPORT))
OPEN_VISITS = Button(say("button.visits"), tap(Do.OPEN_VISITS))
OPEN_CONTACT = Button(say("button.contact"), tap(Do.OPEN_CONTACT))
OPEN_REMINDERS = Button(say("button.reminders"), tap(Do.REMINDERS))
OPEN_HOME = Button(say("button.home"), tap(Do.HOME))

# What a participant wants next, below whatever was said last.
HOME: Rows = ((OPEN_REPORT,), (OPEN_VISITS, OPEN_CONTACT))


def phrase(words: Words) -> Phrase:
    """Return what the domain says as a phrase."""
    return Phrase(words.key, {name: _value(value) for name, value in words.values.items()})


def _value(value: str | int | float | Words) -> Value:
    return phrase(value) if isinstance(value, Words) else value


def lasting(span: timedelta) -> Phrase:
    """Return how long something lasts: in minutes below an hour, in hours from there on."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return say("lasting.minutes", minutes=minutes)
    return say("lasting.hours", hours=Num(minutes / 60, 0 if minutes % 60 == 0 else 1))


def call_numbers(site: Site) -> dict[str, Value]:
    """Return the values `site` and `emergency` that most of our sentences need."""
    return {"site": site.phones.site, "emergency": site.phones.emergency}


def marked(label: Phrase, *, chosen: bool) -> Phrase:
    """Return a button's label, ticked where it is what the person chose."""
    return say("visits.chosen", label=label) if chosen else label
