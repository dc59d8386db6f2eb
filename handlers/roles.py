"""The page of who may do what, from the tables by which commands and buttons are really answered."""

from bot.screens.roles import Entry, page
from bot.screens.taps import Do
from bot.texts import Texts
from handlers.callbacks import BY_STAFF
from handlers.participant import PARTICIPANT_TAPS
from handlers.routing import COMMANDS


def commands() -> list[Entry]:
    """Return every command."""
    return [
        Entry(f"/{each.name}", each.participant is not None, each.staff is not None, each.action)
        for each in COMMANDS
    ]


def buttons() -> list[Entry]:
    """Return every button that anybody may press."""
    return [_button(do) for do in Do if do in PARTICIPANT_TAPS or do in BY_STAFF]


def _button(do: Do) -> Entry:
    by_staff = BY_STAFF.get(do)
    action = by_staff.action if by_staff else None
    return Entry(do.name.lower(), do in PARTICIPANT_TAPS, by_staff is not None, action)


def roles_page(texts: Texts) -> str:
    """Return the page as Markdown."""
    return page(texts, commands(), buttons())
