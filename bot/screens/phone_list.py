"""Who takes part without the chat: why, since when, the next visit, and when they were called last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Phrase, Rows, Screen, key, say

REASONS: Mapping[str, str] = {
    "refused": key("byphone.refused"),
    "stopped": key("byphone.stopped"),
    "leaving": key("byphone.leaving"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One participant on the list."""

    id: int
    code: str
    reason: str
    since_at: datetime
    called_at: datetime | None
    visit: str | None
    visit_at: datetime | None
    zone: str


def listed(lines: Sequence[Line]) -> Screen:
    """Show the list, with a button for each thing that staff can do about somebody."""
    shown: list[Phrase | None] = [say("byphone.title"), None]
    if not lines:
        shown.append(say("byphone.nobody"))
    for each in lines:
        shown += [*_line(each), None]
    rows: list[tuple[Button, ...]] = []
    for each in lines:
        rows += _rows(each)
    return Screen(tuple(shown), (*rows, (Button(say("byphone.button_today"), tap(Do.TODAY)),)), protect=True)


def _line(each: Line) -> list[Phrase | None]:
    since = Moment(each.since_at, each.zone, "day_time")
    lines: list[Phrase | None] = [
        say("byphone.line", code=each.code, why=Phrase(REASONS[each.reason]), since=since)
    ]
    if each.visit is not None and each.visit_at is not None:
        lines.append(say("byphone.next", name=Phrase(each.visit), at=Moment(each.visit_at, each.zone)))
    if each.called_at is None:
        return [*lines, say("byphone.not_called")]
    return [*lines, say("byphone.called", at=Moment(each.called_at, each.zone, "day_time"))]


def _rows(each: Line) -> Rows:
    called = Button(say("byphone.button_called", code=each.code), tap(Do.BY_PHONE, "called", each.id))
    invite = Button(say("byphone.button_invite", code=each.code), tap(Do.INVITE, "new", each.id))
    if each.reason != "leaving":
        return ((called, invite),)
    left = Button(say("byphone.button_left", code=each.code), tap(Do.BY_PHONE, "left", each.id))
    stays = Button(say("byphone.button_stays", code=each.code), tap(Do.BY_PHONE, "stays", each.id))
    return ((called,), (left, stays))


def sure(code: str, participant_id: int) -> Screen:
    """Ask once more before somebody is recorded as having left the study."""
    yes = Button(say("byphone.button_left_sure"), tap(Do.BY_PHONE, "left_yes", participant_id))
    no = Button(say("byphone.button_back"), tap(Do.BY_PHONE, "list"))
    return Screen((say("byphone.sure", code=code),), ((yes,), (no,)), protect=True)
