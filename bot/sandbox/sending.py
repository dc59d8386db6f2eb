"""How a message of the bot comes to be: its text, its reply, its keyboard, its place in the chat."""

import re
from functools import lru_cache
from typing import Any

from bot.sandbox.accounts import Account, Group, Json, Letter
from bot.sandbox.chats import check_markup, writable_chat
from bot.sandbox.core import Core
from bot.sandbox.markup import parse_html
from bot.sandbox.refusals import bad_request
from bot.sandbox.text import Entity, check_entities, finish, is_blank, utf16_length

TEXT_UNITS, CAPTION_UNITS = 4096, 1024
_RAW_BYTES = 32768
_MENTION = re.compile(r"tg://user\?id=(\d+)")


def text_content(core: Core, p: Json) -> Json:
    """Return text and entities of a text message; `check_length` comes later, as in Telegram."""
    if not p.get("text"):
        raise bad_request("message text is empty")
    text, entities = _formatted(core, p, "text", "entities")
    preview = p.get("link_preview_options")
    content: Json = {"text": text, **({"entities": entities} if entities else {})}
    return content | ({"link_preview_options": preview} if preview else {})


def caption_content(core: Core, p: Json) -> Json:
    """Return caption and entities of a media message; `check_length` comes later, as in Telegram."""
    caption, entities = _formatted(core, p, "caption", "caption_entities")
    shown = {"caption": caption} if caption else {}
    above = {"show_caption_above_media": True} if p.get("show_caption_above_media") else {}
    return {**shown, **({"caption_entities": entities} if entities else {}), **above}


def check_length(content: Json, *, text: str, caption: str) -> None:
    """Refuse a text that shows nothing, or what is too long, in the words that are given for it."""
    if "text" in content and is_blank(content["text"]):
        raise bad_request("text must be non-empty")
    if utf16_length(content.get("text", "")) > TEXT_UNITS:
        raise bad_request(text)
    if utf16_length(content.get("caption", "")) > CAPTION_UNITS:
        raise bad_request(caption)


def _formatted(core: Core, p: Json, text_key: str, entities_key: str) -> tuple[str, list[Entity]]:
    """Return text and entities of a call, parsed, trimmed and with what Telegram finds by itself."""
    text, mode = str(p.get(text_key, "")), str(p.get("parse_mode", ""))
    if len(text.encode("utf-8", "surrogatepass")) > _RAW_BYTES:
        raise bad_request("text is too long")
    if mode and mode.lower() != "html":
        raise bad_request(f"unsupported parse_mode: the sandbox serves HTML, not {mode}")
    if not mode:
        return finish(text, check_entities(text, p.get(entities_key, [])))
    if _MENTION.search(text):
        parsed, entities = parse_html(text)
        return finish(parsed, [_mention(core, entity) for entity in entities])
    finished, entities = _finished(text)
    return finished, [dict(entity) for entity in entities]


@lru_cache(maxsize=1024)
def _finished(html: str) -> tuple[str, list[Entity]]:
    """Return text and entities of HTML that names nobody: the same question goes out again and again."""
    return finish(*parse_html(html))


def _mention(core: Core, entity: Entity) -> Entity:
    named = _MENTION.fullmatch(entity.get("url", ""))
    if named is None:
        return entity
    account = core.accounts.get(int(named[1]))
    user = account.user() if account else {"id": int(named[1]), "is_bot": False, "first_name": ""}
    return {"type": "text_mention", "offset": entity["offset"], "length": entity["length"], "user": user}


def send(core: Core, p: Json, content: Json, *, count: int = 1) -> Json:
    """Put a message of the bot into the chat that the call names, and return it.

    `count` is what it counts against the rate limits, 0 for the later
    messages of an album.
    """
    markup = check_markup(p.get("reply_markup"))
    chat = writable_chat(core, p["chat_id"])
    reply = _reply(core, chat, p.get("reply_parameters"))
    check_length(content, text="message is too long", caption="message caption is too long")
    if count:
        core.limiter.take(chat.id, count)
    inline = markup if markup and "inline_keyboard" in markup else None
    message = bot_message(core, chat) | reply | content
    message |= {"has_protected_content": True} if p.get("protect_content") else {}
    message |= {"reply_markup": inline} if inline else {}
    letter = Letter(message, None if inline else markup)
    letter.silent, letter.protected = bool(p.get("disable_notification")), bool(p.get("protect_content"))
    _note_keyboard(core, chat, letter.markup)
    core.keep(letter, "message")
    return message


def bot_message(core: Core, chat: Account | Group) -> Json:
    """Return the bare beginnings of a message from the bot."""
    return {
        "message_id": core.next_message_id(chat.id),
        "from": core.bot.user(),
        "chat": chat.chat(),
        "date": core.now(),
    }


def _reply(core: Core, chat: Account | Group, wanted: dict[str, Any] | None) -> Json:
    if not wanted:
        return {}
    letter = core.letter(chat.id, wanted["message_id"])
    if letter:
        return {"reply_to_message": letter.bare()}
    if wanted.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _note_keyboard(core: Core, chat: Account | Group, markup: Json | None) -> None:
    if markup is None or not ("keyboard" in markup or markup.get("remove_keyboard")):
        return
    chat.reply_keyboard = markup if "keyboard" in markup else None
    core.save(chat)
