"""/broadcasts and /messages: what was sent to many, and what participants wrote."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import broadcast as broadcast_screens
from bot.screens import talk as screens
from bot.screens.taps import Tap
from bot.services import broadcasts, conversations
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import Call, edit, reply, send
from handlers.coordinator import wizard


async def list_broadcasts(call: Call, staff: StaffMember) -> None:
    """Answer /broadcasts."""
    views = await broadcasts.latest(call.study, staff.ref)
    await reply(call, broadcast_screens.listing(views), staff.language)


async def broadcast(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show a broadcast as it is now, or stop it."""
    toast = None
    if tap.word(0) == "stop":
        view, stopped = await broadcasts.stop(study, staff.ref, tap.number(1))
        toast = say("broadcast.toast_stopped") if stopped else say("toast.already")
    else:
        view = await broadcasts.show(study, staff.ref, tap.number(1))
    await edit(query, study, broadcast_screens.progress(view), staff.language)
    return toast


async def messages(call: Call, staff: StaffMember) -> None:
    """Answer /messages."""
    view = await conversations.look(call.study, staff.ref)
    await reply(call, screens.queue(view), staff.language)


async def message(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show a text of the queue, put it aside, or begin to answer it."""
    what, text_id = tap.word(0), tap.number(1)
    if what == "answer":
        await wizard.begin_about(study, staff, "reply", text_id, query)
        return None
    if what == "seen":
        view, done = await conversations.mark_seen(study, staff.ref, text_id)
        await edit(query, study, screens.queue(view), staff.language)
        return say("toast.noted") if done else say("toast.already")
    if what != "next":
        raise StaleTap(f"nothing is called {what}")
    view = await conversations.look(study, staff.ref, text_id)
    if text_id:
        await edit(query, study, screens.queue(view), staff.language)
    else:
        await send(study, query.get_bot(), query.from_user.id, screens.queue(view), staff.language)
    return None
