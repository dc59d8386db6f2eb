"""What staff look up: today and tomorrow, and the morning digest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from bot.domain.people import Action
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Joined, Moment, Phrase, Rows, Screen, key, say, say_n

ATTENDANCE: Mapping[str, str] = {
    "coming": key("today.coming"),
    "cannot": key("today.cannot"),
    "unknown": key("today.unknown"),
    "done": key("today.done"),
}
# More buttons than this hide the message that they belong to.
MOST_PEOPLE = 32


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
class Asked:
    """Whose check-in waits or was missed, and since when."""

    code: str
    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class FormDue:
    """A closed alert whose form of a potential SAE was not recorded as sent; `due` says until when."""

    id: int
    title: Phrase
    code: str
    due: tuple[Phrase | None, ...]


@dataclass(frozen=True, slots=True)
class TodayView:
    """The visits of two days, the live alerts, and what waits."""

    days: tuple[tuple[date, tuple[Expected, ...]], ...]
    alerts: tuple[AlertLine, ...]
    not_joined: tuple[str, ...]
    unread: int
    by_phone: tuple[str, ...] = ()
    open: tuple[Asked, ...] = ()
    missed: tuple[Asked, ...] = ()
    unreachable: tuple[str, ...] = ()
    not_agreed: tuple[str, ...] = ()
    forms: tuple[FormDue, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of everyone who is named, each once."""
        visits = (each.code for _, expected in self.days for each in expected)
        asked = (each.code for each in (*self.missed, *self.open))
        waiting = (*self.unreachable, *self.by_phone, *self.not_agreed, *self.not_joined)
        return tuple(sorted({*visits, *asked, *waiting}))


def is_quiet(view: TodayView) -> bool:
    """Tell whether nothing of it has to be said of a morning."""
    visits = any(expected for _, expected in view.days)
    to_call = view.missed or view.unreachable or view.by_phone or view.not_agreed
    return not (visits or view.alerts or to_call or view.unread)


def digest(view: TodayView, *, late: int, dropped: int, may: Callable[[Action], bool]) -> Screen:
    """Show the morning digest: the day, and what of the bot's own work went wrong."""
    shown = today(view, may)
    trouble: list[Phrase | None] = []
    if dropped:
        trouble.append(say_n("digest.dropped", dropped))
    if late:
        trouble.append(say_n("digest.late", late))
    gap: list[Phrase | None] = [None] if trouble else []
    return replace(shown, lines=(say("digest.title"), None, *trouble, *gap, *shown.lines))


def today(view: TodayView, may: Callable[[Action], bool]) -> Screen:
    """Show two days, and what waits; buttons lead to each person, and to what the reader may do about it."""
    lines: list[Phrase | None] = []
    for number, (on, expected) in enumerate(view.days):
        title = say("today.today", on=Day(on)) if number == 0 else say("today.tomorrow", on=Day(on))
        lines += [title, *(_expected(each) for each in expected)]
        lines += [None] if expected else [say("today.no_visits"), None]
    lines.append(say_n("today.alerts", len(view.alerts)) if view.alerts else say("today.no_alerts"))
    for form in view.forms:
        lines += [say("handover.form", code=form.code), *form.due]
    lines += _waits(view)
    if view.unread:
        lines.append(say_n("today.unread", view.unread))
    return Screen(tuple(lines), _today_buttons(view, may), protect=True)


def _waits(view: TodayView) -> list[Phrase | None]:
    lines: list[Phrase | None] = []
    unconfirmed = sorted(
        {each.code for _, expected in view.days for each in expected if each.attendance == "unknown"}
    )
    if unconfirmed:
        lines.append(say("today.unconfirmed", codes=Joined(tuple(unconfirmed))))
    if view.missed:
        lines.append(say("today.missed", codes=Joined(tuple(_asked(each) for each in view.missed))))
    if view.open:
        lines.append(say("today.open", codes=Joined(tuple(_asked(each) for each in view.open))))
    if view.unreachable:
        lines.append(say("today.unreachable", codes=Joined(view.unreachable)))
    if view.by_phone:
        lines.append(say("byphone.today", codes=Joined(view.by_phone)))
    if view.not_agreed:
        lines.append(say("today.not_agreed", codes=Joined(view.not_agreed)))
    if view.not_joined:
        lines.append(say("today.not_joined", codes=Joined(view.not_joined)))
    return lines


def _asked(each: Asked) -> Phrase:
    return say("today.asked", code=each.code, at=Moment(each.at, each.zone, "day_time"))


def _expected(each: Expected) -> Phrase:
    said = with_extras(Phrase(ATTENDANCE[each.attendance]), each.extras)
    at, name = Moment(each.at, each.zone, "time"), Phrase(each.name)
    if each.is_infusion:
        return say("today.infusion", at=at, code=each.code, name=name, attendance=said)
    return say("today.visit", at=at, code=each.code, name=name, attendance=said)


def with_extras(said: Phrase, extras: tuple[str, ...]) -> Phrase:
    """Add what is done beside the plan at this visit: staff have to know which tube it is."""
    if not extras:
        return said
    return say("today.with_extras", said=said, extras=Joined(tuple(Phrase(each) for each in extras)))


def _today_buttons(view: TodayView, may: Callable[[Action], bool]) -> Rows:
    rows: list[tuple[Button, ...]] = [alert_button(each) for each in view.alerts]
    rows += [alert_button(AlertLine(each.id, each.title)) for each in view.forms]
    if view.not_joined and may(Action.ENROL):
        rows.append(
            (Button(say("enrol.button_waiting", count=len(view.not_joined)), tap(Do.INVITE, "list")),)
        )
    if view.by_phone and may(Action.ENROL):
        rows.append((Button(say("byphone.button", count=len(view.by_phone)), tap(Do.BY_PHONE, "list")),))
    if view.unread and may(Action.ANSWER_MESSAGES):
        rows.append((Button(say("today.button_unread"), tap(Do.MESSAGE, "list", "waiting")),))
    return (*rows, *_people(view.codes[:MOST_PEOPLE]), (Button(say("today.button_refresh"), tap(Do.TODAY)),))


def _people(codes: Sequence[str]) -> Rows:
    buttons = [Button(say("card.button", code=each), tap(Do.CARD, each)) for each in codes]
    return tuple(tuple(buttons[first : first + 4]) for first in range(0, len(buttons), 4))


def alert_button(each: AlertLine) -> tuple[Button, ...]:
    """Return the row that opens an alert."""
    return (Button(each.title, tap(Do.OPEN_ALERT, each.id)),)


def pick(codes: Sequence[str]) -> Screen:
    """Ask whose card to show."""
    if not codes:
        return Screen((say("task.nobody"),))
    return Screen((say("card.pick"),), _people(codes[:80]))


def no_such(code: str) -> Screen:
    """Say that nobody has this code."""
    return Screen((say("task.refused.code", code=code[:20]),))
