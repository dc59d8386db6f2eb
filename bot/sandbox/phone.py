"""How a phone does what its owner wants: at once, or, without network, when there is one again."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.accounts import Account, Group, Json, Letter, Query
from bot.sandbox.core import Core
from bot.sandbox.groups import member, reads
from bot.sandbox.text import finish


class CannotDo(Exception):
    """What this person wants to do, their phone does not offer."""


class Phone:
    """The account of a person, and the three things that a phone tells Telegram: post, rewrite, press."""

    def __init__(self, core: Core, account: Account) -> None:
        self.core, self.account = core, account

    @property
    def id(self) -> int:
        """Return the user id, which is also the id of the private chat."""
        return self.account.id

    def do(self, action: str, *arguments: Any) -> Any:
        """Do it and return the id of what came of it; without network remember it and return None."""
        if not self.account.online:
            self.account.waiting.append([action, *arguments])
            self.save("waiting")
            return None
        actions: dict[str, Callable[..., Any]] = {
            "post": self._post,
            "press": self._press,
            "rewrite": self._rewrite,
        }
        done = actions[action](*arguments)
        self.core.store.commit()
        return done

    def offline(self) -> None:
        """Lose the network: nothing new is shown, and what is done waits."""
        if self.account.online:
            self.account.frozen = copy.deepcopy(self._present())
            self.account.online = False
            self.save("offline")

    def online(self) -> None:
        """Find the network again: what came is shown, what waited is done, in its order."""
        if self.account.online:
            return
        self.account.online, self.account.frozen = True, None
        waiting, self.account.waiting = self.account.waiting, []
        self.save("online")
        for action, *arguments in waiting:
            self.do(action, *arguments)

    def block(self) -> None:
        """Block the bot: it is told, and everything it sends is refused."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(False)

    def deactivate(self) -> None:
        """Delete the Telegram account."""
        self.account.deactivated = True
        self.save("deactivated")

    def save(self, event: str) -> None:
        """Store the account, and tell those who listen."""
        self.core.save(self.account)
        self.core.store.commit()
        self.core.emit(event, self.id)

    def seen(self, what: str) -> Any:
        """Return what the phone shows: `keyboard` or `pinned`."""
        if self.account.frozen:
            return self.account.frozen[what]
        return {"keyboard": self.account.reply_keyboard, "pinned": self.account.pinned}[what]

    def letters(self, chat_id: int) -> Iterator[Letter]:
        """Yield the messages of a chat that the phone knows, the newest first."""
        if self.account.frozen:
            yield from map(Letter.of, reversed(self.account.frozen["chats"].get(str(chat_id), [])))
        else:
            yield from reversed(list(self.core.messages.get(chat_id, {}).values()))

    @property
    def groups(self) -> list[Group]:
        """Return the groups of which this person is a member."""
        return [group for group in self.core.groups.values() if str(self.id) in group.members]

    def _present(self) -> Json:
        chats = [self.id, *(group.id for group in self.groups)]
        rows = {
            str(chat): [letter.row() for letter in self.core.messages.get(chat, {}).values()]
            for chat in chats
        }
        return {"chats": rows, "keyboard": self.account.reply_keyboard, "pinned": self.account.pinned}

    def _post(self, content: Json, chat: int | None, reply_to: int | None) -> int:
        place = self._place(chat)
        quoted = self.core.letter(place.id, reply_to) if reply_to else None
        message = {
            "message_id": self.core.next_message_id(place.id),
            "from": self.account.user(),
            "chat": place.chat(),
            "date": self.core.now(),
            **({"reply_to_message": quoted.bare()} if quoted else {}),
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
            if group is None or group not in self.groups or group.migrated_to:
                raise CannotDo(f"this person is not in the group {chat}")
            return group
        if self.account.blocked:
            raise CannotDo("who has blocked the bot must unblock it first")
        if not self.account.started:
            # To write is as good as to press Start.
            self.account.started = True
            self.core.save(self.account)
        return self.account

    def _queue(self, kind: str, place: Account | Group, letter: Letter) -> None:
        if not isinstance(place, Group) or reads(self.core.bot, place, letter):
            self.core.updates.put(kind, letter.message)

    def _rewrite(self, message_id: int, text: str, chat: int | None) -> int:
        place = self._place(chat)
        letter = self.core.letter(place.id, message_id)
        if letter is None or letter.message["from"]["id"] != self.id or "text" not in letter.message:
            raise CannotDo("only a text of one's own can be changed")
        kept = {key: value for key, value in letter.message.items() if key not in ("text", "entities")}
        letter.message = kept | worded("text", "entities", text) | {"edit_date": self.core.now()}
        self.core.keep(letter, "edited")
        self._queue("edited_message", place, letter)
        return letter.id

    def _press(self, data: str, message_id: int, chat: int | None) -> str | None:
        place = self._place(chat)
        letter = self.core.letter(place.id, message_id)
        if letter is None:
            # Its message is gone by now: the phone shows an error, and the bot learns nothing.
            return None
        query_id = str(88_000_000_000_000_000 + self.core.count("queries"))
        asked_at = self.core.clock.now().timestamp()
        query = Query(query_id, self.id, place.id, message_id, asked_at)
        self.core.queries[query.id] = query
        self.core.save(query)
        pressed = {"id": query.id, "from": self.account.user(), "message": letter.message, "data": data}
        self.core.updates.put("callback_query", {**pressed, "chat_instance": str(place.id)})
        return query.id

    def _set_blocked(self, blocked: bool) -> None:
        if self.account.blocked == blocked:
            return
        self.account.blocked = blocked
        self.save("blocked" if blocked else "unblocked")
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        update = {"chat": self.account.chat(), "from": self.account.user(), "date": self.core.now()}
        update["old_chat_member"] = member(self.core.bot.user(), old)
        update["new_chat_member"] = member(self.core.bot.user(), new)
        self.core.updates.put("my_chat_member", update)
        self.core.store.commit()


def worded(text_key: str, entities_key: str, text: str) -> Json:
    """Return the text part of a message, with what Telegram finds in it; empty where nothing is said."""
    kept, entities = finish(text, [])
    return {**({text_key: kept} if kept else {}), **({entities_key: entities} if entities else {})}
