"""What each person is offered: the command menu, and /help."""

import logging
from collections.abc import Iterable

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from bot.domain.people import Language, Participant
from bot.screens.caring import for_caregiver
from bot.screens.home import how
from bot.services.people import Person
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import Call, Command, reply
from handlers.keys import keyboard

log = logging.getLogger(__name__)

Menu = tuple[Language, tuple[str, ...]] | None


def menu_of(person: Person | None, commands: Iterable[Command]) -> Menu:
    """Return what makes a menu: the language, and the names of the commands; None for a stranger."""
    if person is None:
        return None
    return person.language, tuple(command.name for command in commands if command.is_for(person))


async def set_menu(
    study: Study, bot: Bot, user_id: int, person: Person | None, commands: Iterable[Command]
) -> None:
    """Show this person their own commands, in their language; a former one gets none."""
    scope = BotCommandScopeChat(user_id)
    try:
        if person is None:
            await bot.delete_my_commands(scope=scope)
            return
        offered = [command for command in commands if command.is_for(person)]
        texts = [
            (command.name, study.texts.label(person.language, Phrase(command.menu))) for command in offered
        ]
        await bot.set_my_commands([BotCommand(name, text) for name, text in texts], scope=scope)
    except TelegramError as error:
        # A menu is a convenience, every command has a button too: nothing is done over for it.
        log.warning("the menu of a chat was not set: %s", type(error).__name__)


async def show_help(call: Call, person: Person, commands: tuple[Command, ...]) -> None:
    """Say what this person can do here, with each of their commands, and set menu and keys anew."""
    offered = [command for command in commands if command.is_for(person)]
    lines = [say("help.command", name=command.name, text=Phrase(command.menu)) for command in offered]
    if isinstance(person, Participant):
        # The keys below the chat come with a message of their own.
        keys = keyboard(call.study, person.language)
        await reply(call, Screen((say("home.keys"),)), person.language, keys=keys)
        screen = how(call.study.site, lines, caregiver=person.spoken_for_by is not None)
        await reply(call, for_caregiver(screen) if person.spoken_for_by else screen, person.language)
    else:
        await reply(call, Screen((say("help.staff"), None, *lines)), person.language)
    await set_menu(call.study, call.bot, call.user_id, person, commands)
