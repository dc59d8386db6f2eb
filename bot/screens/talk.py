"""The answers of the staff: written, looked at, sent, and kept for the next time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.screens.common import OPEN_CONTACT, OPEN_HOME
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Moment, Phrase, Screen, Value, Verbatim, say, say_n

SHOWN = 2500
LABEL = 40


class SavedAnswer(Protocol):
    """An answer that is kept, in both languages."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def zh(self) -> str:
        """In Chinese."""

    @property
    def en(self) -> str:
        """In English."""


def _begin(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LABEL else f"{line[: LABEL - 1]}…"


def _label(saved: SavedAnswer) -> Phrase:
    return say("saved.label", text=Verbatim(_begin(saved.zh), _begin(saved.en)))


@dataclass(frozen=True, slots=True)
class Answered:
    """What a colleague has answered meanwhile."""

    name: str
    at: datetime
    text: Verbatim


def _meanwhile(answered: Answered | None, zone: str) -> list[Phrase | None]:
    if answered is None:
        return []
    told = say("messages.answered_meanwhile", name=answered.name, at=Moment(answered.at, zone, "day_time"))
    return [None, told, say("broadcast.quoted", text=answered.text)]


def ask_reply(
    code: str,
    at: datetime,
    text: str,
    zone: str,
    said: str | None,
    saved: Sequence[SavedAnswer] = (),
    answered: Answered | None = None,
) -> Question:
    """Ask for the answer to a participant's words; those that are kept are a tap away."""
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    rows = [(Choice(say("broadcast.keep"), "keep"),)] if said else []
    rows += [(Choice(_label(each), f"s{each.id}"),) for each in saved]
    lines: list[Phrase | None] = [say("messages.from", code=code, at=Moment(at, zone))]
    if shown:
        lines.append(say("broadcast.quoted", text=shown))
    lines += _meanwhile(answered, zone)
    lines += [None, say("messages.ask_reply", code=code)]
    if saved:
        lines.append(say("saved.or_choose"))
    return Question(tuple(lines), tuple(rows))


def check_reply(
    code: str,
    language: Phrase,
    reply: str,
    zone: str,
    *,
    reachable: bool,
    answered: Answered | None = None,
) -> Question:
    """Show the answer before it goes, and what a colleague has answered meanwhile."""
    lines: list[Phrase | None] = [say("messages.check", code=code, language=language)]
    lines += [None, say("broadcast.quoted", text=reply)]
    lines += _meanwhile(answered, zone)
    if not reachable:
        lines += [None, say("messages.unreachable", code=code)]
    return Question(tuple(lines), confirm=say("messages.send"))


def replied(code: str, left: int) -> Screen:
    """Say that the answer goes out, and how many threads are left."""
    more = Button(say("messages.button_more"), tap(Do.MESSAGE, "list", "waiting"))
    lines: list[Phrase | None] = [say("messages.replied", code=code)]
    if left:
        lines.append(say_n("messages.left", left))
    return Screen(tuple(lines), ((more,),) if left else (), protect=True)


def letter(text: Verbatim, numbers: Mapping[str, Value]) -> Screen:
    """Show the answer of the staff to a participant."""
    lines = (
        say("reply.first"),
        None,
        say("reply.text", text=text),
        None,
        say("reply.ask_on"),
        say("reply.emergency", **numbers),
    )
    return Screen(lines, ((OPEN_CONTACT, OPEN_HOME),), protect=True)


def ask_saved_zh(said: str | None) -> Question:
    """Ask for the Chinese words of an answer to keep."""
    rows = ((Choice(say("broadcast.keep"), "keep"),),) if said else ()
    return Question((say("saved.ask_zh"), *_held(said)), rows)


def ask_saved_en(said: str | None) -> Question:
    """Ask for the English words of an answer to keep."""
    rows = ((Choice(say("broadcast.keep"), "keep"),),) if said else ()
    return Question((say("saved.ask_en"), *_held(said)), rows)


def _held(said: str | None) -> tuple[Phrase | None, ...]:
    return (None, say("broadcast.quoted", text=said)) if said else ()


def check_saved(zh: str, en: str) -> Question:
    """Show the answer in both languages before it is kept."""
    lines = (
        say("saved.check"),
        None,
        say("broadcast.quoted", text=zh),
        None,
        say("broadcast.quoted", text=en),
    )
    return Question(lines, confirm=say("saved.keep"))


def saved_list(kept: Sequence[SavedAnswer]) -> Screen:
    """List the answers that are kept, each with a button."""
    lines: list[Phrase | None] = [say("saved.title"), None]
    lines.append(say("saved.how") if kept else say("saved.none"))
    rows = [(Button(_label(each), tap(Do.SAVED, "open", each.id)),) for each in kept]
    rows.append((Button(say("saved.button_add"), tap(Do.SAVED, "add")),))
    rows.append((Button(say("threads.button_list"), tap(Do.MESSAGE, "list", "waiting")),))
    return Screen(tuple(lines), tuple(rows), protect=True)


def saved_one(saved: SavedAnswer) -> Screen:
    """Show one of them whole."""
    lines = (
        say("saved.title"),
        None,
        say("broadcast.quoted", text=saved.zh),
        None,
        say("broadcast.quoted", text=saved.en),
    )
    rows = (
        (Button(say("saved.button_forget"), tap(Do.SAVED, "forget", saved.id)),),
        (Button(say("saved.button_back"), tap(Do.SAVED, "list")),),
    )
    return Screen(lines, rows, protect=True)
