"""Who is in the world: people's accounts, groups, messages and files, each as one row of the store."""

from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]


class Row:
    """Something that is kept as JSON."""

    def row(self) -> Json:
        """Return it as JSON; its lists and objects are the same ones, not copies."""
        return dict(vars(self))

    @classmethod
    def of(cls, row: Json) -> Self:
        """Return it from its JSON."""
        return cls(**row)


@dataclass(frozen=True)
class BotIdentity:
    """The bot to which this world belongs; the id is what stands before the colon of the token."""

    # Not a secret: it opens nothing but this sandbox.
    token: str = "4200000001:SANDBOX-local-token-no-secret-at-all"
    username: str = "suifang_sandbox_bot"
    name: str = "Suifang 随访"
    reads_all_group_messages: bool = False

    @property
    def id(self) -> int:
        """Return the bot's user id."""
        return int(self.token.partition(":")[0])

    def user(self) -> Json:
        """Return the bot as a User."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}


@dataclass
class Account(Row):
    """A person's Telegram account, and what their phone holds of the chat with the bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "zh-hans"
    phone: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    online: bool = True
    reply_keyboard: Json | None = None
    toasts: list[Json] = field(default_factory=list)
    waiting: list[list[Any]] = field(default_factory=list)
    """What was done while there was no network: name of the action and its arguments."""
    frozen: Json | None = None
    """What the phone showed when the network went: `chats` by id, `keyboard`, `pinned`."""
    pinned: list[int] = field(default_factory=list)

    def user(self) -> Json:
        """Return the person as a User."""
        optional = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        known = {key: value for key, value in optional.items() if value}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **known}

    def chat(self) -> Json:
        """Return the private chat with the person as a Chat."""
        optional = {"last_name": self.last_name, "username": self.username}
        known = {key: value for key, value in optional.items() if value}
        return {"id": self.id, "type": "private", "first_name": self.first_name, **known}


@dataclass
class Group(Row):
    """A group or supergroup in which the bot is, or was."""

    id: int
    title: str
    kind: str = "supergroup"
    members: dict[str, str] = field(default_factory=dict)
    """User id as text → `creator`, `administrator` or `member`."""
    bot_status: str = "member"
    """`member`, `administrator`, `left` or `kicked`."""
    migrated_to: int | None = None
    pinned: list[int] = field(default_factory=list)
    reply_keyboard: Json | None = None

    def chat(self) -> Json:
        """Return it as a Chat."""
        return {"id": self.id, "type": self.kind, "title": self.title}


@dataclass
class Letter(Row):
    """A message of a chat: what the API says of it, and what the API does not say."""

    message: Json
    markup: Json | None = None
    """A reply keyboard, its removal or a forced reply that came with it."""
    silent: bool = False
    protected: bool = False
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        """Return the message id."""
        return int(self.message["message_id"])

    @property
    def chat_id(self) -> int:
        """Return the id of its chat."""
        return int(self.message["chat"]["id"])

    def bare(self) -> Json:
        """Return the message as it is quoted in another one: replies do not nest."""
        return {key: value for key, value in self.message.items() if key != "reply_to_message"}


@dataclass
class StoredFile(Row):
    """A file that was sent; its content lies beside it."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    size: int
    kind: str
    width: int = 0
    height: int = 0


@dataclass
class Query(Row):
    """A callback query that waits for its answer."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    asked_at: float
    """POSIX seconds."""
    answered: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened, for those who listen.

    Kinds: `message`, `edited`, `deleted`, `toast`, `update`, `confirmed`,
    `blocked`, `unblocked`, `deactivated`, `online`, `offline`, `waiting`, `pinned`, `unpinned`, `commands`,
    `action`, `reaction`, `joined`, `call`.
    """

    kind: str
    chat_id: int | None = None
    data: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One API call, as `World.calls` remembers it."""

    method: str
    params: Json
    ok: bool
    code: int = 200
    description: str = ""
    result: Any = None
