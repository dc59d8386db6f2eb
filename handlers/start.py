"""/start: with a code it joins, without one it says where things stand."""

import logging

from telegram import BotCommandScopeChat, ReplyKeyboardRemove
from telegram.error import TelegramError

from bot.domain.people import Participant, StaffMember
from bot.screens import join as screens
from bot.services.joining import Joined, redeem
from bot.services.people import Person
from bot.texts import Screen, say
from handlers.common import Call, greet_stranger, reply, send
from handlers.keys import keyboard
from handlers.participant.home import home

log = logging.getLogger(__name__)


async def by_stranger(call: Call) -> None:
    """Join by the code of the link; without one, say what this is."""
    if call.words:
        await _join(call)
    else:
        await greet_stranger(call)


async def again(call: Call, person: Person) -> None:
    """Show somebody known where things stand; a code that comes along is tried, as for a new phone."""
    if call.words:
        await _join(call)
    elif isinstance(person, StaffMember):
        await reply(call, screens.staff_welcome(person, known=True), person.language)
    else:
        await where_things_stand(call, person)


async def where_things_stand(call: Call, participant: Participant) -> None:
    """Show the notice until it is agreed to, then the next visit."""
    language = participant.language
    if participant.consented_at is None:
        await reply(call, screens.notice(call.study.site), language)
        return
    known = Screen((say("join.known"),))
    await reply(call, known, language, keys=keyboard(call.study, language))
    await reply(call, await home(call.study, participant), language)


async def _join(call: Call) -> None:
    outcome = await redeem(call.study, call.user_id, call.words[0])
    if isinstance(outcome, Joined):
        if outcome.former_chat is not None:
            await _part(call, outcome.former_chat)
        await _welcome(call, outcome.person)
    elif outcome == "too_many":
        await reply(call, screens.too_many_tries(call.study.site), "both")
    else:
        await reply(call, screens.code_refused(call.study.site), "both")


async def _part(call: Call, chat_id: int) -> None:
    """Tell a chat that it is no longer linked: whoever did not expect that can phone."""
    try:
        await send(
            call.study,
            call.bot,
            chat_id,
            screens.unlinked(call.study.site),
            "both",
            keys=ReplyKeyboardRemove(),
        )
        await call.bot.delete_my_commands(scope=BotCommandScopeChat(chat_id))
    except TelegramError as error:
        # The old phone may be lost or the bot blocked there; joining goes on.
        log.info("a former chat could not be told: %s", type(error).__name__)


async def _welcome(call: Call, person: Person) -> None:
    if isinstance(person, StaffMember):
        await reply(call, screens.staff_welcome(person), person.language)
    else:
        await reply(call, screens.choose_language(say("join.welcome")), "both")
