"""Telling a chat that it is no longer linked, and taking menu and keys from it."""

import logging

from telegram import Bot, BotCommandScopeChat, ReplyKeyboardRemove
from telegram.error import TelegramError

from bot.domain.people import Language
from bot.screens import join as screens
from bot.study import Study
from bot.texts import Screen
from handlers.common import send

log = logging.getLogger(__name__)


async def part(
    study: Study, bot: Bot, chat_id: int, screen: Screen | None = None, language: Language = "both"
) -> None:
    """Say the last words to a chat: whoever did not expect them can phone."""
    last = screen or screens.unlinked(study.site)
    try:
        await send(study, bot, chat_id, last, language, keys=ReplyKeyboardRemove())
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id))
    except TelegramError as error:
        # The old phone may be lost or the bot blocked there; what ended it goes on.
        log.info("a former chat could not be told: %s", type(error).__name__)
