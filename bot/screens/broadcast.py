"""Broadcasts: the questions, what participants read, the progress and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.screens.common import OPEN_CONTACT
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Joined, Moment, Phrase, Rows, Screen, Verbatim, key, say, say_n

State = Literal["draft", "awaiting", "scheduled", "sending", "paused", "done", "stopped"]
Why = Literal[
    "not_joined",
    "not_agreed",
    "blocked",
    "no_chat",
    "refused",
    "uncertain",
    "expired",
    "stopped",
    "file_missing",
]
REASONS: Mapping[Why, str] = {
    "not_joined": key("broadcast.why_not_joined"),
    "not_agreed": key("broadcast.why_not_agreed"),
    "blocked": key("broadcast.why_blocked"),
    "no_chat": key("broadcast.why_no_chat"),
    "refused": key("broadcast.why_refused"),
    "uncertain": key("broadcast.why_uncertain"),
    "expired": key("broadcast.why_expired"),
    "stopped": key("broadcast.why_stopped"),
    "file_missing": key("broadcast.why_file_missing"),
}
STATES: Mapping[str, str] = {
    "draft": key("broadcast.state_draft"),
    "awaiting": key("broadcast.state_awaiting"),
    "scheduled": key("broadcast.state_scheduled"),
    "sending": key("broadcast.state_sending"),
    "paused": key("broadcast.state_paused"),
    "done": key("broadcast.state_done"),
    "stopped": key("broadcast.state_stopped"),
}
MOST_CODES = 40
FIRST_WORDS = 30


FILES: Mapping[str, str] = {
    "photo": key("broadcast.with_photo"),
    "document": key("broadcast.with_document"),
}
# Where a list of codes fills a message of its own.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """A broadcast as it is now; `missed` are the codes of who did not get it, by the reason.

    `sent` and `waiting` are codes too: each person's fate.
    """

    id: int
    version: int
    state: State
    text: Verbatim
    audience: Phrase
    sent: Sequence[str]
    waiting: Sequence[str]
    total: int
    missed: Mapping[Why, Sequence[str]]
    at: datetime
    zone: str
    author: str
    file: Literal["photo", "document"] | None = None
    send_at: datetime | None = None
    approver: str | None = None
    approved_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a draft would do, to be confirmed; `seen` is the language whose reader's view is shown."""

    shown: Mapping[str, str]
    seen: str
    audience: Phrase
    reached: int
    left_out: int
    file: Literal["photo", "document"] | None
    send_at: datetime | None
    zone: str
    needs_approval: bool


READERS: Mapping[str, str] = {
    "zh_CN": key("broadcast.see_zh"),
    "en": key("broadcast.see_en"),
    "both": key("broadcast.see_both"),
}
READERS_SEE: Mapping[str, str] = {
    "zh_CN": key("broadcast.preview_zh"),
    "en": key("broadcast.preview_en"),
    "both": key("broadcast.preview_both"),
}


def summary(view: Summary) -> Question:
    """Show the message as one kind of reader sees it, to whom and when it goes, and what can be changed."""
    text = view.shown[view.seen]
    lines: list[Phrase | None] = [Phrase(READERS_SEE[view.seen])]
    lines += [say("broadcast.quoted", text=text), None]
    lines.append(say("broadcast.audience", name=view.audience))
    lines.append(say_n("broadcast.count", view.reached))
    if view.left_out:
        lines.append(say_n("broadcast.left_out", view.left_out))
    if view.file is not None:
        lines.append(Phrase(FILES[view.file]))
    if view.send_at is not None:
        lines.append(say("broadcast.goes_at", at=Moment(view.send_at, view.zone)))
    if view.needs_approval:
        lines.append(say("broadcast.needs_approval"))
    return Question(tuple(lines), _changes(view), confirm=_confirm(view))


def _confirm(view: Summary) -> Phrase:
    if view.needs_approval:
        return say("broadcast.confirm_approval")
    if view.send_at is not None:
        return say("broadcast.confirm_later", at=Moment(view.send_at, view.zone, "day_time"))
    return say_n("broadcast.confirm", view.reached)


