"""Being on call: who is, and taking or leaving duty by a button."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens.oncall import on_call
from bot.screens.taps import Tap
from bot.services import oncall
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import Call, edit, reply


async def show(call: Call, staff: StaffMember) -> None:
    """Answer /oncall."""
    await reply(call, on_call(staff, await oncall.on_call(call.study)), staff.language)


async def change(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Take or leave duty."""
    if tap.word(0) not in ("on", "off"):
        raise StaleTap("neither on nor off")
    on = tap.word(0) == "on"
    changed = await oncall.set_duty(study, staff.ref, on=on)
    await edit(query, study, on_call(staff, await oncall.on_call(study)), staff.language)
    if not changed:
        return say("toast.already")
    return say("oncall.toast_on") if on else say("oncall.toast_off")
