"""One gate for every call to Telegram: urgent first, within its limits, learning the real ones."""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.clock import Clock
from bot.transport.calls import BROADCAST, Call, current_call
from bot.transport.pace import ChatPace, Overall, Passage
from bot.transport.waiting import happens

log = logging.getLogger(__name__)

RateLimitArgs = dict[str, Any]
JsonDict = dict[str, Any]
Answer = bool | JsonDict | list[JsonDict]

# What names a chat without sending anything to it.
FREE = frozenset(
    {
        "answerCallbackQuery",
        "getChat",
        "getChatAdministrators",
        "getChatMember",
        "getChatMemberCount",
        "getChatMenuButton",
        "setChatMenuButton",
        "sendChatAction",
    }
)
# A direct reply waits here for its turn again; an outbox message goes back to its table instead.
REPLY_TRIES = 3
LONGEST_REPLY_WAIT = 30.0
# An outbox message whose chat rests longer than this gives its place to another.
LONGEST_OUTBOX_WAIT = 2.0
# In a pause of everything there is no other: it waits here, so as to be first out, but not for ever.
LONGEST_OUTBOX_PAUSE = 30.0
# Less than this is lost in the rounding of a clock, and the gate would spin.
SHORTEST_SLEEP = 0.001
# A chat that may get something since so long is forgotten.
CHAT_KEPT_SECONDS = 60.0
# A second chat that is refused within a second: Telegram means the bot, not the chat.
TOGETHER_SECONDS = 1.0


Place = tuple[int, int]  # priority, order of arrival


@dataclass(slots=True)
class _Chat:
    pace: ChatPace
    waiting: list[tuple[Place, bool, asyncio.Future[Passage]]] = field(default_factory=list)
    listed: Place | None = None  # whose entry in `_ready` counts; others there are leftovers
    is_later: bool = False  # it has an entry in `_later`

    def head(self) -> Place | None:
        while self.waiting and self.waiting[0][2].done():  # cancelled while it waited
            heapq.heappop(self.waiting)
        return self.waiting[0][0] if self.waiting else None

    def send_back_outbox(self, seconds: float) -> None:
        """Let those that can wait in their table do so, rather than hold a worker here."""
        for _, is_outbox, granted in self.waiting:
            if is_outbox and not granted.done():
                granted.set_exception(RetryAfter(timedelta(seconds=seconds)))


