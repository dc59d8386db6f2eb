"""Who is on call: now, by the week, day by day; swaps, gaps, and the hand-over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.duty import Gap, monday_of
from bot.domain.people import StaffMember
from bot.screens.alert_view import AlertView
from bot.screens.alerts import sae_lines
from bot.screens.alerts_list import STATES
from bot.screens.join import ROLE_NAMES
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Joined, Moment, Phrase, Rows, Screen, key, say, say_n

HOURS = (4, 8, 12, 24)


@dataclass(frozen=True, slots=True)
class DutyView:
    """Who is on call now, when that changes, who comes then, and the first gap of the next two days."""

    reader: StaffMember
    zone: str
    today: date
    on: tuple[StaffMember, ...]
    change_at: datetime | None
    then: tuple[StaffMember, ...]
    gap: Gap | None
    plans: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """One duty day and who has it."""

    on: date
    holder: StaffMember | None
    is_past: bool

    @property
    def holder_id(self) -> int:
        """Return who has it, 0 for nobody: what a button carries as its version."""
        return self.holder.id if self.holder else 0


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week of the rota, as the reader sees and may change it."""

    reader: StaffMember
    days: tuple[DayView, ...]
    everyone: tuple[StaffMember, ...]
    today: date
    plans: bool
    has_before: bool = False
    standing: tuple[StaffMember, ...] = ()
    """Those who are on call beside the rota until they leave: with one of them no day is nobody's."""

    @property
    def monday(self) -> date:
        """Return the week's first day."""
        return self.days[0].on


@dataclass(frozen=True, slots=True)
class HandedAlert:
    """An open alert at a change of duty: who was paged last, and when."""

    view: AlertView
    title: Phrase
    paged: tuple[str, ...]
    paged_at: datetime | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """What is open when somebody comes on."""

    zone: str
    until: datetime | None
    alerts: tuple[HandedAlert, ...]
    forms: tuple[AlertView, ...]
    phone: tuple[str, ...]
    # On the phone list and to be called now; and whose messages are overdue.
    calls: tuple[str, ...]
    overdue: tuple[str, ...]
    unread: int
    now: datetime


def on_call(view: DutyView) -> Screen:
    """Show who is on call now, who comes next, and what the reader can do about it."""
    lines: list[Phrase | None] = [say("oncall.title"), None]
    lines += [_who(each) for each in view.on] or [say("oncall.nobody")]
    if view.change_at is not None:
        at = Moment(view.change_at, view.zone)
        names = Joined(tuple(each.name for each in view.then))
        then = say("oncall.then", at=at, names=names) if view.then else say("oncall.then_nobody", at=at)
        lines += [None, then]
    if view.gap is not None and view.on and view.gap.starts_at != view.change_at:
        lines.append(say("oncall.gap_from", at=Moment(view.gap.starts_at, view.zone)))
    return Screen(tuple(lines), _buttons(view))


def _who(member: StaffMember) -> Phrase:
    return say("oncall.line", name=member.name, role=Phrase(ROLE_NAMES[member.role.value]))


def _buttons(view: DutyView) -> Rows:
    if any(member.id == view.reader.id for member in view.on):
        own = Button(say("oncall.button_leave"), tap(Do.ON_CALL, "off"))
    else:
        own = Button(say("oncall.button_take"), tap(Do.ON_CALL, "on"))
    hours = Button(say("oncall.button_hours"), tap(Do.ON_CALL, "hours"))
    week = Button(say("oncall.button_week"), tap(Do.ON_CALL, "week", view.today.isoformat()))
    refresh = Button(say("oncall.button_refresh"), tap(Do.ON_CALL, "home"))
    return ((own,), (hours,), (week,), (refresh,))


def ask_hours() -> Screen:
    """Ask for how many hours the reader is on call."""
    rows = tuple(
        (Button(say_n("oncall.for_hours", hours), tap(Do.ON_CALL, "hours", hours)),) for hours in HOURS
    )
    return Screen((say("oncall.ask_hours"),), (*rows, (_home(),)))


def week(view: WeekView) -> Screen:
    """Show a week: each day with who has it; a button for every day that can still be changed."""
    lines: list[Phrase | None] = [_title(view), None]
    lines += [_day_line(view, each) for each in view.days]
    if view.standing:
        names = Joined(tuple(each.name for each in view.standing))
        lines += [None, say("oncall.standing", names=names)]
    lines += [None, say("oncall.week_how")]
    ahead = [
        Button(_day_label(view, each), _day_tap("day", each.on)) for each in view.days if not each.is_past
    ]
    rows: list[tuple[Button, ...]] = [tuple(ahead[n : n + 2]) for n in range(0, len(ahead), 2)]
    if view.plans and ahead:
        rows.append((Button(say("oncall.button_whole"), _day_tap("all", view.monday)),))
        if view.has_before:
            rows.append((Button(say("oncall.button_copy"), _day_tap("copy", view.monday)),))
    earlier, later = view.monday - timedelta(days=7), view.monday + timedelta(days=7)
    before = Button(say("oncall.button_earlier"), _day_tap("week", earlier))
    rows.append((before, Button(say("oncall.button_later"), _day_tap("week", later))))
    return Screen(tuple(lines), (*rows, (_home(),)))


def _title(view: WeekView) -> Phrase:
    return say("oncall.week", first=Day(view.monday), last=Day(view.days[-1].on))


def _day_line(view: WeekView, day: DayView) -> Phrase:
    on = Day(day.on)
    if day.holder is None:
        covered = day.is_past or view.standing
        return say("oncall.day_past", day=on) if covered else say("oncall.day_nobody", day=on)
    if day.on == view.today:
        return say("oncall.day_today", day=on, name=day.holder.name)
    return say("oncall.day", day=on, name=day.holder.name)


