"""Which chat a call means, whether the bot may write there, and the keyboards it may send."""

import re
from typing import Any

from bot.sandbox.accounts import Account, Group, Json, Letter
from bot.sandbox.core import Core
from bot.sandbox.refusals import Refusal, bad_request, forbidden

_DATA_BYTES = 64
_BUTTONS, _BUTTONS_IN_A_ROW = 100, 8
_NOT_AN_ACTION = {"text", "icon_custom_emoji_id", "style"}
_URL = re.compile(r"(?:https?://[^\s/]+|tg://|mailto:|tel:)\S*", re.I)


def known_chat(core: Core, chat_id: int | str) -> Account | Group:
    """Return the chat with that id; a 400 where there is none."""
    if chat_id == "":
        raise bad_request("chat_id is empty")
    # Nobody in the sandbox has a public username, so that no @name leads anywhere.
    chat = core.chat_of(chat_id) if isinstance(chat_id, int) else None
    if chat is None:
        raise bad_request("chat not found")
    return chat


def writable_chat(core: Core, chat_id: int | str) -> Account | Group:
    """Return the chat with that id; the refusal that Telegram gives where the bot may not write."""
    chat = known_chat(core, chat_id)
    refusal = _group_refusal(chat) if isinstance(chat, Group) else _private_refusal(chat)
    if refusal:
        raise refusal
    return chat


def _private_refusal(account: Account) -> Refusal | None:
    if account.deactivated:
        return forbidden("user is deactivated")
    if account.blocked:
        return forbidden("bot was blocked by the user")
    return None if account.started else forbidden("bot can't initiate conversation with a user")


def _group_refusal(group: Group) -> Refusal | None:
    if group.migrated_to:
        reason = "group chat was upgraded to a supergroup chat"
        return bad_request(reason, migrate_to_chat_id=group.migrated_to)
    if group.bot_status == "kicked":
        return forbidden(f"bot was kicked from the {_called(group)}")
    return forbidden(f"bot is not a member of the {_called(group)}") if group.bot_status == "left" else None


def _called(group: Group) -> str:
    return "supergroup chat" if group.kind == "supergroup" else "group chat"


def own_letter(core: Core, chat: Account | Group, message_id: int | None, to_do: str) -> Letter:
    """Return a message of the chat; a 400 `message to … not found` where there is none."""
    if message_id is None:
        raise bad_request("message identifier is not specified")
    letter = core.letter(chat.id, message_id)
    if letter is None:
        raise bad_request(f"message to {to_do} not found")
    return letter


def check_markup(markup: Json | None) -> Json | None:
    """Return the reply markup, or None for an empty inline keyboard; a 400 for what Telegram refuses."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return _inline(markup)
    rows = markup.get("keyboard", [])
    if any(not button["text"] for row in rows for button in row):
        raise bad_request("text buttons are unallowed to be empty")
    if "keyboard" in markup and not any(rows):
        raise bad_request("reply keyboard must have at least one button")
    return markup


def _inline(markup: Json) -> Json | None:
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(map(len, rows)) > _BUTTONS or any(len(row) > _BUTTONS_IN_A_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = button.keys() - _NOT_AN_ACTION
    if len(actions) != 1:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            if not actions
            else "can't parse inline keyboard button: exactly one action must be specified"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= _DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not _URL.fullmatch(button["url"]):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
