"""The methods that change, remove, pin or mark what is already in a chat."""

from typing import Any

from bot.sandbox.accounts import Account, Group, Json, Letter
from bot.sandbox.chats import check_markup, own_letter, writable_chat
from bot.sandbox.core import Core
from bot.sandbox.methods_send import media
from bot.sandbox.refusals import NOT_MODIFIED, TOO_OLD, bad_request
from bot.sandbox.registry import serves
from bot.sandbox.sending import bot_message, caption_content, check_length, text_content
from bot.sandbox.text import utf16_length
from bot.sandbox.updates import CALLBACK_SECONDS

_DELETABLE_SECONDS = 48 * 3600
_TOAST_UNITS = 200
_TEXT = ("text", "entities", "link_preview_options")
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")
_MEDIA = ("photo", "document")
_REACTIONS = set(
    "👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🥱🥴😍💯🤣🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻🎃🙈😇😨🤝🤗🫡🎅🎄💅🤪🗿🆒🦄😘💊🙊😎👾😡"
)
_REACTIONS |= {"❤", "🕊", "🤷", "🤷‍♂", "🤷‍♀", "⚡", "❤‍🔥", "💘", "☃", "✍", "👀", "🌚", "🌭", "👨‍💻"}


@serves("editMessageText")
def edit_message_text(core: Core, p: Json) -> Json:
    """Replace the text of a message of the bot, and its keyboard."""
    content = text_content(core, p)
    letter = _editable(core, p)
    if "text" not in letter.message:
        raise bad_request("there is no text in the message to edit")
    check_length(content, text="MESSAGE_TOO_LONG", caption="")
    return _edit(core, p, letter, _TEXT, content)


@serves("editMessageCaption")
def edit_message_caption(core: Core, p: Json) -> Json:
    """Replace the caption of a message of the bot, and its keyboard."""
    content = caption_content(core, p)
    letter = _editable(core, p)
    if not letter.message.keys() & set(_MEDIA):
        raise bad_request("there is no caption in the message to edit")
    check_length(content, text="", caption="MEDIA_CAPTION_TOO_LONG")
    return _edit(core, p, letter, _CAPTION, content)


@serves("editMessageReplyMarkup")
def edit_message_reply_markup(core: Core, p: Json) -> Json:
    """Replace the keyboard of a message of the bot."""
    return _edit(core, p, _editable(core, p), (), {})


@serves("editMessageMedia")
def edit_message_media(core: Core, p: Json) -> Json:
    """Replace the photo or document of a message of the bot, its caption and its keyboard."""
    letter, wanted = _editable(core, p), p["media"]
    if wanted["type"] not in _MEDIA:
        raise bad_request("the sandbox serves photos and documents only")
    content = media(core, wanted["type"], wanted["media"], p) | caption_content(core, wanted)
    check_length(content, text="", caption="message caption is too long")
    return _edit(core, p, letter, (*_TEXT, *_CAPTION, *_MEDIA), content)


def _editable(core: Core, p: Json) -> Letter:
    if "inline_message_id" in p:
        raise bad_request("MESSAGE_ID_INVALID")
    if "chat_id" not in p:
        raise bad_request("chat_id is empty")
    letter = own_letter(core, writable_chat(core, p["chat_id"]), p.get("message_id"), "edit")
    # A message that came with a reply keyboard can never be edited.
    if letter.message["from"]["id"] != core.bot.id or letter.markup or "forward_origin" in letter.message:
        raise bad_request("message can't be edited")
    return letter


