"""The human side: a person with a phone, for scripted tests, the simulation and the page."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.accounts import Account, Group, Json, Letter, Query
from bot.sandbox.core import Core
from bot.sandbox.files import as_json, document, photo_sizes
from bot.sandbox.groups import member, reads
from bot.sandbox.shown import Button, Shown, shown
from bot.sandbox.text import finish, utf16_length

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
_LONGEST = 4096


class CannotDo(Exception):
    """What this person wants to do, their phone does not offer."""


@dataclass(frozen=True)
class Toast:
    """The answer to the press of a button, as the phone shows it for a moment, or as an alert to close."""

    text: str
    alert: bool
    query_id: str


class Person:
    """One phone. Everything is done at once; without network, as soon as there is one.

    `chat` is the id of a group; without it, it is the private chat with the bot.
    Methods that send return the message id, or None while there is no network.
    """

    def __init__(self, core: Core, account: Account) -> None:
        self.core, self.account = core, account

    @property
    def id(self) -> int:
        """Return the user id, which is also the id of the private chat."""
        return self.account.id

    # --- what is done ----------------------------------------------------------

    def start(self, payload: str = "") -> int | None:
        """Press Start; with a payload, having followed `t.me/<bot>?start=<payload>`."""
        if not _PAYLOAD.fullmatch(payload):
            raise CannotDo("a start payload is at most 64 of A-Z a-z 0-9 _ -")
        if self.account.blocked:
            self.unblock()
        return self.say(f"/start {payload}".strip())

    def say(self, text: str, *, chat: int | None = None, reply_to: int | None = None) -> int | None:
        """Type a text and send it; one that is too long goes as several messages, and the last id returns."""
        sent = None
        for part in _parts(text):
            kept, entities = finish(part, [])
            if not kept:
                raise CannotDo("there is nothing to send")
            content: Json = {"text": kept, **({"entities": entities} if entities else {})}
            sent = self._do("post", content, chat, reply_to)
        return sent

    def command(self, name: str, arguments: str = "", *, chat: int | None = None) -> int | None:
        """Send a command, with or without its slash."""
        return self.say(f"/{name.removeprefix('/')} {arguments}".strip(), chat=chat)

    def tap(
        self, label_or_data: str, message_id: int | None = None, *, chat: int | None = None
    ) -> str | None:
        """Press an inline button, by its label or data, and return the id of the callback query.

        Without a message id it is the newest message that has such a button.
        """
        message, button = self._find_button(label_or_data, message_id, chat)
        if button.data is None:
            raise CannotDo(
                f"the button {button.label!r} opens {button.url or button.copy!r}, it asks the bot nothing"
            )
        return self._do_text("press", button.data, message.id, chat)

    def forge(self, data: str, message_id: int, *, chat: int | None = None) -> str | None:
        """Send button data that no button shows: what a tampered client can do."""
        return self._do_text("press", data, message_id, chat)

    def press_key(self, label: str) -> int | None:
        """Press a key of the reply keyboard: its label is sent as a text, or the contact that it asks for."""
        key = next((key for row in self.reply_keyboard for key in row if key["text"] == label), None)
        if key is None:
            raise CannotDo(f"there is no key {label!r}; the keyboard shows {self.reply_keyboard}")
        if key.get("request_contact"):
            return self.send_contact()
        return self.say(label)

    def send_photo(self, content: bytes, caption: str = "", *, chat: int | None = None) -> int | None:
        """Send a picture (PNG, GIF or JPEG)."""
        file = self.core.files.add("photo", content, "photo.jpg", "image/jpeg")
        return self._do("post", {"photo": photo_sizes(file), **_captioned(caption)}, chat, None)

    def send_document(
        self,
        content: bytes,
        name: str = "file.bin",
        caption: str = "",
        *,
        mime_type: str = "application/octet-stream",
    ) -> int | None:
        """Send a file."""
        file = self.core.files.add("document", content, name, mime_type)
        return self._do("post", {"document": document(file), **_captioned(caption)}, None, None)

    def send_voice(self, content: bytes = b"OggS", seconds: int = 3) -> int | None:
        """Send a voice message."""
        file = self.core.files.add("voice", content, "voice.oga", "audio/ogg")
        voice = {**as_json(file), "duration": seconds, "mime_type": "audio/ogg"}
        return self._do("post", {"voice": voice}, None, None)

    def send_sticker(self, emoji: str = "👍") -> int | None:
        """Send a sticker."""
        file = self.core.files.add("sticker", emoji.encode(), "sticker.webp", "image/webp")
        looks = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._do("post", {"sticker": {**as_json(file), **looks, "emoji": emoji}}, None, None)

    def send_contact(self, phone: str | None = None, first_name: str | None = None) -> int | None:
        """Share a contact: the person's own where nothing is said, and only then with their user id."""
        own = phone is None
        contact: Json = {"phone_number": phone or self.account.phone or "+8613000000000"}
        contact |= {
            "first_name": first_name or self.account.first_name,
            **({"user_id": self.id} if own else {}),
        }
        return self._do("post", {"contact": contact}, None, None)

    def send_location(self, latitude: float, longitude: float) -> int | None:
        """Share a place."""
        return self._do("post", {"location": {"latitude": latitude, "longitude": longitude}}, None, None)

    def edit(self, message_id: int, text: str) -> int | None:
        """Change a text that this person sent."""
        return self._do("rewrite", message_id, text)

    def block(self) -> None:
        """Block the bot: it is told, and everything it sends is refused."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(False)

    def deactivate(self) -> None:
        """Delete the Telegram account."""
        self.account.deactivated = True
        self._save("deactivated")

    def offline(self) -> None:
        """Lose the network: nothing new is shown, and what is done waits."""
        if self.account.online:
            self.account.frozen = copy.deepcopy(self._present())
            self.account.online = False
            self._save("offline")

    def online(self) -> None:
        """Find the network again: what came is shown, what waited is done, in its order."""
        if self.account.online:
            return
        self.account.online, self.account.frozen = True, None
        waiting, self.account.waiting = self.account.waiting, []
        self._save("online")
        for action, *arguments in waiting:
            self._do(action, *arguments)

    # --- what is seen ----------------------------------------------------------

    @property
    def messages(self) -> list[Shown]:
        """Return the private chat with the bot, the oldest message first; deleted ones are marked."""
        return self.chat(self.id)

    def chat(self, chat_id: int) -> list[Shown]:
        """Return a chat, the oldest message first; deleted ones are marked."""
        rows = (self.account.frozen or {}).get("chats", {}).get(str(chat_id), [])
        letters = map(Letter.of, rows) if self.account.frozen else self._letters(chat_id)
        return [shown(self.core, letter, self.id) for letter in letters]

    @property
    def last(self) -> Shown:
        """Return the newest message from the bot that is not deleted; IndexError where there is none."""
        return [message for message in self.messages if message.from_bot and not message.deleted][-1]

    def message(self, message_id: int, *, chat: int | None = None) -> Shown:
        """Return one message; KeyError where this phone does not show it."""
        found = {message.id: message for message in self.chat(chat or self.id)}
        return found[message_id]

    @property
    def toasts(self) -> list[Toast]:
        """Return all answers to pressed buttons that had a text, the oldest first."""
        return [Toast(toast["text"], toast["alert"], toast["query_id"]) for toast in self.account.toasts]

    @property
    def menu(self) -> list[tuple[str, str]]:
        """Return the commands, with their descriptions, that this person's menu shows."""
        language = self.account.language_code.partition("-")[0]
        scopes: list[Json] = [{"type": "chat", "chat_id": self.id}, {"type": "all_private_chats"}, {"type": "default"}]
        found = self.core.profile.commands(scopes, language)
        return [(command["command"], command["description"]) for command in found]

    @property
    def reply_keyboard(self) -> list[list[Json]]:
        """Return the keys that stand below the input field, as KeyboardButton objects, row by row."""
        markup = self._seen("keyboard")
        return [list(row) for row in markup["keyboard"]] if markup else []

    @property
    def pinned(self) -> Shown | None:
        """Return the message that is pinned last in the private chat."""
        ids = self._seen("pinned")
        return self.message(ids[-1]) if ids else None

    @property
    def groups(self) -> list[Group]:
        """Return the groups of which this person is a member."""
        return [group for group in self.core.groups.values() if str(self.id) in group.members]

    # --- how it is done --------------------------------------------------------

    def _do(self, action: str, *arguments: Any) -> int | None:
        done = self._do_text(action, *arguments)
        return None if done is None else int(done)

    def _do_text(self, action: str, *arguments: Any) -> str | None:
        actions: dict[str, Callable[..., object]] = {
            "post": self._post,
            "press": self._press,
            "rewrite": self._rewrite,
        }
        if not self.account.online:
            self.account.waiting.append([action, *arguments])
            self._save("waiting")
            return None
        done = actions[action](*arguments)
        self.core.store.commit()
        return None if done is None else str(done)

    def _post(self, content: Json, chat: int | None, reply_to: int | None) -> int:
        place = self._place(chat)
        quoted = self.core.letter(place.id, reply_to) if reply_to else None
        reply = {"reply_to_message": quoted.message} if quoted else {}
        message = {
            "message_id": self.core.next_message_id(place.id),
            "from": self.account.user(),
            "chat": place.chat(),
            "date": self.core.now(),
            **reply,
            **content,
        }
        letter = Letter(message)
        self.core.keep(letter, "message")
        self._queue("message", place, letter)
        return letter.id

    def _place(self, chat: int | None) -> Account | Group:
        if self.account.deactivated:
            raise CannotDo("this account is deleted")
        if chat is not None and chat != self.id:
            group = self.core.groups.get(chat)
            if group is None or str(self.id) not in group.members or group.migrated_to:
                raise CannotDo(f"{self.account.first_name} is not in the group {chat}")
            return group
        if self.account.blocked:
            raise CannotDo("who has blocked the bot must unblock it before writing")
        if not self.account.started:
            self.account.started = True
            self.core.save(self.account)
        return self.account

    def _queue(self, kind: str, place: Account | Group, letter: Letter) -> None:
        if not isinstance(place, Group) or reads(self.core.bot, place, letter):
            self.core.updates.put(kind, letter.message)

    def _rewrite(self, message_id: int, text: str) -> int:
        letter = self.core.letter(self.id, message_id)
        if letter is None or letter.message["from"]["id"] != self.id or "text" not in letter.message:
            raise CannotDo("only a text of one's own can be changed")
        kept, entities = finish(text, [])
        letter.message = {key: value for key, value in letter.message.items() if key != "entities"}
        letter.message |= {
            "text": kept,
            "edit_date": self.core.now(),
            **({"entities": entities} if entities else {}),
        }
        self.core.keep(letter, "edited")
        self.core.updates.put("edited_message", letter.message)
        return letter.id

    def _press(self, data: str, message_id: int, chat: int | None) -> str | None:
        place = self._place(chat)
        letter = self.core.letter(place.id, message_id)
        if letter is None:
            # Its message is gone by now: the phone shows an error, and the bot learns nothing.
            return None
        number = self.core.count("queries")
        query = Query(str(88_000_000_000_000_000 + number), self.id, place.id, message_id, self._instant())
        self.core.queries[query.id] = query
        self.core.save(query)
        pressed = {"id": query.id, "from": self.account.user(), "message": letter.message, "data": data}
        self.core.updates.put("callback_query", {**pressed, "chat_instance": str(place.id)})
        return query.id

    def _find_button(self, wanted: str, message_id: int | None, chat: int | None) -> tuple[Shown, Button]:
        messages = [message for message in self.chat(chat or self.id) if not message.deleted]
        if message_id is not None:
            messages = [message for message in messages if message.id == message_id]
        for message in reversed(messages):
            for button in [button for row in message.buttons for button in row]:
                if wanted in (button.label, button.data):
                    return message, button
        seen = [label for message in messages for label in message.labels]
        raise CannotDo(f"there is no button {wanted!r}; this phone shows {seen}")

    def _set_blocked(self, blocked: bool) -> None:
        if self.account.blocked == blocked:
            return
        self.account.blocked = blocked
        self._save("blocked" if blocked else "unblocked")
        statuses = ("member", "kicked") if blocked else ("kicked", "member")
        update = {"chat": self.account.chat(), "from": self.account.user(), "date": self.core.now()}
        for key, status in zip(("old_chat_member", "new_chat_member"), statuses, strict=True):
            update[key] = member(self.core.bot.user(), status)
        self.core.updates.put("my_chat_member", update)
        self.core.store.commit()

    def _letters(self, chat_id: int) -> list[Letter]:
        return list(self.core.messages.get(chat_id, {}).values())

    def _present(self) -> Json:
        chats = [self.id, *(group.id for group in self.groups)]
        rows = {str(chat_id): [letter.row() for letter in self._letters(chat_id)] for chat_id in chats}
        return {"chats": rows, "keyboard": self.account.reply_keyboard, "pinned": self.account.pinned}

    def _seen(self, what: str) -> Any:
        if self.account.frozen:
            return self.account.frozen[what]
        return {"keyboard": self.account.reply_keyboard, "pinned": self.account.pinned}[what]

    def _save(self, event: str) -> None:
        self.core.save(self.account)
        self.core.store.commit()
        self.core.emit(event, self.id)

    def _instant(self) -> float:
        return self.core.clock.now().timestamp()


def _captioned(caption: str) -> Json:
    text, entities = finish(caption, [])
    return {**({"caption": text} if text else {}), **({"caption_entities": entities} if entities else {})}


def _parts(text: str) -> list[str]:
    parts, part = [], ""
    for character in text:
        if utf16_length(part) + utf16_length(character) > _LONGEST:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part]
