"""Where every way back leads: what is next, and everything that a participant can do."""

from collections.abc import Sequence

from bot.domain.site import Site
from bot.screens.common import OPEN_CONTACT, OPEN_HOME, OPEN_REMINDERS, OPEN_REPORT, OPEN_VISITS, call_numbers
from bot.screens.taps import Do, tap
from bot.screens.visits import VisitView
from bot.texts import Button, Phrase, Screen, say

OPEN_PRIVACY = Button(say("button.privacy"), tap(Do.PRIVACY, "show"))
OPEN_CARE = Button(say("button.care"), tap(Do.CARE, "list"))
OPEN_HELP = Button(say("button.help"), tap(Do.OPEN_HELP))
OPEN_LANGUAGE = Button(say("button.language"), tap(Do.OPEN_LANGUAGE))


def home(coming: VisitView | None, site: Site) -> Screen:
    """Show the next visit, and a button for each thing that a participant can do."""
    lines: list[Phrase | None] = [say("home.title"), None]
    if coming is None:
        lines.append(say("home.no_visit"))
    else:
        lines += [say("home.next"), say("visits.head", **coming.values())]
    lines += [None, say("home.how"), None, say("home.emergency", **call_numbers(site))]
    rows = (
        (OPEN_REPORT,),
        (OPEN_VISITS, OPEN_CONTACT),
        (OPEN_REMINDERS, OPEN_LANGUAGE),
        (OPEN_HELP,),
    )
    return Screen(tuple(lines), rows)


def over(site: Site) -> Screen:
    """Say that the follow-up is complete: nothing that only made sense during it is offered any more."""
    lines = (
        say("home.title"),
        None,
        say("farewell.over"),
        None,
        say("farewell.silent"),
        None,
        say("farewell.call", **call_numbers(site)),
    )
    return Screen(lines, ((OPEN_VISITS, OPEN_CONTACT), (OPEN_PRIVACY, OPEN_LANGUAGE)))


def how(site: Site, commands: Sequence[Phrase] = (), *, caregiver: bool = False) -> Screen:
    """Say what can be done here and where; `commands` for those who would rather type, at the end."""
    values = call_numbers(site)
    lines: list[Phrase | None] = [say("how.title"), None]
    for phrase in (
        say("how.report"),
        say("how.visits"),
        say("how.ask"),
        say("how.photo"),
        *(() if caregiver else (say("how.reminders"),)),
    ):
        lines += [phrase, None]
    lines.append(say("how.emergency", **values))
    if commands:
        lines += [None, say("how.commands"), *commands]
    return Screen(
        tuple(lines), ((OPEN_REPORT,), (OPEN_VISITS, OPEN_CONTACT), (OPEN_PRIVACY, OPEN_CARE), (OPEN_HOME,))
    )
