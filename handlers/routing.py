"""Which function answers which message: one list of commands, and the ways for everything else."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.domain.people import Participant, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.screens.taps import Do, read_tap
from bot.services.people import Person
from bot.study import Study
from bot.texts import Phrase, Screen, key, say
from handlers import language, participant, start
from handlers.callbacks import on_press
from handlers.common import Call, Command, greet_stranger, reply, whose
from handlers.coordinator import COORDINATOR_COMMANDS, threads, wizard
from handlers.keys import command_of_key
from handlers.membership import on_membership
from handlers.menus import menu_of, set_menu, show_help
from handlers.staff import STAFF_COMMANDS
from handlers.staff import on_text as take_note

Handle = Callable[[Study, Update], Awaitable[None]]


async def help_(call: Call, person: Any) -> None:
    """Show what this person can do, and put their menu in order."""
    await show_help(call, person, COMMANDS)


COMMANDS: tuple[Command, ...] = (
    Command("report", key("menu.report"), participant=participant.report, at="both"),
    Command("visits", key("menu.visits"), participant=participant.visits, at="both"),
    Command("contact", key("menu.contact"), participant=participant.contact, at="both"),
    Command("caregiver", key("menu.caregiver"), participant=participant.caregivers),
    Command("stop", key("menu.stop"), participant=participant.stop, at="caregiver"),
    Command("privacy", key("menu.privacy"), participant=participant.privacy),
    Command("withdraw", key("menu.withdraw"), participant=participant.withdraw),
    *STAFF_COMMANDS,
    *COORDINATOR_COMMANDS,
    Command("language", key("menu.language"), participant=language.ask, staff=language.ask, at="both"),
    Command("help", key("menu.help"), participant=help_, staff=help_, stranger=greet_stranger, at="both"),
    Command(
        "start",
        key("menu.start"),
        participant=start.again,
        staff=start.again,
        stranger=start.by_stranger,
        at="both",
    ),
)
# Only a code and a choice of language change a menu; else nobody is looked up three times for one tap.
_MENU_CHANGES_BY = frozenset({"start"})
_BY_NAME = {command.name: command for command in COMMANDS}


def register(application: Application[Any, Any, Any, Any, Any, Any], study: Study) -> None:
    """Tie every update that a person can cause to its function."""
    application.add_handlers(list(_handlers(study)))


def _handlers(study: Study) -> tuple[BaseHandler[Any, Any, Any], ...]:
    new = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    edited = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
    commands = [
        CommandHandler(
            command.name,
            _tied(study, partial(_command, command), changes_menu=command.name in _MENU_CHANGES_BY),
            filters=new,
        )
        for command in COMMANDS
    ]
    return (
        *commands,
        MessageHandler(new & filters.TEXT, _tied(study, _on_text)),
        # What is corrected is told anew: no word of a participant is dropped.
        MessageHandler(edited & (filters.TEXT | filters.CAPTION), _tied(study, _on_edited)),
        MessageHandler(new & ~filters.StatusUpdate.ALL, _tied(study, _on_other)),
        CallbackQueryHandler(_tied(study, on_press, changes_menu=True), pattern=_is_language),
        CallbackQueryHandler(_tied(study, on_press)),
        ChatMemberHandler(_tied(study, on_membership), ChatMemberHandler.MY_CHAT_MEMBER),
    )


def _is_language(data: object) -> bool:
    """Tell whether a button chooses a language; a broken one does nothing at all."""
    try:
        return isinstance(data, str) and read_tap(data).do is Do.LANGUAGE
    except StaleTap:
        return False


def _tied(
    study: Study, handle: Handle, *, changes_menu: bool = False
) -> Callable[[Update, Any], Coroutine[Any, Any, None]]:
    """Run `handle`; where it can change who somebody is or their language, set their menu when it did."""

    async def run(update: Update, context: Any) -> None:
        user = update.effective_user
        if user is None:
            return
        if not changes_menu:
            await handle(study, update)
            return
        before = menu_of(await whose(study, user.id), COMMANDS)
        await handle(study, update)
        person = await whose(study, user.id)
        if menu_of(person, COMMANDS) != before:
            await set_menu(study, context.bot, user.id, person, COMMANDS)

    return run


def _call(study: Study, update: Update) -> Call:
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        raise ValueError("a message without a sender")
    words = tuple((message.text or "").split()[1:])
    return Call(study, update, message, user.id, words)


async def _command(command: Command, study: Study, update: Update) -> None:
    await _on_command(command, _call(study, update))


async def _on_command(command: Command, call: Call) -> None:
    person = await whose(call.study, call.user_id)
    try:
        await _for(command, call, person)
    except NotAllowed:
        # Their role or standing has changed since the menu was set.
        await reply(call, Screen((say("toast.not_allowed"),)), person.language if person else "both")


async def _for(command: Command, call: Call, person: Person | None) -> None:
    if person is None:
        await _by_stranger(command, call)
    elif not command.is_for(person):
        await show_help(call, person, COMMANDS)
    elif isinstance(person, Participant):
        await _by_participant(command, call, person)
    elif command.staff is not None:
        await command.staff(call, person)


async def _by_stranger(command: Command, call: Call) -> None:
    await (command.stranger or greet_stranger)(call)
    if command.stranger is None:
        # Somebody who was revoked may still see the menu of before.
        await set_menu(call.study, call.bot, call.user_id, None, COMMANDS)


async def _by_participant(command: Command, call: Call, person: Participant) -> None:
    if command.participant is not None:
        await command.participant(call, person)
    if call.words and command.name != "start":
        await participant.on_text(call, person)


async def _on_text(study: Study, update: Update) -> None:
    call = _call(study, update)
    name = command_of_key(study, call.message.text or "")
    if name is not None:
        await _on_command(_BY_NAME[name], replace(call, words=()))
        return
    person = await whose(study, call.user_id)
    if person is None:
        await greet_stranger(call)
    elif (call.message.text or "").startswith("/"):
        await _unknown_command(call, person)
    elif isinstance(person, Participant):
        await participant.on_text(call, person)
    elif not await _by_staff(call, person):
        await show_help(call, person, COMMANDS)


async def _by_staff(call: Call, person: StaffMember) -> bool:
    """Take what staff type as an answer, a note or the step of a task; False where nothing waits for it."""
    try:
        if await threads.on_reply(call, person):
            return True
    except (NotAllowed, StaleTap) as error:
        refused = "toast.not_allowed" if isinstance(error, NotAllowed) else "toast.old_button"
        await reply(call, Screen((Phrase(refused),)), person.language)
        return True
    return await take_note(call, person) or await wizard.on_text(call, person)


async def _unknown_command(call: Call, person: Person) -> None:
    await show_help(call, person, COMMANDS)
    if call.words and isinstance(person, Participant):
        await participant.on_text(call, person)


async def _on_edited(study: Study, update: Update) -> None:
    call = _call(study, update)
    person = await whose(study, call.user_id)
    if isinstance(person, Participant):
        await participant.on_edited(call, person)


async def _on_other(study: Study, update: Update) -> None:
    call = _call(study, update)
    person = await whose(study, call.user_id)
    if person is None:
        await greet_stranger(call)
    elif isinstance(person, Participant):
        await participant.on_other(call, person)
    elif not await wizard.on_file(call, person):
        await show_help(call, person, COMMANDS)
