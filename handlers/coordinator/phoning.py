"""The phone list: who is called instead, and what they said."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import phone_list as screens
from bot.screens.taps import Tap
from bot.services.staff import phoning
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit
from handlers.coordinator import wizard


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Do what the button says, and show the list as it is then."""
    what = tap.word(0)
    if what == "leave":
        await wizard.begin_about(study, staff, "leave", tap.number(1), query)
        return None
    if what == "left":
        code = await phoning.code_of(study, staff.ref, tap.number(1))
        await edit(query, study, screens.sure(code, tap.number(1)), staff.language)
        return None
    done = True if what == "list" else await _do(study, staff, what, tap.number(1))
    await edit(query, study, screens.listed(await phoning.listed(study, staff.ref)), staff.language)
    if what == "list":
        return None
    return say("toast.noted") if done else say("toast.already")


async def _do(study: Study, staff: StaffMember, what: str, participant_id: int) -> bool:
    if what == "called":
        return await phoning.called(study, staff.ref, participant_id)
    if what == "left_yes":
        return await phoning.left_study(study, staff.ref, participant_id)
    if what == "stays":
        await phoning.stays(study, staff.ref, participant_id)
        return True
    raise StaleTap(f"nothing is called {what}")
