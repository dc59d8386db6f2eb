"""Another day that a participant asks for: accepted with a tap, another one chosen, or a call promised."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens import proposals as screens
from bot.screens.taps import Tap
from bot.services.tasks.tasks import worded
from bot.services.visits import proposals
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit
from handlers.coordinator import wizard


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Do what the button of a wish says, and show what came of it."""
    what, proposal_id = tap.word(0), tap.number(1)
    if what == "other":
        code = await proposals.code_of(study, staff.ref, proposal_id)
        await wizard.begin_for(study, staff, "move", code, query)
        return None
    if what not in ("accept", "call"):
        raise StaleTap(f"nothing is called {what}")
    decide = proposals.accept if what == "accept" else proposals.will_call
    try:
        decided = await decide(study, staff.ref, proposal_id)
    except BadInput as refused:
        return worded(refused)
    await edit(query, study, screens.decided(decided.view), staff.language)
    return say("toast.noted") if decided.first else say("toast.already")
