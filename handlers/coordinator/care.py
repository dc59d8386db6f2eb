"""Flags, baselines and stays in hospital: shown below a card, each changed by a task of its own."""

from datetime import timedelta

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens import care as screens
from bot.screens.taps import Tap
from bot.services.participation import care, hospital
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit, send
from handlers.coordinator import wizard

_TASKS = ("flags", "baseline", "hospital", "loosen")


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show what is set for somebody, or begin to change one thing of it."""
    if len(tap.args) == 1:
        view = await care.view(study, staff.ref, tap.number(0))
        await send(
            study, query.get_bot(), query.from_user.id, screens.overview(view, staff.may), staff.language
        )
        return None
    if tap.word(1) not in _TASKS:
        raise StaleTap("nothing that is set")
    await wizard.begin_about(study, staff, tap.word(1), tap.number(0), query)
    return None


async def stay(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Let somebody stay longer in hospital, or go home; of several who answer the first one counts."""
    view = await care.view(study, staff.ref, tap.number(0))
    if view.until is None or not screens.is_of(tap.word(1), view.until):
        return say("care.toast_moved")
    try:
        if tap.word(2) == "home":
            known = await hospital.home_again(study, staff.ref, view.id)
            screen = screens.home_set(known.code)
        else:
            until = view.until + timedelta(days=tap.number(2))
            known = await hospital.set_stay(study, staff.ref, view.id, until)
            screen = screens.stay_set(known.code, until)
    except BadInput as refused:
        raise StaleTap(refused.key) from refused
    await edit(query, study, screen, staff.language)
    return say("toast.noted")