class PriorityLimiter(BaseRateLimiter[RateLimitArgs]):
    """Let calls out by priority: 30 a second over all, 1 a second for a chat, 20 a minute for a group.

    Priority 0 is always first; a chat that must rest holds back nobody else.
    A call says its priority with `rate_limit_args={"priority": 0}` or inside
    `calling(...)`; a plain reply has 1. Each grant costs O(log n).
    """

    def __init__(self, clock: Clock, *, per_second: int = 30) -> None:
        self._clock = clock
        self._overall = Overall(most=per_second)
        self._paused_until = 0.0
        self._tidied_at = 0.0
        self._refused: tuple[float, object] = (float("-inf"), None)
        self._chats: dict[object, _Chat] = {}
        self._ready: list[tuple[Place, object]] = []
        self._later: list[tuple[float, int, object]] = []
        self._order = itertools.count()
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    @property
    def rate(self) -> int:
        """The calls per second that Telegram seems to allow."""
        return self._overall.limit

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return sum(len(chat.waiting) for chat in self._chats.values())

    async def initialize(self) -> None:
        """Nothing to be made ready: the gate starts with the first call."""

    async def shutdown(self) -> None:
        """Stop the gate; who still waits is cancelled."""
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        for chat in self._chats.values():
            for _, _, granted in chat.waiting:
                granted.cancel()
        self._chats.clear()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: RateLimitArgs | None,
    ) -> Answer:
        """Call when its turn has come; RetryAfter when Telegram refuses (a reply is tried again first)."""
        call = _call_of(rate_limit_args)
        limited = endpoint not in FREE and data.get("chat_id") is not None
        place = (call.priority, next(self._order))
        for tries_left in reversed(range(1 if call.outbox else REPLY_TRIES)):
            passage = await self._turn(data["chat_id"], place, call) if limited else None
            try:
                return await self._pass(passage, call, lambda: callback(*args, **kwargs))
            except RetryAfter as refusal:
                seconds = seconds_of(refusal)
                log.warning("%s was refused for %.0f s", endpoint, seconds)
                if passage is not None:
                    self._learn(data["chat_id"], passage, seconds)
                if not tries_left or seconds > LONGEST_REPLY_WAIT:
                    raise
                if passage is None:
                    await self._clock.sleep(seconds)
        raise AssertionError("the last try returns or raises")

    async def _pass(
        self, passage: Passage | None, call: Call, make: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Look once more whether a call whose turn has come is wanted, and make it."""
        answered = False
        try:
            if call.before_call is not None:
                await call.before_call()
            if passage is not None:
                self._overall.left(passage, self._clock.monotonic())
            answer = await make()
            answered = True
            return answer
        finally:
            if passage is not None and self._overall.ended(
                passage, self._clock.monotonic(), answered=answered
            ):
                self._news.set()

    def pause(self, seconds: float) -> None:
        """Hold everything back for that long."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def _learn(self, chat_id: object, passage: Passage, seconds: float) -> None:
        now = self._clock.monotonic()
        chat = self._chat(chat_id)
        chat.pace.refused(now, seconds)
        if seconds > LONGEST_OUTBOX_WAIT:
            chat.send_back_outbox(seconds)
        last_at, last_chat = self._refused
        everywhere = last_chat not in (None, chat_id) and now - last_at <= TOGETHER_SECONDS
        if everywhere:
            self.pause(seconds)
        self._overall.refused(passage.since, now, everywhere=everywhere)
        self._refused = (now, chat_id)

    async def _turn(self, chat_id: object, place: Place, call: Call) -> Passage:
        chat = self._chat(chat_id)
        if call.outbox:
            self._send_back_if_long(chat)
        granted: asyncio.Future[Passage] = asyncio.get_running_loop().create_future()
        heapq.heappush(chat.waiting, (place, call.outbox, granted))
        self._schedule(chat_id, chat)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="limiter")
        return await granted

    def _send_back_if_long(self, chat: _Chat) -> None:
        now = self._clock.monotonic()
        own, all_ = chat.pace.ready_at() - now, self._paused_until - now
        if own > LONGEST_OUTBOX_WAIT or all_ > LONGEST_OUTBOX_PAUSE:
            raise RetryAfter(timedelta(seconds=max(own, all_)))

    def _chat(self, chat_id: object) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Chat(ChatPace(is_group=_is_group(chat_id)))
        return chat

    def _schedule(self, chat_id: object, chat: _Chat) -> None:
        """Put the first of a chat where the gate will find it."""
        head = chat.head()
        if head is None or head == chat.listed:
            return
        ready_at = chat.pace.ready_at()
        if ready_at <= self._clock.monotonic():
            chat.listed = head
            heapq.heappush(self._ready, (head, chat_id))
        elif not chat.is_later:
            chat.is_later = True
            heapq.heappush(self._later, (ready_at, next(self._order), chat_id))
        self._news.set()

    async def _run(self) -> None:
        while self._wake_chats():
            now = self._clock.monotonic()
            if not self._ready:
                await self._wait(self._later[0][0] - now)
                continue
            evenly = self._ready[0][0][0] >= BROADCAST
            open_at = max(self._overall.ready_at(now, evenly=evenly), self._paused_until)
            if open_at > now:
                await self._wait(open_at - now)
            else:
                self._grant(now)

    async def _wait(self, seconds: float) -> None:
        """Wait that long, or until somebody came or a place became free: all may look different then."""
        self._news.clear()
        await happens(self._news, self._clock, max(seconds, SHORTEST_SLEEP))

    def _wake_chats(self) -> bool:
        """Move the chats that have rested to the ready ones; False when nobody waits at all."""
        now = self._clock.monotonic()
        while self._later and self._later[0][0] <= now:
            _, _, chat_id = heapq.heappop(self._later)
            chat = self._chats[chat_id]
            chat.is_later = False
            self._schedule(chat_id, chat)
        if self._ready or self._later:
            return True
        if now > self._tidied_at + CHAT_KEPT_SECONDS:
            # Not at each call: with three hundred chats it would cost as much as the call.
            self._tidied_at, since = now, now - CHAT_KEPT_SECONDS
            self._chats = {i: c for i, c in self._chats.items() if c.pace.ready_at() > since}
        return False

    def _grant(self, now: float) -> None:
        place, chat_id = heapq.heappop(self._ready)
        chat = self._chats[chat_id]
        if chat.listed != place:
            return  # left over from before a more urgent one came
        chat.listed = None
        if chat.head() != place or chat.pace.ready_at() > now:
            self._schedule(chat_id, chat)  # it gave up, or the chat must rest
            return
        _, _, granted = heapq.heappop(chat.waiting)
        chat.pace.granted(now)
        granted.set_result(self._overall.granted(now))
        self._schedule(chat_id, chat)


def seconds_of(refusal: RetryAfter) -> float:
    """Return the seconds that a 429 asks for."""
    return refusal._retry_after.total_seconds()


def _call_of(rate_limit_args: RateLimitArgs | None) -> Call:
    call = current_call.get()
    if not rate_limit_args:
        return call
    return Call(int(rate_limit_args.get("priority", call.priority)), call.outbox, call.before_call)


def _is_group(chat_id: object) -> bool:
    return str(chat_id).startswith(("-", "@"))
