"""Somebody blocked the bot, or lets it write again: Telegram tells us at once."""

from telegram import ChatMember, Update
from telegram.constants import ChatType

from bot.services.operation import reachability
from bot.study import Study


async def on_membership(study: Study, update: Update) -> None:
    """Note whether this person's private chat can be reached from now on."""
    change = update.my_chat_member
    if change is None or change.chat.type != ChatType.PRIVATE:
        return
    if change.new_chat_member.status == ChatMember.BANNED:
        await reachability.blocked(study, change.from_user.id)
    else:
        await reachability.unblocked(study, change.from_user.id)
