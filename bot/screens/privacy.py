"""My data: what is kept, with whom it is shared, and what can be done about it."""

from bot.domain.site import Site
from bot.screens.common import OPEN_HOME, call_numbers
from bot.screens.consent import open_page
from bot.screens.taps import Do, tap
from bot.texts import Button, Screen, say


def privacy(site: Site) -> Screen:
    """Say in short what is kept, and offer the whole of it as a file."""
    lines = (
        say("privacy.title"),
        None,
        say("privacy.kept"),
        None,
        say("privacy.shared"),
        None,
        say("privacy.delete", **call_numbers(site)),
    )
    file = Button(say("privacy.button_file"), tap(Do.PRIVACY, "file"))
    sensitive = Button(say("privacy.button_sensitive"), open_page("sensitive"))
    abroad = Button(say("privacy.button_abroad"), open_page("abroad"))
    leave = Button(say("privacy.button_leave"), tap(Do.LEAVE, "ask"))
    return Screen(lines, ((file,), (sensitive, abroad), (leave,), (OPEN_HOME,)))


def file_caption() -> Screen:
    """Say what the file is, in words that a lock screen may show."""
    return Screen((say("privacy.file"),))