def _changes(view: Summary) -> tuple[tuple[Choice, ...], ...]:
    readers = tuple(
        Choice(Phrase(name), f"see.{each}", chosen=each == view.seen) for each, name in READERS.items()
    )
    file = Choice(say("broadcast.change_file") if view.file else say("broadcast.add_file"), "file")
    when = Choice(say("broadcast.change_time") if view.send_at else say("broadcast.add_time"), "when")
    return readers, (file,), (when,)


def ask_file(held: str | None) -> Question:
    """Ask for a picture or a document."""
    lines: list[Phrase | None] = [say("broadcast.ask_file")]
    if held is not None:
        lines.append(Phrase(FILES[held]))
    rows = ((Choice(say("broadcast.no_file"), "nofile"),),)
    return Question(tuple(lines), rows)


def ask_when(question: Question, *, timed: bool) -> Question:
    """Ask for day and time, or let it go at once."""
    label = say("broadcast.at_once") if timed else say("broadcast.back_at_once")
    return Question(question.lines, (*question.rows, (Choice(label, "at_once"),)))


def check_time(broadcast_id: int, at: datetime, zone: str) -> Question:
    """Show the new time, to be confirmed."""
    moment = Moment(at, zone)
    return Question(
        (say("broadcast.new_time", id=broadcast_id, at=moment),), confirm=say("broadcast.confirm_time")
    )


def letter(text: Verbatim) -> Screen:
    """Show a broadcast to a participant."""
    return Screen((say("broadcast.first"), None, say("broadcast.text", text=text)), ((OPEN_CONTACT,),))


def above() -> Screen:
    """Stand below a file whose text is too long for it, and follows."""
    return Screen((say("broadcast.first"), None, say("broadcast.text_follows")))


def progress(view: BroadcastView) -> Screen:
    """Show how far a broadcast is, and who did not get it, and why."""
    title = say("broadcast.title", id=view.id, state=Phrase(STATES[view.state]))
    lines: list[Phrase | None] = [title, None, say("broadcast.quoted", text=view.text), None]
    lines += _about(view)
    if view.state in ("sending", "paused", "done") or (view.state == "stopped" and view.total):
        lines.append(say("broadcast.sent", sent=len(view.sent), total=view.total))
    if view.state in ("sending", "paused"):
        lines.append(say("broadcast.waiting", count=len(view.waiting)))
    if any(view.missed.values()):
        lines += [None, say("broadcast.missed")]
        lines += [_missed(why, codes) for why, codes in view.missed.items() if codes]
    elif view.state == "done":
        lines += [None, say("broadcast.everyone")]
    return Screen(tuple(lines), _buttons(view), protect=True)


def _about(view: BroadcastView) -> list[Phrase | None]:
    lines: list[Phrase | None] = [say("broadcast.audience", name=view.audience)]
    if view.file is not None:
        lines.append(Phrase(FILES[view.file]))
    if view.state == "awaiting":
        lines.append(say("broadcast.awaits"))
    if view.approver is not None and view.approved_at is not None:
        at = Moment(view.approved_at, view.zone, "day_time")
        lines.append(say("broadcast.approved", name=view.approver, at=at))
    if view.send_at is not None and view.state in ("awaiting", "scheduled"):
        lines.append(say("broadcast.goes_at", at=Moment(view.send_at, view.zone)))
    return lines


def _missed(why: Why, codes: Sequence[str], most: int = MOST_CODES) -> Phrase:
    return say(
        "broadcast.missed_line", why=Phrase(REASONS[why]), count=len(codes), codes=_listed_codes(codes, most)
    )


def _listed_codes(codes: Sequence[str], most: int) -> Joined:
    return Joined((*codes[:most], *(["…"] if len(codes) > most else [])))


