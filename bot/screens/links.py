"""Whose account joined: staff confirm it, or end the link at once."""

from bot.screens.taps import Do, tap
from bot.texts import Button, Rows, Screen, say


def link_buttons(link_id: int) -> Rows:
    """Ask whether it is them; "no" ends the link, after a second thought."""
    yes = Button(say("link.button_theirs"), tap(Do.LINK, "yes", link_id))
    no = Button(say("link.button_not_theirs"), tap(Do.LINK, "no", link_id))
    return ((yes, no),)


def confirmed(code: str, by: str) -> Screen:
    """Say who confirmed it."""
    return Screen((say("staffnote.first"), None, say("link.confirmed", code=code, by=by)), protect=True)


def sure(code: str, link_id: int) -> Screen:
    """Ask once more before somebody's chat is ended."""
    end = Button(say("link.button_end"), tap(Do.LINK, "end", link_id))
    keep = Button(say("link.button_theirs"), tap(Do.LINK, "yes", link_id))
    return Screen(
        (say("staffnote.first"), None, say("link.sure", code=code)), ((end,), (keep,)), protect=True
    )


def ended(code: str) -> Screen:
    """Say that the link is ended; a new code follows."""
    return Screen((say("staffnote.first"), None, say("link.ended", code=code)), protect=True)
