"""/messages: what participants wrote, its history, its answer, and the answers that are kept."""

from collections.abc import Awaitable, Callable
from typing import cast, get_args

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import talk as screens
from bot.screens import threads as thread_screens
from bot.screens.taps import Do, Tap, read_tap
from bot.screens.threads import Filter
from bot.services.talk import conversations, threads
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import Call, edit, reply
from handlers.coordinator import wizard

Deed = Callable[[Study, StaffMember, Tap, CallbackQuery], Awaitable[Phrase | None]]


async def messages(call: Call, staff: StaffMember) -> None:
    """Answer /messages."""
    view = await threads.listed(call.study, staff.ref)
    await reply(call, thread_screens.listing(view), staff.language)


async def message(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """List the threads, open one, put it aside, make it somebody's task, or begin to answer it."""
    deed = _DEEDS.get(tap.word(0))
    if deed is None:
        raise StaleTap(f"nothing is called {tap.word(0)}")
    return await deed(study, staff, tap, query)


async def _list(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> None:
    if tap.word(1) not in get_args(Filter):
        raise StaleTap("no such filter")
    view = await threads.listed(study, staff.ref, cast(Filter, tap.word(1)))
    await edit(query, study, thread_screens.listing(view), staff.language)


async def _open(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> None:
    view = await threads.open_(study, staff.ref, tap.number(1))
    await edit(query, study, thread_screens.thread(view), staff.language)


async def _answer(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> None:
    await wizard.begin_about(study, staff, "reply", tap.number(1), query)


async def _seen(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase:
    done = await threads.put_aside(study, staff.ref, tap.number(1))
    view = await threads.listed(study, staff.ref)
    await edit(query, study, thread_screens.listing(view), staff.language)
    return say("toast.noted") if done else say("toast.already")


async def _whose(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> None:
    code, found = await threads.colleagues(study, staff.ref, tap.number(1))
    await edit(query, study, thread_screens.assign(code, tap.number(1), found), staff.language)


async def _assign(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase:
    view = await threads.assign(study, staff.ref, tap.number(1), tap.number(2))
    await edit(query, study, thread_screens.thread(view), staff.language)
    return say("toast.noted")


_DEEDS: dict[str, Deed] = {
    "list": _list,
    "open": _open,
    "answer": _answer,
    "seen": _seen,
    "whose": _whose,
    "assign": _assign,
}


async def saved(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """List the answers that are kept, show one, keep another, or forget one."""
    what = tap.word(0)
    if what == "add":
        await wizard.begin_about(study, staff, "saved", 0, query)
        return None
    if what == "open":
        screen = screens.saved_one(await conversations.saved_answer(study, staff.ref, tap.number(1)))
        await edit(query, study, screen, staff.language)
        return None
    toast = None
    if what == "forget":
        forgotten = await conversations.forget_answer(study, staff.ref, tap.number(1))
        toast = say("toast.noted") if forgotten else say("toast.already")
    elif what != "list":
        raise StaleTap(f"nothing is called {what}")
    kept = await conversations.saved_answers(study, staff.ref)
    await edit(query, study, screens.saved_list(kept), staff.language)
    return toast


async def on_reply(call: Call, staff: StaffMember) -> bool:
    """Take a reply to the message that shows a thread as the answer to it; False where it is none.

    What it answers stands in that message's own button, as it would be pressed.
    """
    text_id = _answered_by(call)
    if text_id is None:
        return False
    await wizard.begin_with(call, staff, "reply", text_id)
    return True


def _answered_by(call: Call) -> int | None:
    quoted = call.message.reply_to_message
    rows = quoted.reply_markup.inline_keyboard if quoted and quoted.reply_markup else ()
    for button in (button for row in rows for button in row):
        try:
            tap = read_tap(button.callback_data if isinstance(button.callback_data, str) else None)
        except StaleTap:
            continue
        if tap.do is Do.MESSAGE and tap.word(0) == "answer":
            return tap.number(1)
    return None
