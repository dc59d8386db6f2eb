"""What a participant is told at once about their own words, and whether a human has read them since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.domain.site import Site
from bot.screens import contact
from bot.screens import words as asking
from bot.screens.common import call_numbers
from bot.texts import Moment, Phrase, Screen, say

Told = Literal["kept", "asked", "alerted", "photo", "unreadable", "red"]
State = Literal["waiting", "read", "answered"]


def status(state: State, read_at: datetime | None, zone: str) -> Phrase:
    """Say whether a human has read it."""
    if state == "answered":
        return say("receipt.answered")
    if state == "read" and read_at is not None:
        return say("receipt.read", at=Moment(read_at, zone, "day_time"))
    return say("receipt.waiting")


def acknowledgement(told: Told, names: Sequence[str], site: Site, how: Phrase) -> Screen:
    """Show what was said at once, with how it stands now below it."""
    screen = _first(told, names, site)
    return Screen((*screen.lines, None, how), screen.buttons, protect=screen.protect)


def alarming_read(at: datetime, site: Site) -> Screen:
    """Say that a human has read words of danger; it takes nothing back of what the emergency text said."""
    seen = say("receipt.red_read", at=Moment(at, site.zone, "day_time"))
    return Screen((seen, None, say("receipt.red_go_on", **call_numbers(site))), protect=True)


def _first(told: Told, names: Sequence[str], site: Site) -> Screen:
    if told == "asked":
        return asking.ask(site, names)
    if told == "alerted":
        return asking.alerted(site)
    if told == "photo":
        return contact.photo_kept(site)
    return contact.unreadable(site) if told == "unreadable" else contact.words_kept(site)
