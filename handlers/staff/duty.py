"""Being on call: who is, taking and leaving duty, the rota by the week, and swaps."""

from collections.abc import Awaitable, Callable
from datetime import date

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import oncall as screens
from bot.screens.oncall import DayView, WeekView
from bot.screens.taps import Tap
from bot.services.staff import oncall
from bot.study import Study
from bot.texts import Moment, Phrase, Screen, say
from handlers.common import Call, edit, reply

Shown = tuple[Screen | None, Phrase | None]


async def show(call: Call, staff: StaffMember) -> None:
    """Answer /oncall."""
    await reply(call, await _home(call.study, staff), staff.language)


async def change(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Do what a button of duty asks for, and show where one is then."""
    deed = _DEEDS.get(tap.word(0))
    if deed is None:
        raise StaleTap("no such button of duty")
    screen, toast = await deed(study, staff, tap)
    if screen is not None:
        await edit(query, study, screen, staff.language)
    return toast


async def _home(study: Study, staff: StaffMember) -> Screen:
    return screens.on_call(await oncall.overview(study, staff.ref))


async def _to_home(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return await _home(study, staff), None


async def _take_or_leave(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    on = tap.word(0) == "on"
    changed = await oncall.set_duty(study, staff.ref, on=on)
    toast = say("oncall.toast_on") if on else say("oncall.toast_off")
    return await _home(study, staff), toast if changed else say("toast.already")


async def _hours(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    if len(tap.args) == 1:
        return screens.ask_hours(), None
    until = await oncall.take_hours(study, staff.ref, tap.number(1))
    at = Moment(until, study.site.zone, "day_time")
    return await _home(study, staff), say("oncall.toast_until", at=at)


def _date(tap: Tap) -> date:
    try:
        return date.fromisoformat(tap.word(1))
    except ValueError as error:
        raise StaleTap("not a date") from error


def _shown(result: WeekView | Phrase, toast: Phrase | None = None) -> Shown:
    return (None, result) if isinstance(result, Phrase) else (screens.week(result), toast)


async def _week(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return _shown(await oncall.week(study, staff.ref, _date(tap)))


async def _day_of(study: Study, staff: StaffMember, tap: Tap) -> tuple[WeekView, DayView]:
    view = await oncall.week(study, staff.ref, _date(tap))
    return view, next(each for each in view.days if each.on == _date(tap))


async def _day(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return screens.day(*await _day_of(study, staff, tap)), None


async def _ask(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return screens.colleagues(*await _day_of(study, staff, tap)), None


async def _set(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    result = await oncall.set_day(study, staff.ref, _date(tap), tap.number(2), tap.number(3))
    return _shown(result, say("toast.noted"))


async def _whole(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return screens.whole_week(await oncall.week(study, staff.ref, _date(tap))), None


async def _set_whole(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    result = await oncall.set_week(study, staff.ref, _date(tap), tap.number(2))
    return _shown(result, say("toast.noted"))


async def _copy(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    return _shown(await oncall.copy_week(study, staff.ref, _date(tap)), say("toast.noted"))


async def _swap(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    toast = await oncall.ask_swap(study, staff.ref, _date(tap), tap.number(2))
    return screens.week(await oncall.week(study, staff.ref, _date(tap))), toast


async def _answer(study: Study, staff: StaffMember, tap: Tap) -> Shown:
    toast = await oncall.answer_swap(study, staff.ref, tap.number(1), accept=tap.word(0) == "yes")
    return await _home(study, staff), toast


_DEEDS: dict[str, Callable[[Study, StaffMember, Tap], Awaitable[Shown]]] = {
    "home": _to_home,
    "on": _take_or_leave,
    "off": _take_or_leave,
    "hours": _hours,
    "week": _week,
    "day": _day,
    "set": _set,
    "all": _whole,
    "allset": _set_whole,
    "copy": _copy,
    "ask": _ask,
    "swap": _swap,
    "yes": _answer,
    "no": _answer,
}
