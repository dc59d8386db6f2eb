"""Confirming the working days that are proposed for visits on days off."""

from datetime import date

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import days_off as screens
from bot.screens.taps import Tap
from bot.services.visits import days_off
from bot.study import Study
from bot.texts import Phrase, say, say_n
from handlers.common import edit


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Confirm one day or all of them, and show what is left; an old button shows the list as it is now."""
    toast = say("toast.noted")
    try:
        if tap.word(0) == "all":
            view, count = await days_off.confirm_all(study, staff.ref, tap.number(1))
            toast = say_n("dayoff.toast_moved", count) if count else say("toast.already")
        else:
            from_on, to_on = _day(tap.word(3)), _day(tap.word(4))
            view = await days_off.confirm(study, staff.ref, tap.number(1), tap.word(2), from_on, to_on)
    except StaleTap:
        view = await days_off.look(study, staff.ref, tap.number(1))
        toast = say("toast.old_button")
    await edit(query, study, screens.proposed(view), staff.language)
    return toast


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StaleTap("no date") from error
