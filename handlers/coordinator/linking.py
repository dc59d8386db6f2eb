"""Whose account joined: "it is them", or "not them", which ends the link and makes a new code."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import links as screens
from bot.screens.taps import Tap
from bot.services.participation import linking
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit
from handlers.coordinator.handing import hand_over
from handlers.parting import part


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Confirm whose account it is, think twice, or end the link."""
    what, link_id = tap.word(0), tap.number(1)
    if what == "yes":
        return await _confirm(study, staff, link_id, query)
    if what == "no":
        known = await linking.participant_of(study, staff.ref, link_id)
        await edit(query, study, screens.sure(known.code, link_id), staff.language)
        return None
    if what == "end":
        return await _end(study, staff, link_id, query)
    raise StaleTap(f"nothing is called {what}")


async def _confirm(study: Study, staff: StaffMember, link_id: int, query: CallbackQuery) -> Phrase:
    checked = await linking.confirm(study, staff.ref, link_id)
    await edit(query, study, screens.confirmed(checked.participant.code, checked.by), staff.language)
    return say("toast.noted") if checked.outcome == "confirmed" else say("toast.already")


async def _end(study: Study, staff: StaffMember, link_id: int, query: CallbackQuery) -> Phrase | None:
    checked = await linking.not_theirs(study, staff.ref, link_id)
    await edit(query, study, screens.ended(checked.participant.code), staff.language)
    if checked.former_chat is not None:
        await part(study, query.get_bot(), checked.former_chat)
    await hand_over(study, query.get_bot(), query.from_user.id, staff, checked.participant.id)
    return None
