"""/messages: whom participants wait for, and one talk with its history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.screens.common import lasting
from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Phrase, Rows, Screen, Verbatim, key, say, say_n

Filter = Literal["waiting", "mine", "overdue", "answered"]
FILTERS: dict[Filter, str] = {
    "waiting": key("threads.filter_waiting"),
    "mine": key("threads.filter_mine"),
    "overdue": key("threads.filter_overdue"),
    "answered": key("threads.filter_answered"),
}
KINDS = {
    "photo": key("threads.photo"),
    "voice": key("threads.voice"),
    "video": key("threads.video"),
    "document": key("threads.document"),
    "sticker": key("threads.sticker"),
    "location": key("threads.location"),
    "other": key("threads.other"),
}
NEW_OR_NOT = (key("threads.new"), key("messages.from"))
# A message holds 4096 characters; what is older stands in the export.
MOST_LISTED, MOST_UNITS, LONGEST = 20, 3000, 1200
BUTTONS_IN_A_ROW = 4
MOST_FILES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One thread in the list."""

    participant_id: int
    code: str
    since: datetime
    waits: bool
    overdue: bool
    assigned_to: str | None


@dataclass(frozen=True, slots=True)
class ListView:
    """The threads of a filter, and how many there are of each."""

    chosen: Filter
    lines: tuple[Line, ...]
    waiting: int
    mine: int
    overdue: int
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said: by the participant (`by` is None), or by a member of staff."""

    at: datetime
    by: str | None
    zh: str
    en: str
    text_id: int = 0
    kind: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The talk with one participant; `last` is the id of their last text."""

    participant_id: int
    code: str
    study_day: int
    zone: str
    said: tuple[Said, ...]
    last: int
    waits: bool
    overdue: bool
    assigned_to: str | None
    # Has left the study: nothing is sent there any more.
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whose task a thread may be."""

    id: int
    name: str
    me: bool


def listing(view: ListView) -> Screen:
    """List the threads, the longest waiting first."""
    lines: list[Phrase | None] = [say("threads.title")]
    lines.append(say("threads.counts", waiting=view.waiting, mine=view.mine, overdue=view.overdue))
    shown = view.lines[:MOST_LISTED]
    lines += [None, *(_listed(each, view) for each in shown)] if shown else [None, _none(view.chosen)]
    if len(view.lines) > len(shown):
        lines.append(say_n("threads.more", len(view.lines) - len(shown)))
    buttons = [Button(say("threads.code", code=each.code), _open(each.participant_id)) for each in shown]
    rows = [tuple(buttons[n : n + BUTTONS_IN_A_ROW]) for n in range(0, len(buttons), BUTTONS_IN_A_ROW)]
    filters = tuple(
        Button(_marked(Phrase(label), chosen=name == view.chosen), tap(Do.MESSAGE, "list", name))
        for name, label in FILTERS.items()
    )
    saved = Button(say("threads.button_saved"), tap(Do.SAVED, "list"))
    return Screen(tuple(lines), (*rows, filters[:2], filters[2:], (saved,)), protect=True)


def _none(chosen: Filter) -> Phrase:
    return say("messages.none") if chosen == "waiting" else say("threads.none")


def _marked(label: Phrase, *, chosen: bool) -> Phrase:
    return say("visits.chosen", label=label) if chosen else label


def _listed(line: Line, view: ListView) -> Phrase:
    since = Moment(line.since, view.zone, "day_time")
    if not line.waits:
        return say("threads.line_done", code=line.code, since=since)
    waits = lasting(view.now - line.since)
    late = say("threads.late") if line.overdue else Verbatim("", "")
    whose = say("threads.whose", name=line.assigned_to) if line.assigned_to else Verbatim("", "")
    return say("threads.line", code=line.code, since=since, waits=waits, late=late, whose=whose)


def _open(participant_id: int) -> str:
    return tap(Do.MESSAGE, "open", participant_id)


def thread(view: ThreadView) -> Screen:
    """Show a talk, the newest at the end, with what can be done; replying to this message answers it."""
    lines: list[Phrase | None] = [say("threads.head", code=view.code, day=view.study_day)]
    if view.overdue:
        lines.append(say("threads.is_overdue"))
    if view.assigned_to:
        lines.append(say("threads.is_assigned", name=view.assigned_to))
    shown = _latest(view)
    if len(shown) < len(view.said):
        lines += [None, say("threads.older")]
    for each in shown:
        lines += [None, *_said(each, view)]
    lines += [None, _how(view)]
    return Screen(tuple(lines), _rows(view, shown), protect=True)


def _how(view: ThreadView) -> Phrase:
    if view.withdrawn:
        return say("threads.withdrawn")
    return say("threads.how") if view.last else say("threads.nothing")


def _latest(view: ThreadView) -> tuple[Said, ...]:
    units, count = 0, 0
    for each in reversed(view.said):
        units += min(len(each.zh), LONGEST) + 60
        if units > MOST_UNITS and count:
            break
        count += 1
    return view.said[len(view.said) - count :]


def _said(each: Said, view: ThreadView) -> Iterator[Phrase]:
    at = Moment(each.at, view.zone, "day_time")
    if each.by is not None:
        yield say("threads.we", name=each.by, at=at)
        yield say("broadcast.quoted", text=Verbatim(_cut(each.zh), _cut(each.en)))
        return
    who = "threads.new" if each.waits else "messages.from"
    yield Phrase(who, {"code": view.code, "at": at})
    if each.kind is not None:
        yield Phrase(KINDS.get(each.kind, KINDS["other"]))
    if each.zh:
        yield say("broadcast.quoted", text=_cut(each.zh))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _rows(view: ThreadView, shown: tuple[Said, ...]) -> Rows:
    rows: list[tuple[Button, ...]] = []
    files = [each for each in shown if each.kind is not None][-MOST_FILES:]
    for each in files:
        kind = Phrase(KINDS.get(each.kind or "other", KINDS["other"]))
        label = say("threads.button_file", kind=kind, at=Moment(each.at, view.zone, "day_time"))
        rows.append((Button(label, tap(Do.FILE, "text", each.text_id)),))
    if view.withdrawn and view.waits:
        rows.append((Button(say("threads.button_read"), tap(Do.MESSAGE, "seen", view.last)),))
    elif view.last and not view.withdrawn:
        answer = Button(say("messages.button_answer"), tap(Do.MESSAGE, "answer", view.last))
        done = Button(say("messages.button_seen"), tap(Do.MESSAGE, "seen", view.last))
        rows.append((answer, done) if view.waits else (answer,))
        rows.append((Button(say("threads.button_assign"), tap(Do.MESSAGE, "whose", view.participant_id)),))
    card = Button(say("card.button", code=view.code), tap(Do.CARD, view.code))
    rows.append((card, Button(say("threads.button_list"), tap(Do.MESSAGE, "list", "waiting"))))
    return tuple(rows)


def assign(code: str, participant_id: int, found: tuple[Colleague, ...]) -> Screen:
    """Ask whose task a thread shall be."""
    rows: list[tuple[Button, ...]] = [
        (
            Button(
                say("threads.to_me") if each.me else say("threads.to", name=each.name),
                tap(Do.MESSAGE, "assign", participant_id, each.id),
            ),
        )
        for each in found
    ]
    rows.append((Button(say("threads.to_nobody"), tap(Do.MESSAGE, "assign", participant_id, 0)),))
    rows.append((Button(say("threads.button_back"), _open(participant_id)),))
    return Screen((say("threads.ask_whose", code=code),), tuple(rows), protect=True)


def file_caption(code: str, at: datetime, zone: str) -> Screen:
    """Say whose file it is."""
    return Screen((say("messages.from", code=code, at=Moment(at, zone, "day_time")),), protect=True)