def _buttons(view: BroadcastView) -> Rows:
    stop = Button(say("broadcast.button_stop"), tap(Do.CAST, "stop", view.id))
    refresh = Button(say("broadcast.button_refresh"), tap(Do.CAST, "show", view.id))
    each = (Button(say("broadcast.button_fates"), tap(Do.CAST, "fates", view.id)),)
    pause = Button(say("broadcast.button_pause"), tap(Do.CAST, "pause", view.id))
    resume = Button(say("broadcast.button_resume"), tap(Do.CAST, "resume", view.id))
    now = Button(say("broadcast.button_now"), tap(Do.CAST, "now", view.id))
    retime = Button(say("broadcast.button_retime"), tap(Do.CAST, "retime", view.id))
    cancel = Button(say("broadcast.button_cancel"), tap(Do.CAST, "stop", view.id))
    rows: dict[str, Rows] = {
        "awaiting": ((refresh, cancel),),
        "scheduled": ((retime, now), (cancel,)),
        "sending": ((refresh, pause), (stop,), each),
        "paused": ((resume, stop), each),
    }
    over: Rows = (each,) if view.total else ()
    return rows.get(view.state, over)


def fates(view: BroadcastView) -> Screen:
    """Show what became of each person's copy."""
    title = say("broadcast.title", id=view.id, state=Phrase(STATES[view.state]))
    lines: list[Phrase | None] = [title, None]
    if view.sent:
        listed = _listed_codes(view.sent, MOST_LISTED)
        lines.append(say("broadcast.fate_sent", count=len(view.sent), codes=listed))
    if view.waiting:
        listed = _listed_codes(view.waiting, MOST_LISTED)
        lines.append(say("broadcast.fate_waiting", count=len(view.waiting), codes=listed))
    lines += [_missed(why, codes, MOST_LISTED) for why, codes in view.missed.items() if codes]
    back = Button(say("broadcast.button_back"), tap(Do.CAST, "show", view.id))
    return Screen(tuple(lines), ((back,),), protect=True)


def approval(view: BroadcastView) -> Screen:
    """Ask a second person whether it may go out, or show what was decided."""
    title = say("broadcast.approval_title", name=view.author)
    lines: list[Phrase | None] = [title, None]
    lines += [say("broadcast.preview_zh"), say("broadcast.quoted", text=view.text.zh_CN), None]
    lines += [say("broadcast.preview_en"), say("broadcast.quoted", text=view.text.en), None]
    lines += [each for each in _about(view) if each is None or each.key != "broadcast.awaits"]
    if view.state != "awaiting":
        lines += [None, say("broadcast.decided", state=Phrase(STATES[view.state]))]
        return Screen(tuple(lines), protect=True)
    yes = Button(say("broadcast.button_approve"), tap(Do.APPROVE, "yes", view.id, view.version))
    no = Button(say("broadcast.button_refuse"), tap(Do.APPROVE, "no", view.id, view.version))
    return Screen(tuple(lines), ((yes,), (no,)), protect=True)


def listing(views: Sequence[BroadcastView]) -> Screen:
    """List the last broadcasts with their states, a button for each."""
    if not views:
        return Screen((say("broadcasts.none"),))
    lines = tuple(_listed(view) for view in views)
    buttons = [Button(say("broadcasts.open", id=view.id), tap(Do.CAST, "show", view.id)) for view in views]
    rows = tuple(tuple(buttons[first : first + 5]) for first in range(0, len(buttons), 5))
    return Screen((say("broadcasts.title"), None, *lines), rows, protect=True)


def _listed(view: BroadcastView) -> Phrase:
    text = Verbatim(_start(view.text.zh_CN), _start(view.text.en))
    state = Phrase(STATES[view.state])
    if view.state in ("awaiting", "scheduled"):
        goes = Moment(view.send_at or view.at, view.zone, "day_time")
        return say("broadcasts.line_ahead", id=view.id, at=goes, state=state, text=text)
    return say(
        "broadcasts.line",
        id=view.id,
        at=Moment(view.at, view.zone, "day_time"),
        state=state,
        sent=len(view.sent),
        total=view.total,
        text=text,
    )


def _start(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= FIRST_WORDS else f"{line[:FIRST_WORDS]}…"
