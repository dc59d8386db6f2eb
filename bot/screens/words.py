"""What the bot says to words of a participant's own: nothing of it is made from the words themselves."""

from collections.abc import Sequence

from bot.domain.site import Site
from bot.screens.common import HOME, OPEN_REPORT, call_numbers
from bot.texts import Joined, Phrase, Screen, say


def ask(site: Site, names: Sequence[str]) -> Screen:
    """Ask for a report; `names` are the catalog keys of what it will ask about."""
    what = Joined(tuple(Phrase(name) for name in names))
    lines = (
        say("words.ask_first"),
        None,
        say("words.ask", what=what) if names else say("words.ask_some"),
        say("words.ask_how"),
        None,
        say("words.ask_by", **call_numbers(site)),
    )
    return Screen(lines, ((OPEN_REPORT,),), protect=True)


def alerted(site: Site) -> Screen:
    """Say that the study team was told and will be in touch."""
    return Screen((say("words.alerted", **call_numbers(site)),), HOME)
