"""Tasks of several steps: begin, press, type; one message edited from step to step."""

from dataclasses import replace

from telegram import Bot, CallbackQuery

from bot.domain.attachment import Attachment
from bot.domain.people import Action, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.screens import wizard as screens
from bot.screens.taps import Do, Tap
from bot.services.participation import importing
from bot.services.tasks import tasks
from bot.services.tasks.tasks import Deed, Turn
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import ByStaff, Call, edit, edit_message, in_sight, remove, reply, send
from handlers.coordinator import handing

_DEEDS: dict[Do, Deed] = {
    Do.CHOOSE: "pick",
    Do.STEP: "back",
    Do.CANCEL: "cancel",
    Do.CONFIRM: "confirm",
}


# Tasks whose first question is whom they are about.
_ABOUT_SOMEBODY = frozenset({"infusion", "move", "outcome", "complete"})


def beginning(task: str) -> ByStaff:
    """Return the handler of the command that begins a task."""

    async def begin(call: Call, staff: StaffMember) -> None:
        # The code may come along, as in "/infusion 002": nobody is asked for it again.
        code = call.words[0] if call.words and task in _ABOUT_SOMEBODY else ""
        turn = await _begun(call.study, staff, task, code=code, update_id=call.update.update_id)
        await _show(call.study, call.bot, call.user_id, staff, turn)

    return begin


async def _begun(
    study: Study,
    staff: StaffMember,
    name: str,
    about: int = 0,
    *,
    code: str = "",
    update_id: int = 0,
    drop: int | None = None,
) -> Turn:
    """Begin a task, its first question answered by the code where there is one."""
    turn = await tasks.begin(study, staff.ref, name, about, code=code, drop=drop)
    if not (turn.is_open and code):
        return turn
    named = await tasks.typed(study, staff.ref, code, update_id)
    return turn if named is None else replace(named, message_id=None, closes=turn.closes)


async def on_text(call: Call, staff: StaffMember) -> bool:
    """Take the text as the answer to the open step; False when no task is open."""
    try:
        turn = await tasks.typed(call.study, staff.ref, call.message.text or "", call.update.update_id)
    except NotAllowed:
        await reply(call, Screen((say("toast.not_allowed"),)), staff.language)
        return True
    if turn is None:
        return False
    await _show(call.study, call.bot, call.user_id, staff, _within_sight(call, turn))
    if turn.private:
        await remove(call.bot, call.user_id, call.message.message_id)
    return True


async def on_file(call: Call, staff: StaffMember) -> bool:
    """Take a picture or document as the answer to the open step; False when no task is open."""
    file = _attached(call)
    if file is None:
        return False
    if is_table(file):
        file = await _for_import(call, staff, file)
    try:
        turn = await tasks.sent_file(call.study, staff.ref, file, call.update.update_id)
    except NotAllowed:
        await reply(call, Screen((say("toast.not_allowed"),)), staff.language)
        return True
    if turn is None:
        return False
    await _show(call.study, call.bot, call.user_id, staff, _within_sight(call, turn))
    return True


def _within_sight(call: Call, turn: Turn) -> Turn:
    """Go on below what was typed, where the message of the task has been pushed out of sight."""
    shown = turn.message_id
    if shown is None or in_sight(call, shown):
        return turn
    return replace(turn, message_id=None, closes=shown)


# A wizard for one person gives way to a file of many; any other task in hand is asked about first.
_GIVE_WAY = ("enrol", "import")
_TOO_BIG = 1024 * 1024


def is_table(file: Attachment) -> bool:
    """Tell whether a file is a table to enrol from."""
    return file.kind == "document" and file.name.lower().endswith(".csv")


async def _for_import(call: Call, staff: StaffMember, file: Attachment) -> Attachment:
    """Begin the import where nothing else is in hand, and read the file for it."""
    held = await tasks.in_hand(call.study, staff.ref)
    if not staff.may(Action.ENROL) or (held is not None and held[0] not in _GIVE_WAY):
        return file
    if held is None or held[0] != "import":
        turn = await tasks.begin(call.study, staff.ref, "import", drop=held[1] if held else None)
        await _show(call.study, call.bot, call.user_id, staff, turn)
    document = call.message.document
    if document is None or (document.file_size or 0) > _TOO_BIG:
        return file
    content = await (await document.get_file()).download_as_bytearray()
    return replace(file, text=importing.readable(bytes(content)))


def _attached(call: Call) -> Attachment | None:
    if call.message.photo:
        return Attachment("photo", call.message.photo[-1].file_id)
    if call.message.document:
        return Attachment("document", call.message.document.file_id, call.message.document.file_name or "")
    return None


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Do what the button of a step asks for."""
    if query.message is None:
        raise StaleTap("a button without its message")
    word = tap.word(1) if tap.do is Do.CHOOSE else ""
    # Where no task is in hand the message stays as it is: the first of two presses may have just turned it
    # into what came of it.
    turn = await tasks.press(study, staff.ref, query.message.message_id, tap.number(0), _DEEDS[tap.do], word)
    await _show(study, query.get_bot(), query.from_user.id, staff, turn)
    return turn.toast


async def task(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Go on with the task in hand, or drop it for another one."""
    if tap.word(0) == "go":
        turn = await tasks.resume(study, staff.ref)
    else:
        code = tap.word(4) if len(tap.args) > 4 else ""
        turn = await _begun(study, staff, tap.word(2), tap.number(3), code=code, drop=tap.number(1))
    await edit(query, study, screens.over(), staff.language)
    await _show(study, query.get_bot(), query.from_user.id, staff, turn)
    return turn.toast


async def begin_about(study: Study, staff: StaffMember, name: str, about: int, query: CallbackQuery) -> None:
    """Begin a task about one thing, below the message of the button."""
    turn = await tasks.begin(study, staff.ref, name, about)
    await _show(study, query.get_bot(), query.from_user.id, staff, turn)


async def begin_with(call: Call, staff: StaffMember, name: str, about: int) -> None:
    """Begin a task about one thing with what was typed as its first answer; a task in hand comes first."""
    turn = await tasks.begin(call.study, staff.ref, name, about)
    await _show(call.study, call.bot, call.user_id, staff, turn)
    if turn.is_open:
        await on_text(call, staff)


async def begin_for(study: Study, staff: StaffMember, name: str, code: str, query: CallbackQuery) -> None:
    """Begin a task about a participant who is known already; a task in hand comes first."""
    turn = await _begun(study, staff, name, code=code)
    await _show(study, query.get_bot(), query.from_user.id, staff, turn)


async def _show(study: Study, bot: Bot, chat_id: int, staff: StaffMember, turn: Turn) -> None:
    if turn.closes is not None:
        await edit_message(study, bot, chat_id, turn.closes, screens.over(), staff.language)
    if turn.message_id is None or not await edit_message(
        study, bot, chat_id, turn.message_id, turn.screen, staff.language
    ):
        sent = await send(study, bot, chat_id, turn.screen, staff.language)
        if turn.is_open:
            await tasks.placed(study, staff.ref, sent.message_id)
    if turn.invite is not None:
        await handing.hand_over(study, bot, chat_id, staff, turn.invite.id)
