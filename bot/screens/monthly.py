"""A monthly reminder: nothing on the lock screen, and no word that names a reason."""

from collections.abc import Sequence
from datetime import date

from bot.screens.common import OPEN_CONTACT
from bot.texts import Day, Phrase, Screen, say


def reminder(texts: Sequence[str], until_on: date) -> Screen:
    """Show each sentence with the day until which it holds."""
    until = Day(until_on, "year")
    lines: list[Phrase | None] = [say("monthly.first"), None]
    for text in texts:
        lines += [Phrase(text, {"until": until}), None]
    return Screen((*lines, say("monthly.private")), ((OPEN_CONTACT,),), protect=True)
