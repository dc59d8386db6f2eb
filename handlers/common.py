"""What every handler shares: who is this, show them a screen, tell a stranger what this is.

What is sent here is a direct reply: the limiter lets it go before reminders
and after pages, and whoever misses it taps again. What would matter if it
were lost goes through the outbox.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.domain.people import Action, Language, Participant, StaffMember
from bot.screens.taps import Tap
from bot.services.people import Person, who
from bot.study import Study
from bot.texts import Phrase, Screen, say

log = logging.getLogger(__name__)

# Telegram's own users, who speak for somebody unknown: an anonymous group admin, and a linked channel.
NOBODY = frozenset({1087968824, 777000})


@dataclass(frozen=True, slots=True)
class Call:
    """A typed message on its way to its handler; `words` are a command's arguments."""

    study: Study
    update: Update
    message: Message
    user_id: int
    words: tuple[str, ...] = ()

    @property
    def bot(self) -> Bot:
        """The bot that the message came to."""
        return self.message.get_bot()


ByParticipant = Callable[[Call, Participant], Awaitable[None]]
ByStaff = Callable[[Call, StaffMember], Awaitable[None]]
ByStranger = Callable[[Call], Awaitable[None]]
# What a tap does answers with the toast to show, or None for a silent one. StaleTap and NotAllowed may be
# raised: the router says it kindly. The query itself is answered by the router, once.
TapByParticipant = Callable[[Study, Participant, Tap, CallbackQuery], Awaitable[Phrase | None]]
TapByStaff = Callable[[Study, StaffMember, Tap, CallbackQuery], Awaitable[Phrase | None]]


@dataclass(frozen=True, slots=True)
class StaffTap:
    """What a button does for staff; `action` is what they must be allowed to do (None: all active staff)."""

    run: TapByStaff
    action: Action | None = None

    def is_for(self, person: StaffMember) -> bool:
        """Tell whether this member may press it, as their role is now."""
        return person.status == "active" and (self.action is None or person.may(self.action))


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its menu text, and what it does for each kind of person (None: not for them).

    `action` is what a member of staff must be allowed to do to see and use it. `at`: whose phone it is
    for, the participant's own, a caregiver's, or both.
    """

    name: str
    menu: str
    participant: ByParticipant | None = None
    staff: ByStaff | None = None
    stranger: ByStranger | None = None
    action: Action | None = None
    at: Literal["participant", "caregiver", "both"] = "participant"

    def is_for(self, person: Person) -> bool:
        """Tell whether this person sees the command in their menu and may use it."""
        if isinstance(person, Participant):
            wanted = ("both", "caregiver") if person.spoken_for_by else ("both", "participant")
            return self.participant is not None and self.at in wanted
        allowed = person.status == "active" and (self.action is None or person.may(self.action))
        return self.staff is not None and allowed


async def whose(study: Study, user_id: int) -> Person | None:
    """Return the person whose live chat this is; None for strangers and Telegram's own users."""
    return None if user_id in NOBODY else await who(study, user_id)


def in_private(message: Any) -> bool:
    """Tell whether a message (also one that is no longer accessible) stands in a private chat."""
    return message is not None and message.chat.type == ChatType.PRIVATE


async def reply(call: Call, screen: Screen, language: Language, *, keys: Any = None) -> Message:
    """Send a screen as an answer to what a person typed."""
    return await send(call.study, call.bot, call.user_id, screen, language, keys=keys)


async def send(
    study: Study, bot: Bot, chat_id: int, screen: Screen, language: Language, *, keys: Any = None
) -> Message:
    """Send a screen to a chat; `keys` is a reply keyboard in place of the screen's own buttons."""
    shown = study.texts.render(screen, language)
    return await bot.send_message(
        chat_id,
        shown.text,
        parse_mode=ParseMode.HTML,
        protect_content=shown.protect,
        reply_markup=keys if keys is not None else markup(shown.keyboard),
    )


async def edit(query: CallbackQuery, study: Study, screen: Screen, language: Language) -> int:
    """Turn the message of the pressed button into `screen`; return the id of the message that shows it.

    A message that is gone, or too old to be edited, is sent anew.
    """
    message = query.message
    if message is not None and await edit_message(
        study, query.get_bot(), query.from_user.id, message.message_id, screen, language
    ):
        return message.message_id
    sent = await send(study, query.get_bot(), query.from_user.id, screen, language)
    return sent.message_id


# So many messages further up nobody sees that something was edited.
_OUT_OF_SIGHT = 6


def in_sight(call: Call, message_id: int) -> bool:
    """Tell whether a message still stands right above what was typed."""
    return call.message.message_id - message_id <= _OUT_OF_SIGHT


async def turn(call: Call, message_id: int | None, screen: Screen, language: Language) -> None:
    """Answer what was typed in the message that asked for it, and say so where that is out of sight."""
    if message_id is None or not await edit_message(
        call.study, call.bot, call.user_id, message_id, screen, language
    ):
        await reply(call, screen, language)
    elif not in_sight(call, message_id):
        await reply(call, Screen((say("turn.above"),)), language)


async def edit_message(
    study: Study, bot: Bot, chat_id: int, message_id: int, screen: Screen, language: Language
) -> bool:
    """Turn a message into `screen`; False when it is gone or can no longer be edited."""
    shown = study.texts.render(screen, language)
    try:
        await bot.edit_message_text(
            shown.text,
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=markup(shown.keyboard),
        )
    except BadRequest as error:
        return _after_refused_edit(error)
    return True


async def remove(bot: Bot, chat_id: int, message_id: int | None) -> None:
    """Delete a message of the chat; one that cannot be deleted any more stays."""
    if message_id is None:
        return
    try:
        await bot.delete_message(chat_id, message_id)
    except TelegramError as error:
        # After 48 hours Telegram deletes no more; the code in it is void by then or soon.
        log.info("a message was not deleted: %s", type(error).__name__)


def _after_refused_edit(error: BadRequest) -> bool:
    """True when the message already reads like that, False when it is gone; anything else is raised."""
    text = error.message.lower()
    if "message is not modified" in text:
        return True
    if "message to edit not found" in text or "message can't be edited" in text:
        return False
    raise error


def markup(keyboard: list[list[dict[str, str]]]) -> InlineKeyboardMarkup | None:
    """Return rendered rows as PTB wants them; None where there is no button."""
    return InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, None) if keyboard else None


def about_us(study: Study) -> Screen:
    """Return what a stranger is told: what this is, that it needs an invitation, and 120."""
    return Screen((say("stranger.line", emergency=study.site.phones.emergency),))


async def greet_stranger(call: Call) -> None:
    """Answer somebody whom nobody invited, in both languages."""
    await reply(call, about_us(call.study), "both")
