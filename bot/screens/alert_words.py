"""What a participant wrote, word for word, for whoever has an alert of theirs before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.screens.alert_view import AlertView
from bot.screens.alerts import first_line
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, say, say_n

# A message holds 4096 characters, and the newest matter most; the others stand in /messages.
MOST_UNITS = 3000


@dataclass(frozen=True, slots=True)
class Wrote:
    """One text and when it came."""

    at: datetime
    text: str


def wrote(view: AlertView, texts: Sequence[Wrote]) -> Screen:
    """Show what the participant wrote around an alert, the newest last, and the way back to it."""
    lines: list[Phrase | None] = [first_line(view), say("alert.words_title")]
    shown = _latest(texts)
    if len(shown) < len(texts):
        lines += [None, say_n("alert.words_earlier", len(texts) - len(shown))]
    for each in shown:
        lines += [None, say("messages.from", code=view.code, at=view.time(each.at))]
        lines.append(say("broadcast.quoted", text=each.text[:MOST_UNITS]))
    lines += [None, say("alert.words_answer")]
    back = (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
    return Screen(tuple(lines), (back,), protect=True)


def _latest(texts: Sequence[Wrote]) -> Sequence[Wrote]:
    units = 0
    for count, each in enumerate(reversed(texts)):
        units += len(each.text) + 60
        if units > MOST_UNITS and count:
            return texts[len(texts) - count :]
    return texts