def _day_label(view: WeekView, day: DayView) -> Phrase:
    if day.holder is None:
        short = Day(day.on, "short")
        return say("oncall.label_open", day=short) if view.standing else say("oncall.label_nobody", day=short)
    return say("oncall.label", day=Day(day.on, "short"), name=day.holder.name)


def _day_tap(word: str, on: date, *more: int) -> str:
    return tap(Do.ON_CALL, word, on.isoformat(), *more)


def day(view: WeekView, each: DayView) -> Screen:
    """Ask who shall have a day: anybody where the reader plans, else the reader, or a colleague."""
    rows: list[tuple[Button, ...]] = []
    if view.plans:
        rows += [
            (
                Button(
                    say("oncall.give", name=member.name), _day_tap("set", each.on, member.id, each.holder_id)
                ),
            )
            for member in view.everyone
            if member.id != each.holder_id
        ]
        if each.holder is not None:
            rows.append((Button(say("oncall.give_nobody"), _day_tap("set", each.on, 0, each.holder_id)),))
    elif each.holder is None:
        rows.append((Button(say("oncall.take_day"), _day_tap("set", each.on, view.reader.id, 0)),))
    if each.holder_id == view.reader.id:
        rows.append((Button(say("oncall.button_swap"), _day_tap("ask", each.on)),))
    back = Button(say("alert.button_back"), _day_tap("week", monday_of(each.on)))
    return Screen((_day_line(view, each), None, say("oncall.ask_day")), (*rows, (back,)))


def whole_week(view: WeekView) -> Screen:
    """Ask who shall have the whole week, as far as it is not past."""
    rows = tuple(
        (Button(say("oncall.give", name=member.name), _day_tap("allset", view.monday, member.id)),)
        for member in view.everyone
    )
    back = Button(say("alert.button_back"), _day_tap("week", view.monday))
    return Screen((_title(view), None, say("oncall.ask_week")), (*rows, (back,)))


def colleagues(view: WeekView, each: DayView) -> Screen:
    """Ask which colleague to ask for a swap."""
    rows = tuple(
        (Button(say("oncall.give", name=member.name), _day_tap("swap", each.on, member.id)),)
        for member in view.everyone
        if member.id != view.reader.id
    )
    back = Button(say("alert.button_back"), _day_tap("day", each.on))
    return Screen((_day_line(view, each), None, say("oncall.ask_colleague")), (*rows, (back,)))


def _home() -> Button:
    return Button(say("oncall.button_home"), tap(Do.ON_CALL, "home"))


SWAPS: Mapping[str, str] = {
    "swap_asked": key("oncall.swap_asked"),
    "swap_accepted": key("oncall.swap_accepted"),
    "swap_declined": key("oncall.swap_declined"),
}


def swap(note: str, swap_id: int, name: str, on: date) -> Screen:
    """Ask for a swap, or tell of the answer."""
    line = Phrase(SWAPS[note], {"name": name, "day": Day(on)})
    if note != "swap_asked":
        return Screen((line,), ((Button(say("oncall.button_week"), _day_tap("week", on)),),))
    yes = Button(say("oncall.button_yes"), tap(Do.ON_CALL, "yes", swap_id))
    no = Button(say("oncall.button_no"), tap(Do.ON_CALL, "no", swap_id))
    return Screen((line,), ((yes, no),))


def gap(began: datetime, ends_at: datetime | None, monday: date, zone: str, now: datetime) -> Screen:
    """Warn that nobody is on call from an instant on."""
    at = Moment(began, zone)
    if began <= now:
        first = say("oncall.gap_now")
    elif ends_at is None:
        first = say("oncall.gap_open", at=at)
    else:
        first = say("oncall.gap", at=at, until=Moment(ends_at, zone))
    plan = Button(say("oncall.button_week"), _day_tap("week", monday))
    take = Button(say("oncall.button_home"), tap(Do.ON_CALL, "home"))
    return Screen((first, None, say("oncall.gap_how")), ((plan,), (take,)))


def handover(view: HandoverView) -> Screen:
    """Hand duty over: open alerts and who has them, forms, whom to telephone, what is unread."""
    lines: list[Phrase | None] = [say("handover.title")]
    if view.until is not None:
        lines.append(say("handover.until", at=Moment(view.until, view.zone)))
    lines.append(None)
    lines += [line for each in view.alerts for line in _handed(each)] or [say("handover.no_alerts")]
    for form in view.forms:
        lines += [say("handover.form", code=form.code), *sae_lines(form, view.now)]
    if view.phone:
        lines += [None, say("handover.phone", codes=Joined(view.phone))]
    if view.calls:
        lines.append(say("handover.calls", codes=Joined(view.calls)))
    if view.unread:
        lines.append(say_n("today.unread", view.unread))
    if view.overdue:
        lines.append(say("handover.overdue", codes=Joined(view.overdue)))
    openers = [(each.title, each.view.id) for each in view.alerts]
    rows = tuple((Button(label, tap(Do.OPEN_ALERT, alert_id)),) for label, alert_id in openers)
    return Screen(tuple(lines), (*rows, (_home(),)), protect=True)


def _handed(each: HandedAlert) -> list[Phrase | None]:
    view = each.view
    deed = view.reached or view.taken
    state = Phrase(STATES[view.state], {"name": deed.name if deed else ""})
    lines: list[Phrase | None] = [
        say("alerts.line", first=each.title, at=view.time(view.opened_at), state=state)
    ]
    if each.paged and each.paged_at is not None:
        lines.append(say("handover.paged", names=Joined(each.paged), at=view.time(each.paged_at)))
    return lines
