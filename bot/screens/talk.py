"""What participants wrote, and the answers of the staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.screens.common import OPEN_CONTACT
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Moment, Phrase, Screen, Value, say, say_n


@dataclass(frozen=True, slots=True)
class TextView:
    """A participant's words that nobody has dealt with; `place` of `of` in the queue, from 1."""

    id: int
    code: str
    text: str
    at: datetime
    zone: str
    place: int
    of: int
    next_id: int


SHOWN = 2500


def queue(view: TextView | None) -> Screen:
    """Show one text of the queue, with what can be done about it."""
    if view is None:
        return Screen((say("messages.none"),))
    lines = (
        say("messages.title", place=view.place, of=view.of),
        None,
        *_words(view.code, view.at, view.text, view.zone),
    )
    answer = Button(say("messages.button_answer"), tap(Do.MESSAGE, "answer", view.id))
    seen = Button(say("messages.button_seen"), tap(Do.MESSAGE, "seen", view.id))
    card = Button(say("card.button", code=view.code), tap(Do.CARD, view.code))
    rows = [(answer, seen), (card,)]
    if view.of > 1:
        rows[1] = (card, Button(say("messages.button_next"), tap(Do.MESSAGE, "next", view.next_id)))
    return Screen(lines, tuple(rows), protect=True)


def _words(code: str, at: datetime, text: str, zone: str) -> tuple[Phrase, Phrase]:
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return say("messages.from", code=code, at=Moment(at, zone)), say("broadcast.quoted", text=shown)


def ask_reply(code: str, at: datetime, text: str, zone: str, said: str | None) -> Question:
    """Ask for the answer to a participant's words."""
    rows = ((Choice(say("broadcast.keep"), "keep"),),) if said else ()
    return Question((*_words(code, at, text, zone), None, say("messages.ask_reply", code=code)), rows)


def check_reply(code: str, language: Phrase, reply: str, *, reachable: bool) -> Question:
    """Show the answer before it goes."""
    lines: list[Phrase | None] = [say("messages.check", code=code, language=language)]
    lines += [None, say("broadcast.quoted", text=reply)]
    if not reachable:
        lines += [None, say("messages.unreachable", code=code)]
    return Question(tuple(lines), confirm=say("messages.send"))


def replied(code: str, left: int) -> Screen:
    """Say that the answer goes out, and how many texts are left."""
    more = Button(say("messages.button_more"), tap(Do.MESSAGE, "next", 0))
    lines: list[Phrase | None] = [say("messages.replied", code=code)]
    if left:
        lines.append(say_n("messages.left", left))
    return Screen(tuple(lines), ((more,),) if left else (), protect=True)


def letter(text: str, numbers: Mapping[str, Value]) -> Screen:
    """Show the answer of the staff to a participant."""
    lines = (say("reply.first"), None, say("reply.text", text=text), None, say("reply.emergency", **numbers))
    return Screen(lines, ((OPEN_CONTACT,),), protect=True)
