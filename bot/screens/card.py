"""One participant's card: the plan, adherence, reports, alerts, flags, and how to reach them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.domain.people import Action
from bot.screens import care
from bot.screens.enrol import flag_name
from bot.screens.overview import ATTENDANCE, AlertLine, alert_button, with_extras
from bot.screens.phone_list import REASONS
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Day, Joined, Moment, Phrase, Rows, Screen, key, say, say_n

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
BECAME: Mapping[str, str] = {
    "done": key("card.plan_done"),
    "missed": key("card.plan_missed"),
    "held": key("card.plan_held"),
    "ahead": key("card.plan_ahead"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A check-in that was answered to its end."""

    at: datetime
    tier: str


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A visit of the plan, and what became of it."""

    name: str
    on: date
    became: Literal["done", "missed", "held", "ahead"]


@dataclass(frozen=True, slots=True)
class CardView:
    """One participant, without name, arm, dose and number; `reports` are the last ones, the newest first.

    `answered` of `asked` check-ins that the protocol asked in the last `days`.
    """

    id: int
    code: str
    status: str
    study_day: int
    reachable: bool
    next_name: str | None
    next_at: datetime | None
    attendance: str
    zone: str
    reports: Sequence[Report]
    open_since: datetime | None
    alerts: tuple[AlertLine, ...]
    extras: tuple[str, ...] = ()
    plan: Sequence[PlanLine] = ()
    flags: Sequence[str] = ()
    answered: int = 0
    asked: int = 0
    days: int = 0
    has_phone: bool = False
    by_phone: str | None = None
    withdrawn_at: datetime | None = None


def card(view: CardView, may: Callable[[Action], bool]) -> Screen:
    """Show where one participant stands; `may` says what its reader is allowed to do."""
    lines: list[Phrase | None] = [say("card.title", code=view.code), None]
    if view.status == "withdrawn":
        return _restricted(view, lines)
    lines.append(say("card.day", day=view.study_day))
    lines.append(say("card.status", status=Phrase(STATUS[view.status])))
    if view.by_phone is not None:
        lines.append(say("card.by_phone", why=Phrase(REASONS[view.by_phone])))
    if not view.reachable and view.status in ("joined", "active"):
        lines.append(say("card.unreachable"))
    lines += [_next(view), None, *_reports(view)]
    if view.open_since is not None:
        lines.append(say("card.open", at=Moment(view.open_since, view.zone, "day_time")))
    if view.asked:
        lines.append(say("card.adherence", answered=view.answered, asked=view.asked, days=view.days))
    lines.append(say_n("today.alerts", len(view.alerts)) if view.alerts else say("today.no_alerts"))
    if view.flags:
        lines.append(say("card.flags", flags=Joined(tuple(flag_name(each) for each in view.flags))))
    lines += [None, say("card.plan"), *(_planned(each) for each in view.plan)]
    return Screen(tuple(lines), _buttons(view, may), protect=True)


def _restricted(view: CardView, lines: list[Phrase | None]) -> Screen:
    """Show what is still needed of somebody who has left: that they have, and what is open, by telephone."""
    if view.withdrawn_at is not None:
        lines.append(say("card.withdrawn_on", at=Moment(view.withdrawn_at, view.zone)))
    lines += [say("card.restricted"), None]
    lines.append(say_n("today.alerts", len(view.alerts)) if view.alerts else say("today.no_alerts"))
    if view.alerts:
        lines.append(say("card.alerts_by_phone"))
    return Screen(tuple(lines), tuple(alert_button(each) for each in view.alerts), protect=True)


def _planned(each: PlanLine) -> Phrase:
    return say("card.plan_line", sign=Phrase(BECAME[each.became]), name=Phrase(each.name), on=Day(each.on))


def _next(view: CardView) -> Phrase:
    if view.next_name is None or view.next_at is None:
        return say("card.no_next")
    said = with_extras(Phrase(ATTENDANCE[view.attendance]), view.extras)
    return say("card.next", name=Phrase(view.next_name), at=Moment(view.next_at, view.zone), attendance=said)


def _reports(view: CardView) -> list[Phrase]:
    if not view.reports:
        return [say("card.no_checkin")]
    last, *before = view.reports
    lines = [say("card.checkin", at=Moment(last.at, view.zone, "day_time"), tier=Phrase(TIERS[last.tier]))]
    return lines + [
        say("card.checkin_before", at=Moment(each.at, view.zone, "day_time"), tier=Phrase(TIERS[each.tier]))
        for each in before
    ]


def _buttons(view: CardView, may: Callable[[Action], bool]) -> Rows:
    rows = [alert_button(each) for each in view.alerts]
    rows.append((Button(say("card.button_curve"), tap(Do.CURVE, view.id)),))
    rows.append((care.card_button(view.id), Button(say("deeds.button"), tap(Do.CARD, view.code, "log"))))
    if view.has_phone and may(Action.SEE_PHONE):
        rows.append((Button(say("phone.button_show"), tap(Do.PHONE, "look", view.id)),))
    if may(Action.ENROL) and view.status not in ("withdrawn", "completed"):
        label = say("phone.button_change") if view.has_phone else say("phone.button_add")
        rows.append((Button(label, tap(Do.PHONE, "set", view.id)),))
        rows.append((Button(say("invite.button_new"), tap(Do.INVITE, "new", view.id)),))
        rows.append((Button(say("leaves.button"), tap(Do.BY_PHONE, "leave", view.id)),))
    return tuple(rows)


def under_curve(code: str, participant_id: int, *, whole: bool) -> Screen:
    """Stand below the picture of the temperature."""
    if whole:
        return Screen((say("curve.caption", code=code),), protect=True)
    more = Button(say("curve.button_whole"), tap(Do.CURVE, participant_id, "all"))
    return Screen((say("curve.caption", code=code),), ((more,),), protect=True)


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A number in the clear, in groups; `until` it stands in the chat."""

    id: int
    code: str
    number: str
    until: datetime
    zone: str


def phone(view: PhoneView) -> Screen:
    """Show a number for a few minutes."""
    lines = (
        say("phone.title", code=view.code),
        None,
        say("phone.number", number=view.number),
        None,
        say("phone.until", at=Moment(view.until, view.zone, "time")),
    )
    return Screen(lines, ((Button(say("phone.button_hide"), tap(Do.PHONE, "hide", view.id)),),), protect=True)


def ask_phone(code: str, *, known: bool) -> Question:
    """Ask for a number; one that is known may be removed."""
    rows = ((Choice(say("phone.remove"), "remove"),),) if known else ()
    return Question((say("phone.ask", code=code), say("phone.ask_note")), rows)


def check_phone(code: str, number: str | None) -> Question:
    """Show the number, to be confirmed."""
    if number is None:
        return Question((say("phone.check_remove", code=code),), confirm=say("phone.confirm_remove"))
    lines = (say("phone.check", code=code), say("phone.number", number=number))
    return Question(lines, confirm=say("phone.confirm"))
