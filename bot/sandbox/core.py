"""What the world holds: accounts, chats, messages, files, updates, and what the bot set up."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.sandbox.accounts import Account, BotIdentity, Call, Event, Group, Json, Letter, Query
from bot.sandbox.api_schema import schema
from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.limits import Limits, RateLimiter
from bot.sandbox.profile import Profile
from bot.sandbox.store import Store
from bot.sandbox.updates import Updates
from bot.sandbox.webhook import Webhook

_CALLS_KEPT = 2_000


class Core:
    """Everything that Telegram would hold for one bot.

    With a `path` it goes on there after a restart, else it lives in memory.
    All times are the clock's. `strict_answers` checks every answer and update
    against the API's schema and raises `AssertionError` where one is wrong.
    """

    def __init__(
        self,
        clock: Clock,
        bot: BotIdentity | None = None,
        path: Path | None = None,
        *,
        limits: Limits | None = None,
        strict_answers: bool = False,
    ) -> None:
        self.clock, self.bot, self.strict_answers = clock, bot or BotIdentity(), strict_answers
        self.store = Store(path)
        self.limits = limits or Limits()
        self.limiter = RateLimiter(clock, self.limits)
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)
        self._listeners: list[Callable[[Event], None]] = []
        self.accounts = {int(key): Account.of(row) for key, row in self.store.rows("account")}
        self.groups = {int(key): Group.of(row) for key, row in self.store.rows("group")}
        self.queries = {key: Query.of(row) for key, row in self.store.rows("query")}
        self.messages: dict[int, dict[int, Letter]] = {}
        self._load_messages()
        self._counters: dict[str, int] = dict(self.store.rows("counter"))
        self.files = Files(self.store)
        self.profile = Profile(self.store)
        self.updates = Updates(clock, self.store, self._told, self._check)
        self.webhook = Webhook(clock, self.store, self.updates)

    # --- observers and the log -------------------------------------------------

    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call back, at once and in order, for every event; the returned function ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def emit(self, kind: str, chat_id: int | None, **data: Any) -> None:
        """Tell those who listen."""
        event = Event(kind, chat_id, data)
        for callback in list(self._listeners):
            callback(event)

    def pending_updates(self) -> int:
        """Return how many updates the bot has not confirmed (by offset, or by a 2xx of its webhook)."""
        return self.updates.pending()

    def _told(self, kind: str, data: Json) -> None:
        self.emit(kind, None, **data)

    def _check(self, update: Json) -> None:
        problem = schema().update_problem(update) if self.strict_answers else None
        assert problem is None, f"the sandbox made a wrong update: {problem}"

    # --- messages --------------------------------------------------------------

    def now(self) -> int:
        """Return the clock's POSIX seconds, whole, as Telegram dates things."""
        return int(self.clock.now().timestamp())

    def chat_of(self, chat_id: int) -> Account | Group | None:
        """Return whose chat has this id."""
        return self.accounts.get(chat_id) or self.groups.get(chat_id)

    def next_message_id(self, chat_id: int) -> int:
        """Return a fresh message id: one series for private chats and groups, one for each supergroup."""
        chat = self.chat_of(chat_id)
        own = isinstance(chat, Group) and chat.kind == "supergroup"
        return self.count(f"messages:{chat_id}" if own else "messages")

    def count(self, series: str) -> int:
        """Return the next number of a series; it survives a restart."""
        self._counters[series] = self._counters.get(series, 0) + 1
        self.store.put("counter", series, self._counters[series])
        return self._counters[series]

    def letter(self, chat_id: int, message_id: int) -> Letter | None:
        """Return a message that is still there."""
        found = self.messages.get(chat_id, {}).get(message_id)
        return None if found is None or found.deleted else found

    def keep(self, letter: Letter, event: str) -> None:
        """Store a message that was sent, edited or deleted, and tell those who listen."""
        self.messages.setdefault(letter.chat_id, {})[letter.id] = letter
        self.store.put("message", f"{letter.chat_id}:{letter.id}", letter.row())
        self.emit(event, letter.chat_id, message_id=letter.id)

    def save(self, holder: Account | Group | Query) -> None:
        """Store a changed account, group or query."""
        kind = {Account: "account", Group: "group", Query: "query"}[type(holder)]
        self.store.put(kind, holder.id, holder.row())

    def _load_messages(self) -> None:
        rows = [Letter.of(row) for _, row in self.store.rows("message")]
        for letter in sorted(rows, key=lambda letter: letter.id):
            self.messages.setdefault(letter.chat_id, {})[letter.id] = letter

    async def close(self) -> None:
        """Stop the webhook and close the store."""
        await self.webhook.stop()
        self.store.close()
