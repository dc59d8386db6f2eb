"""/broadcasts: what was sent to many."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import broadcast as broadcast_screens
from bot.screens.broadcast import BroadcastView
from bot.screens.taps import Tap
from bot.screens.wizard import over
from bot.services.broadcasts import broadcasts
from bot.study import Study
from bot.texts import Phrase, key, say
from handlers.common import Call, edit, edit_message, reply
from handlers.coordinator import wizard


async def list_broadcasts(call: Call, staff: StaffMember) -> None:
    """Answer /broadcasts."""
    views = await broadcasts.latest(call.study, staff.ref)
    await reply(call, broadcast_screens.listing(views), staff.language)


async def broadcast(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show a broadcast as it is now, or each person's fate; pause it, go on, stop it, change its time."""
    what, number = tap.word(0), tap.number(1)
    if what == "retime":
        await wizard.begin_about(study, staff, "retime", number, query)
        return None
    if what != "fates":
        await _follow_here(study, staff, number, query)
    if what in _CHANGES:
        change, done = _CHANGES[what]
        view, changed = await change(study, staff.ref, number)
        await edit(query, study, broadcast_screens.progress(view), staff.language)
        return Phrase(done) if changed else say("toast.already")
    view = await _looked_at(study, staff, what, number)
    shown = broadcast_screens.fates(view) if what == "fates" else broadcast_screens.progress(view)
    await edit(query, study, shown, staff.language)
    return None


async def _follow_here(study: Study, staff: StaffMember, number: int, query: CallbackQuery) -> None:
    """Show how far it is in the message that was pressed: an older one would stand there as it was."""
    if query.message is None:
        return
    older = await broadcasts.shown_in(study, staff.ref, number, query.message.message_id)
    if older is not None:
        chat_id, bot = query.from_user.id, query.get_bot()
        await edit_message(study, bot, chat_id, older, over(), staff.language)


_CHANGES = {
    "stop": (broadcasts.stop, key("broadcast.toast_stopped")),
    "pause": (broadcasts.pause, key("broadcast.toast_paused")),
    "resume": (broadcasts.resume, key("broadcast.toast_resumed")),
}


async def _looked_at(study: Study, staff: StaffMember, what: str, number: int) -> BroadcastView:
    if what == "now":
        return await broadcasts.retime(study, staff.ref, number, None)
    if what not in ("show", "fates"):
        raise StaleTap(f"nothing is called {what}")
    return await broadcasts.show(study, staff.ref, number)


async def approve(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Approve or refuse a colleague's broadcast."""
    if tap.word(0) not in ("yes", "no"):
        raise StaleTap("neither yes nor no")
    approved = tap.word(0) == "yes"
    view, done = await broadcasts.decide(study, staff.ref, tap.number(1), tap.number(2), approved=approved)
    await edit(query, study, broadcast_screens.approval(view), staff.language)
    return say("toast.noted") if done else say("toast.already")
