"""One message, as calls of the Bot API."""

from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from markupsafe import Markup
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.ext import ExtBot

from bot.services.outgoing import Outgoing
from bot.texts import Rendered, Texts

_METHODS = {
    "send": "sendMessage",
    "edit": "editMessageText",
    "photo": "sendPhoto",
    "document": "sendDocument",
}
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message went out: with these words, and this id in its chat."""

    method: str
    message_id: int | None
    text: str


async def send(
    bot: ExtBot[Any], texts: Texts, chat_id: int, outgoing: Outgoing, *, plain: bool = False
) -> Sent:
    """Send a message; `plain` without formatting and cut to Telegram's length. Raises TelegramError."""
    rendered = texts.render(outgoing.screen, outgoing.language)
    if plain:
        rendered = _plain(rendered, outgoing)
    call = {"edit": _edit, "photo": _photo, "document": _document}.get(outgoing.method, _message)
    message = await call(bot, chat_id, outgoing, rendered, None if plain else ParseMode.HTML)
    message_id = message.message_id if isinstance(message, Message) else outgoing.edit_message_id
    return Sent(_METHODS[outgoing.method], message_id, rendered.text)


def unchanged(texts: Texts, outgoing: Outgoing) -> Sent:
    """Return what stands in the chat when an edit changes nothing."""
    text = texts.render(outgoing.screen, outgoing.language).text
    return Sent(_METHODS["edit"], outgoing.edit_message_id, text)


def _plain(rendered: Rendered, outgoing: Outgoing) -> Rendered:
    with_file = outgoing.file is not None or outgoing.file_id is not None
    most = MessageLimit.CAPTION_LENGTH if with_file else MessageLimit.MAX_TEXT_LENGTH
    text = unescape(_without_tags(rendered.text))
    return replace(rendered, text=_cut(text, most), keyboard=[])


def _without_tags(html: str) -> str:
    # Line by line: striptags would join the lines into one.
    return "\n".join(str(Markup(line).striptags()) for line in html.split("\n"))


def _cut(text: str, most: int) -> str:
    """Cut to `most` UTF-16 units, which is how Telegram counts."""
    if len(text.encode("utf-16-le")) // 2 <= most:
        return text
    return text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def _keyboard(rendered: Rendered) -> InlineKeyboardMarkup | None:
    if not rendered.keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rendered.keyboard])


def _button(button: dict[str, str]) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        button["text"], url=button.get("url"), callback_data=button.get("callback_data")
    )


def _manner(outgoing: Outgoing, rendered: Rendered) -> dict[str, Any]:
    """Return what a text, a photo and a document have in common."""
    reply = None
    if outgoing.reply_to is not None:
        reply = ReplyParameters(outgoing.reply_to, allow_sending_without_reply=True)
    return {
        "reply_markup": _keyboard(rendered),
        "disable_notification": outgoing.silent,
        "protect_content": rendered.protect,
        "reply_parameters": reply,
    }


async def _message(
    bot: ExtBot[Any], chat_id: int, outgoing: Outgoing, rendered: Rendered, mode: str | None
) -> Message | bool:
    return await bot.send_message(
        chat_id,
        rendered.text,
        parse_mode=mode,
        link_preview_options=_NO_PREVIEW,
        **_manner(outgoing, rendered),
    )


async def _edit(
    bot: ExtBot[Any], chat_id: int, outgoing: Outgoing, rendered: Rendered, mode: str | None
) -> Message | bool:
    return await bot.edit_message_text(
        rendered.text,
        chat_id=chat_id,
        message_id=outgoing.edit_message_id,
        parse_mode=mode,
        link_preview_options=_NO_PREVIEW,
        reply_markup=_keyboard(rendered),
    )


async def _photo(
    bot: ExtBot[Any], chat_id: int, outgoing: Outgoing, rendered: Rendered, mode: str | None
) -> Message | bool:
    file = _file(outgoing)
    return await bot.send_photo(
        chat_id, file, caption=rendered.text, parse_mode=mode, **_manner(outgoing, rendered)
    )


async def _document(
    bot: ExtBot[Any], chat_id: int, outgoing: Outgoing, rendered: Rendered, mode: str | None
) -> Message | bool:
    file = _file(outgoing)
    return await bot.send_document(
        chat_id, file, caption=rendered.text, parse_mode=mode, **_manner(outgoing, rendered)
    )


def _file(outgoing: Outgoing) -> InputFile | str:
    if outgoing.file_id is not None:
        return outgoing.file_id
    if outgoing.file is None:
        raise ValueError(f"a {outgoing.method} needs a file")
    return InputFile(outgoing.file, filename=outgoing.file_name)