def _edit(core: Core, p: Json, letter: Letter, replaced: tuple[str, ...], content: Json) -> Json:
    """Apply an edit; what is not given, the keyboard among it, is removed, as in Telegram."""
    markup = check_markup(p.get("reply_markup"))
    gone = {*replaced, "reply_markup", "edit_date"}
    kept = {key: value for key, value in letter.message.items() if key not in gone}
    changed = kept | content | ({"reply_markup": markup} if markup else {})
    if changed == {key: value for key, value in letter.message.items() if key != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    core.limiter.take(letter.chat_id)
    letter.message = changed | {"edit_date": core.now()}
    core.keep(letter, "edited")
    return letter.message


@serves("deleteMessage")
def delete_message(core: Core, p: Json) -> bool:
    """Delete one message."""
    chat = writable_chat(core, p["chat_id"])
    letter = own_letter(core, chat, p["message_id"], "delete")
    reason = _undeletable(core, chat, letter)
    if reason:
        raise bad_request(reason)
    _delete(core, letter)
    return True


@serves("deleteMessages")
def delete_messages(core: Core, p: Json) -> bool:
    """Delete up to 100 messages; those that cannot be are skipped."""
    if not 1 <= len(p["message_ids"]) <= 100:
        raise bad_request(
            "message identifiers are not specified" if not p["message_ids"] else "too many messages"
        )
    chat = writable_chat(core, p["chat_id"])
    for message_id in p["message_ids"]:
        letter = core.letter(chat.id, message_id)
        if letter and not _undeletable(core, chat, letter):
            _delete(core, letter)
    return True


def _undeletable(core: Core, chat: Account | Group, letter: Letter) -> str | None:
    if core.now() - letter.message["date"] > _DELETABLE_SECONDS:
        return "message can't be deleted for everyone"
    others = letter.message["from"]["id"] != core.bot.id
    if isinstance(chat, Group) and others and chat.bot_status != "administrator":
        return "message can't be deleted"
    return None


def _delete(core: Core, letter: Letter) -> None:
    letter.deleted = True
    core.keep(letter, "deleted")
    chat = core.chat_of(letter.chat_id)
    if chat and letter.id in chat.pinned:
        _unpin(core, chat, [letter.id])


@serves("answerCallbackQuery")
def answer_callback_query(core: Core, p: Json) -> bool:
    """Answer the press of a button: once, and within 150 s."""
    query = core.queries.get(p["callback_query_id"])
    if query is None or query.answered or core.clock.now().timestamp() - query.asked_at > CALLBACK_SECONDS:
        raise bad_request(TOO_OLD)
    text = str(p.get("text", ""))
    if utf16_length(text) > _TOAST_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answered = True
    core.save(query)
    _toast(core, query.user_id, {"query_id": query.id, "text": text, "alert": bool(p.get("show_alert"))})
    return True


def _toast(core: Core, user_id: int, toast: dict[str, Any]) -> None:
    account = core.accounts[user_id]
    # A phone without network misses it: a toast is not kept for later.
    if toast["text"] and account.online:
        account.toasts = [*account.toasts[-99:], toast | {"at": core.now()}]
        core.save(account)
    core.emit("toast", user_id, **toast)


@serves("pinChatMessage")
def pin_chat_message(core: Core, p: Json) -> bool:
    """Pin a message, with a line in the chat that says so."""
    chat = _pinnable(core, p)
    letter = own_letter(core, chat, p["message_id"], "pin")
    if letter.id in chat.pinned:
        return True
    chat.pinned.append(letter.id)
    core.save(chat)
    notice = bot_message(core, chat) | {"pinned_message": letter.bare()}
    core.keep(Letter(notice, silent=bool(p.get("disable_notification"))), "message")
    core.emit("pinned", chat.id, message_id=letter.id)
    return True


@serves("unpinChatMessage")
def unpin_chat_message(core: Core, p: Json) -> bool:
    """Unpin a message, the latest pinned one where none is named."""
    chat = _pinnable(core, p)
    message_id = p.get("message_id", chat.pinned[-1] if chat.pinned else None)
    if message_id is None or message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    _unpin(core, chat, [message_id])
    return True


@serves("unpinAllChatMessages")
def unpin_all_chat_messages(core: Core, p: Json) -> bool:
    """Unpin every message of a chat."""
    chat = _pinnable(core, p)
    _unpin(core, chat, list(chat.pinned))
    return True


def _pinnable(core: Core, p: Json) -> Account | Group:
    chat = writable_chat(core, p["chat_id"])
    if isinstance(chat, Group) and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


def _unpin(core: Core, chat: Account | Group, message_ids: list[int]) -> None:
    chat.pinned = [kept for kept in chat.pinned if kept not in message_ids]
    core.save(chat)
    core.emit("unpinned", chat.id, message_ids=message_ids)


@serves("setMessageReaction")
def set_message_reaction(core: Core, p: Json) -> bool:
    """Put the bot's reaction on a message, or take it away."""
    letter = own_letter(core, writable_chat(core, p["chat_id"]), p["message_id"], "react")
    wanted = p.get("reaction", [])
    if len(wanted) > 1 or any(one.get("emoji") not in _REACTIONS for one in wanted):
        raise bad_request("REACTIONS_TOO_MANY" if len(wanted) > 1 else "REACTION_INVALID")
    letter.reactions = [one["emoji"] for one in wanted]
    core.keep(letter, "reaction")
    return True
