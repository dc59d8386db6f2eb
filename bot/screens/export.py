"""/export: which file, and what stands in it."""

from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, key, say

LABELS = {"csv": key("export.button_csv"), "xlsx": key("export.button_xlsx"), "odm": key("export.button_odm")}


def choose() -> Screen:
    """Ask for the format, and say what the file holds and what it does not."""
    buttons = tuple((Button(Phrase(label), tap(Do.EXPORT, format_)),) for format_, label in LABELS.items())
    lines = (say("export.choose"), None, say("export.holds"), say("export.without_words"))
    return Screen(lines, buttons, protect=True)


def caption(format_: str) -> Screen:
    """Stand under the file."""
    return Screen(
        (say("export.caption", format=Phrase(LABELS[format_])), say("export.careful")), protect=True
    )
