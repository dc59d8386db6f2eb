"""What staff look up: today and tomorrow, and one participant's card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.screens import care
from bot.screens.phone_list import REASONS
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Joined, Moment, Phrase, Rows, Screen, key, say, say_n

ATTENDANCE: Mapping[str, str] = {
    "coming": key("today.coming"),
    "cannot": key("today.cannot"),
    "unknown": key("today.unknown"),
    "done": key("today.done"),
}
STATUS: Mapping[str, str] = {
    "enrolled": key("card.enrolled"),
    "joined": key("card.joined"),
    "active": key("card.active"),
    "withdrawn": key("card.withdrawn"),
    "completed": key("card.completed"),
}
TIERS: Mapping[str, str] = {
    "red": key("card.tier_red"),
    "amber": key("card.tier_amber"),
    "green": key("card.tier_green"),
}


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A live alert, as a button says it."""

    id: int
    title: Phrase


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody's visit on one of the days; `done` once it has taken place."""

    code: str
    name: str
    at: datetime
    zone: str
    attendance: Literal["coming", "cannot", "unknown", "done"]
    is_infusion: bool
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TodayView:
    """The visits of two days, the live alerts, and what waits."""

    days: tuple[tuple[date, tuple[Expected, ...]], ...]
    alerts: tuple[AlertLine, ...]
    not_joined: tuple[str, ...]
    unread: int
    by_phone: tuple[str, ...] = ()


def today(view: TodayView, *, enrols: bool, answers: bool) -> Screen:
    """Show two days; buttons for what the reader may do about it."""
    lines: list[Phrase | None] = []
    for number, (on, expected) in enumerate(view.days):
        title = say("today.today", on=Day(on)) if number == 0 else say("today.tomorrow", on=Day(on))
        lines += [title, *(_expected(each) for each in expected)]
        lines += [None] if expected else [say("today.no_visits"), None]
    lines.append(say_n("today.alerts", len(view.alerts)) if view.alerts else say("today.no_alerts"))
    if view.not_joined:
        lines.append(say("today.not_joined", codes=Joined(view.not_joined)))
    if view.by_phone:
        lines.append(say("byphone.today", codes=Joined(view.by_phone)))
    if view.unread:
        lines.append(say_n("today.unread", view.unread))
    return Screen(tuple(lines), _today_buttons(view, enrols=enrols, answers=answers), protect=True)


def _expected(each: Expected) -> Phrase:
    said = _with_extras(Phrase(ATTENDANCE[each.attendance]), each.extras)
    at, name = Moment(each.at, each.zone, "time"), Phrase(each.name)
    if each.is_infusion:
        return say("today.infusion", at=at, code=each.code, name=name, attendance=said)
    return say("today.visit", at=at, code=each.code, name=name, attendance=said)


def _with_extras(said: Phrase, extras: tuple[str, ...]) -> Phrase:
    """Add what is done beside the plan at this visit: staff have to know which tube it is."""
    if not extras:
        return said
    return say("today.with_extras", said=said, extras=Joined(tuple(Phrase(each) for each in extras)))


def _today_buttons(view: TodayView, *, enrols: bool, answers: bool) -> Rows:
    rows: list[tuple[Button, ...]] = [_alert(each) for each in view.alerts]
    if view.not_joined and enrols:
        rows.append(
            (Button(say("enrol.button_waiting", count=len(view.not_joined)), tap(Do.INVITE, "list")),)
        )
    if view.by_phone and enrols:
        rows.append((Button(say("byphone.button", count=len(view.by_phone)), tap(Do.BY_PHONE, "list")),))
    if view.unread and answers:
        rows.append((Button(say("today.button_unread"), tap(Do.MESSAGE, "list", "waiting")),))
    return (*rows, (Button(say("today.button_refresh"), tap(Do.TODAY)),))


def _alert(each: AlertLine) -> tuple[Button, ...]:
    return (Button(each.title, tap(Do.OPEN_ALERT, each.id)),)


@dataclass(frozen=True, slots=True)
class CardView:
    """One participant, without name, arm and dose; `last_tier` is of the last finished check-in."""

    id: int
    code: str
    status: str
    study_day: int
    reachable: bool
    next_name: str | None
    next_at: datetime | None
    attendance: str
    zone: str
    last_at: datetime | None
    last_tier: str | None
    open_since: datetime | None
    alerts: tuple[AlertLine, ...]
    extras: tuple[str, ...] = ()
    by_phone: str | None = None


def card(view: CardView, *, enrols: bool) -> Screen:
    """Show where one participant stands."""
    lines: list[Phrase | None] = [say("card.title", code=view.code), None]
    lines.append(say("card.day", day=view.study_day))
    lines.append(say("card.status", status=Phrase(STATUS[view.status])))
    if view.by_phone is not None:
        lines.append(say("card.by_phone", why=Phrase(REASONS[view.by_phone])))
    if not view.reachable and view.status in ("joined", "active"):
        lines.append(say("card.unreachable"))
    lines += [_next(view), _last(view)]
    if view.open_since is not None:
        lines.append(say("card.open", at=Moment(view.open_since, view.zone, "day_time")))
    lines.append(say_n("today.alerts", len(view.alerts)) if view.alerts else say("today.no_alerts"))
    rows = [_alert(each) for each in view.alerts]
    rows.append((care.card_button(view.id),))
    if enrols and view.status not in ("withdrawn", "completed"):
        rows.append((Button(say("invite.button_new"), tap(Do.INVITE, "new", view.id)),))
    return Screen(tuple(lines), tuple(rows), protect=True)


def _next(view: CardView) -> Phrase:
    if view.next_name is None or view.next_at is None:
        return say("card.no_next")
    said = _with_extras(Phrase(ATTENDANCE[view.attendance]), view.extras)
    return say("card.next", name=Phrase(view.next_name), at=Moment(view.next_at, view.zone), attendance=said)


def _last(view: CardView) -> Phrase:
    if view.last_at is None:
        return say("card.no_checkin")
    tier = Phrase(TIERS[view.last_tier or "green"])
    return say("card.checkin", at=Moment(view.last_at, view.zone, "day_time"), tier=tier)


def pick(codes: Sequence[str]) -> Screen:
    """Ask whose card to show."""
    if not codes:
        return Screen((say("task.nobody"),))
    buttons = [Button(say("card.button", code=each), tap(Do.CARD, each)) for each in codes[:80]]
    rows = tuple(tuple(buttons[first : first + 4]) for first in range(0, len(buttons), 4))
    return Screen((say("card.pick"),), rows)


def no_such(code: str) -> Screen:
    """Say that nobody has this code."""
    return Screen((say("task.refused.code", code=code[:20]),))
