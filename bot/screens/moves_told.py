"""What a participant is told when staff have changed the days of visits: the new ones, and no reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import OPEN_CONTACT, OPEN_VISITS
from bot.screens.visits import VisitView, no_longer
from bot.texts import Phrase, Screen, say


@dataclass(frozen=True, slots=True)
class Change:
    """One visit as it is now: on another day, off until the site says so, or newly there."""

    what: Literal["moved", "held", "new"]
    visit: VisitView


def changed(changes: Sequence[Change], site: Site) -> Screen:
    """Show one visit that moved in full, and several things that changed as a list."""
    if len(changes) == 1 and changes[0].what == "moved":
        return no_longer(changes[0].visit, site)
    lines = (say("moves.first"), None, *(_line(each) for each in changes), None, say("moves.call"))
    return Screen(lines, ((OPEN_VISITS,), (OPEN_CONTACT,)))


def _line(change: Change) -> Phrase:
    values = change.visit.values()
    match change.what:
        case "moved":
            return say("moves.moved", **values)
        case "held":
            return say("moves.held", **values)
        case "new":
            return say("moves.new", **values)
