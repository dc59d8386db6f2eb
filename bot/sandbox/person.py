"""The human side: a person with a phone, for scripted tests, the simulation and the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.accounts import Json
from bot.sandbox.files import as_json, document, photo_sizes
from bot.sandbox.phone import CannotDo, Phone, worded
from bot.sandbox.shown import Button, Shown, shown
from bot.sandbox.text import is_blank, utf16_length

__all__ = ["CannotDo", "Person", "Toast"]

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
_LONGEST = 4096


@dataclass(frozen=True)
class Toast:
    """The answer to the press of a button, as the phone shows it for a moment, or as an alert to close."""

    text: str
    alert: bool
    query_id: str


class Person(Phone):
    """One phone. Everything is done at once; without network, as soon as there is one.

    `chat` is the id of a group; without it, it is the private chat with the bot.
    Methods that send return the message id, or None while there is no network;
    what the phone does not offer raises `CannotDo`. `offline`, `online`,
    `block`, `unblock`, `deactivate` and `groups` are told at `Phone`.
    """

    # --- what is done ----------------------------------------------------------

    def start(self, payload: str = "") -> int | None:
        """Press Start; with a payload, having followed `t.me/<bot>?start=<payload>`. It also unblocks."""
        if not _PAYLOAD.fullmatch(payload):
            raise CannotDo("a start payload is at most 64 of A-Z a-z 0-9 _ -")
        if self.account.blocked:
            self.unblock()
        return self.say(f"/start {payload}".strip())

    def say(self, text: str, *, chat: int | None = None, reply_to: int | None = None) -> int | None:
        """Type a text and send it; one that is too long goes as several messages, and the last id returns."""
        sent: int | None = None
        for part in _parts(text):
            content = worded("text", "entities", part)
            if is_blank(content.get("text", "")):
                raise CannotDo("there is nothing to send")
            sent = self.do("post", content, chat, reply_to)
        return sent

    def command(self, name: str, arguments: str = "", *, chat: int | None = None) -> int | None:
        """Send a command, with or without its slash."""
        return self.say(f"/{name.removeprefix('/')} {arguments}".strip(), chat=chat)

    def tap(
        self, label_or_data: str, message_id: int | None = None, *, chat: int | None = None
    ) -> str | None:
        """Press an inline button, by its label or data, and return the id of the callback query.

        Without a message id it is the newest message that has such a button.
        None where there is no network, or the message is gone by now.
        """
        message, button = self._find_button(label_or_data, message_id, chat)
        if button.data is None:
            opens = button.url or button.copy
            raise CannotDo(f"the button {button.label!r} asks the bot nothing, it has {opens!r}")
        return self.forge(button.data, message.id, chat=chat)

    def forge(self, data: str, message_id: int, *, chat: int | None = None) -> str | None:
        """Send button data for a message, shown or not: what a tampered or an outdated client can do."""
        done: str | None = self.do("press", data, message_id, chat)
        return done

    def press_key(self, label: str) -> int | None:
        """Press a key of the reply keyboard: its label is sent as a text, or the contact that it asks for."""
        key = next((key for row in self.reply_keyboard for key in row if key["text"] == label), None)
        if key is None:
            raise CannotDo(f"there is no key {label!r}; the keyboard shows {self.reply_keyboard}")
        return self.send_contact() if key.get("request_contact") else self.say(label)

    def send_photo(self, content: bytes, caption: str = "", *, chat: int | None = None) -> int | None:
        """Send a picture (PNG, GIF or JPEG)."""
        file = self.core.files.add("photo", content, "photo.jpg", "image/jpeg")
        return self._post_media({"photo": photo_sizes(file)}, caption, chat)

    def send_document(
        self,
        content: bytes,
        name: str = "file.bin",
        caption: str = "",
        *,
        mime_type: str = "application/octet-stream",
        chat: int | None = None,
    ) -> int | None:
        """Send a file."""
        file = self.core.files.add("document", content, name, mime_type)
        return self._post_media({"document": document(file)}, caption, chat)

    def send_voice(self, content: bytes = b"OggS", seconds: int = 3) -> int | None:
        """Send a voice message."""
        file = self.core.files.add("voice", content, "voice.oga", "audio/ogg")
        return self._post_media({"voice": as_json(file) | {"duration": seconds, "mime_type": "audio/ogg"}})

    def send_sticker(self, emoji: str = "👍") -> int | None:
        """Send a sticker."""
        file = self.core.files.add("sticker", emoji.encode(), "sticker.webp", "image/webp")
        looks = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._post_media({"sticker": as_json(file) | looks | {"emoji": emoji}})

    def send_contact(self, phone: str | None = None, first_name: str | None = None) -> int | None:
        """Share a contact: one's own, with the user id, where no phone is given."""
        contact: Json = {"phone_number": phone or self.account.phone or f"+{self.id}"}
        contact["first_name"] = first_name or self.account.first_name
        if phone is None:
            contact["user_id"] = self.id
        return self._post_media({"contact": contact})

    def send_location(self, latitude: float, longitude: float) -> int | None:
        """Share a place, in degrees."""
        return self._post_media({"location": {"latitude": latitude, "longitude": longitude}})

    def edit(self, message_id: int, text: str, *, chat: int | None = None) -> int | None:
        """Change a text that this person sent."""
        done: int | None = self.do("rewrite", message_id, text, chat)
        return done

    # --- what is seen ----------------------------------------------------------

    @property
    def messages(self) -> list[Shown]:
        """Return the private chat with the bot, the oldest message first; deleted ones are marked."""
        return self.chat(self.id)

    def chat(self, chat_id: int) -> list[Shown]:
        """Return a chat, the oldest message first; deleted ones are marked."""
        return list(self.newest(chat_id))[::-1]

    def newest(self, chat_id: int | None = None) -> Iterator[Shown]:
        """Yield the messages of a chat, the newest first: quick where only the end is wanted."""
        return (shown(self.core, letter, self.id) for letter in self.letters(chat_id or self.id))

    @property
    def last(self) -> Shown:
        """Return the newest message from the bot that is not deleted; `CannotDo` where there is none."""
        for message in self.newest():
            if message.from_bot and not message.deleted:
                return message
        raise CannotDo("the bot has written nothing to this person")

    def message(self, message_id: int, *, chat: int | None = None) -> Shown:
        """Return one message; `CannotDo` where this phone does not show it."""
        for message in self.newest(chat):
            if message.id == message_id:
                return message
        raise CannotDo(f"this phone shows no message {message_id}")

    @property
    def toasts(self) -> list[Toast]:
        """Return the answers to pressed buttons that had a text, the oldest first, 100 at most."""
        return [Toast(toast["text"], toast["alert"], toast["query_id"]) for toast in self.account.toasts]

    @property
    def menu(self) -> list[tuple[str, str]]:
        """Return the commands, with their descriptions, that this person's menu shows."""
        language = self.account.language_code.partition("-")[0]
        scopes: list[Json] = [{"type": "chat", "chat_id": self.id}, {"type": "all_private_chats"}]
        found = self.core.profile.commands([*scopes, {"type": "default"}], language)
        return [(command["command"], command["description"]) for command in found]

    @property
    def reply_keyboard(self) -> list[list[Json]]:
        """Return the keys that stand below the input field, as KeyboardButton objects, row by row."""
        markup = self.seen("keyboard")
        return [list(row) for row in markup["keyboard"]] if markup else []

    @property
    def pinned(self) -> Shown | None:
        """Return the message that is pinned last in the private chat."""
        ids = self.seen("pinned")
        return self.message(ids[-1]) if ids else None

    def _post_media(self, content: Json, caption: str = "", chat: int | None = None) -> int | None:
        done: int | None = self.do(
            "post", content | worded("caption", "caption_entities", caption), chat, None
        )
        return done

    def _find_button(self, wanted: str, message_id: int | None, chat: int | None) -> tuple[Shown, Button]:
        seen = []
        for message in self.newest(chat):
            if message.deleted or message_id not in (None, message.id):
                continue
            for button in [button for row in message.buttons for button in row]:
                if wanted in (button.label, button.data):
                    return message, button
                seen.append(button.label)
        raise CannotDo(f"there is no button {wanted!r}; this phone shows {seen}")


def _parts(text: str) -> list[str]:
    """Split a text where a phone does: by the longest that Telegram takes, in UTF-16 units."""
    parts, part, units = [], "", 0
    for character in text:
        units += utf16_length(character)
        if units > _LONGEST:
            parts.append(part)
            part, units = "", utf16_length(character)
        part += character
    return [*parts, part]
