"""/today and /participant: what staff look up."""

from telegram import CallbackQuery

from bot.domain.people import Action, StaffMember
from bot.screens import overview as screens
from bot.screens.taps import Tap
from bot.services import overview
from bot.study import Study
from bot.texts import Phrase, Screen
from handlers.common import Call, edit, reply, send


async def today(call: Call, staff: StaffMember) -> None:
    """Answer /today."""
    await reply(call, await _today(call.study, staff), staff.language)


async def today_tapped(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show today as it is now, in place of the message of the button."""
    await edit(query, study, await _today(study, staff), staff.language)
    return None


async def _today(study: Study, staff: StaffMember) -> Screen:
    view = await overview.today(study, staff.ref)
    return screens.today(view, enrols=staff.may(Action.ENROL), answers=staff.may(Action.ANSWER_MESSAGES))


async def participant(call: Call, staff: StaffMember) -> None:
    """Answer /participant CODE; without a code, ask whose card it shall be."""
    if call.words:
        screen = await _card(call.study, staff, call.words[0])
    else:
        screen = screens.pick(await overview.codes(call.study, staff.ref))
    await reply(call, screen, staff.language)


async def participant_tapped(
    study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Show a card below."""
    screen = await _card(study, staff, tap.word(0))
    await send(study, query.get_bot(), query.from_user.id, screen, staff.language)
    return None


async def _card(study: Study, staff: StaffMember, code: str) -> Screen:
    view = await overview.card(study, staff.ref, code)
    return screens.no_such(code) if view is None else screens.card(view, enrols=staff.may(Action.ENROL))
