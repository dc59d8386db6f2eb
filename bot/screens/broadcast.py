"""Broadcasts: the questions, what participants read, the progress and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.screens.common import OPEN_CONTACT
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Moment, Phrase, Rows, Screen, Verbatim, key, say, say_n

Audience = Literal["all", "zh_CN", "en", "both"]
AUDIENCES: Mapping[str, str] = {
    "all": key("broadcast.to_all"),
    "zh_CN": key("broadcast.to_zh"),
    "en": key("broadcast.to_en"),
    "both": key("broadcast.to_both"),
}
Why = Literal["not_joined", "not_agreed", "blocked", "no_chat", "refused", "uncertain", "expired", "stopped"]
REASONS: Mapping[Why, str] = {
    "not_joined": key("broadcast.why_not_joined"),
    "not_agreed": key("broadcast.why_not_agreed"),
    "blocked": key("broadcast.why_blocked"),
    "no_chat": key("broadcast.why_no_chat"),
    "refused": key("broadcast.why_refused"),
    "uncertain": key("broadcast.why_uncertain"),
    "expired": key("broadcast.why_expired"),
    "stopped": key("broadcast.why_stopped"),
}
STATES: Mapping[str, str] = {
    "draft": key("broadcast.state_draft"),
    "sending": key("broadcast.state_sending"),
    "done": key("broadcast.state_done"),
    "stopped": key("broadcast.state_stopped"),
}
MOST_CODES = 40
FIRST_WORDS = 30


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """A broadcast as it is now; `missed` are the codes of who did not get it, by the reason."""

    id: int
    state: Literal["draft", "sending", "done", "stopped"]
    text: Verbatim
    audience: Audience
    total: int
    sent: int
    waiting: int
    missed: Mapping[Why, Sequence[str]]
    at: datetime
    zone: str


def ask_zh(said: str | None) -> Question:
    """Ask for the Chinese text."""
    return Question((say("broadcast.ask_zh"), *_said(said)), _keep(said))


def ask_en(said: str | None) -> Question:
    """Ask for the English text."""
    return Question((say("broadcast.ask_en"), *_said(said)), _keep(said))


def _said(text: str | None) -> tuple[Phrase | None, ...]:
    if text is None:
        return ()
    return (None, say("broadcast.so_far"), say("broadcast.quoted", text=text))


def _keep(text: str | None) -> tuple[tuple[Choice, ...], ...]:
    return ((Choice(say("broadcast.keep"), "keep"),),) if text is not None else ()


def ask_audience(counts: Mapping[str, int], chosen: str | None) -> Question:
    """Ask who shall read it; `counts` are how many can be reached."""
    rows = tuple(
        (Choice(say("broadcast.choice", name=Phrase(name), count=counts[each]), each, chosen=each == chosen),)
        for each, name in AUDIENCES.items()
    )
    return Question((say("broadcast.ask_audience"),), rows)


def preview(zh: str, en: str, audience: str, reached: int, left_out: int) -> Question:
    """Show the text as each language reads it, and to how many it will go."""
    lines: list[Phrase | None] = []
    if audience != "en":
        lines += [say("broadcast.preview_zh"), say("broadcast.quoted", text=zh), None]
    if audience != "zh_CN":
        lines += [say("broadcast.preview_en"), say("broadcast.quoted", text=en), None]
    if audience in ("all", "both"):
        lines += [say("broadcast.preview_both"), None]
    lines.append(say("broadcast.audience", name=Phrase(AUDIENCES[audience])))
    lines.append(say_n("broadcast.count", reached))
    if left_out:
        lines.append(say_n("broadcast.left_out", left_out))
    return Question(tuple(lines), confirm=say_n("broadcast.confirm", reached))


def letter(text: Verbatim) -> Screen:
    """Show a broadcast to a participant."""
    return Screen((say("broadcast.first"), None, say("broadcast.text", text=text)), ((OPEN_CONTACT,),))


def progress(view: BroadcastView) -> Screen:
    """Show how far a broadcast is, and who did not get it, and why."""
    title = say("broadcast.title", id=view.id, state=Phrase(STATES[view.state]))
    lines: list[Phrase | None] = [title, None, say("broadcast.quoted", text=view.text), None]
    lines.append(say("broadcast.audience", name=Phrase(AUDIENCES[view.audience])))
    lines.append(say("broadcast.sent", sent=view.sent, total=view.total))
    if view.state == "sending":
        lines.append(say("broadcast.waiting", count=view.waiting))
    if any(view.missed.values()):
        lines += [None, say("broadcast.missed")]
        lines += [_missed(why, codes) for why, codes in view.missed.items() if codes]
    elif view.state == "done":
        lines += [None, say("broadcast.everyone")]
    return Screen(tuple(lines), _buttons(view), protect=True)


def _missed(why: Why, codes: Sequence[str]) -> Phrase:
    listed = ", ".join(codes[:MOST_CODES]) + (" …" if len(codes) > MOST_CODES else "")
    return say("broadcast.missed_line", why=Phrase(REASONS[why]), count=len(codes), codes=listed)


def _buttons(view: BroadcastView) -> Rows:
    if view.state != "sending":
        return ()
    stop = Button(say("broadcast.button_stop"), tap(Do.CAST, "stop", view.id))
    return ((Button(say("broadcast.button_refresh"), tap(Do.CAST, "show", view.id)), stop),)


def listing(views: Sequence[BroadcastView]) -> Screen:
    """List the last broadcasts with their states, a button for each."""
    if not views:
        return Screen((say("broadcasts.none"),))
    lines = tuple(_listed(view) for view in views)
    buttons = [Button(say("broadcasts.open", id=view.id), tap(Do.CAST, "show", view.id)) for view in views]
    rows = tuple(tuple(buttons[first : first + 5]) for first in range(0, len(buttons), 5))
    return Screen((say("broadcasts.title"), None, *lines), rows, protect=True)


def _listed(view: BroadcastView) -> Phrase:
    return say(
        "broadcasts.line",
        id=view.id,
        at=Moment(view.at, view.zone, "day_time"),
        state=Phrase(STATES[view.state]),
        sent=view.sent,
        total=view.total,
        text=Verbatim(_start(view.text.zh_CN), _start(view.text.en)),
    )


def _start(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= FIRST_WORDS else f"{line[:FIRST_WORDS]}…"
