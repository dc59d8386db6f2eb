"""Telegram's rate limits, as far as they are known: they are asked with 429 and `retry_after`."""

import math
from collections import deque
from dataclasses import dataclass

from bot.clock import Clock
from bot.sandbox.refusals import too_many


@dataclass
class Limits:
    """The numbers; set them before or while the world runs. `None` lifts a limit."""

    per_second: int | None = 30
    """Messages and edits a second, over all chats."""
    chat_per_second: float | None = 1.0
    chat_burst: int = 3
    """So many may go to one chat at once before it counts a message a second."""
    group_per_minute: int | None = 20


class RateLimiter:
    """Counts what is sent, in monotonic seconds, and refuses what is too much; refused calls do not count."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self.limits = limits
        self._clock = clock
        self._all: deque[float] = deque()
        self._groups: dict[int, deque[float]] = {}
        self._free_at: dict[int, float] = {}

    def take(self, chat_id: int, count: int = 1) -> None:
        """Count `count` messages to a chat, or raise the 429."""
        now = self._clock.monotonic()
        wait = max(self._overall(now), self._chat(chat_id, now), self._group(chat_id, now))
        if wait > 0:
            raise too_many(max(1, math.ceil(wait)))
        self._note(chat_id, now, count)

    def _overall(self, now: float) -> float:
        return _window(self._all, now, 1.0, self.limits.per_second)

    def _group(self, chat_id: int, now: float) -> float:
        # Groups have negative ids; private chats have their person's.
        return _window(self._groups.get(chat_id), now, 60.0, self.limits.group_per_minute)

    def _chat(self, chat_id: int, now: float) -> float:
        rate = self.limits.chat_per_second
        if rate is None:
            return 0.0
        # A small remainder of floating point is no reason to refuse.
        return self._free_at.get(chat_id, now) - now - (self.limits.chat_burst - 1) / rate - 1e-6

    def _note(self, chat_id: int, now: float, count: int) -> None:
        self._all.extend([now] * count)
        if chat_id < 0:
            self._groups.setdefault(chat_id, deque()).extend([now] * count)
        if self.limits.chat_per_second is not None:
            free = max(now, self._free_at.get(chat_id, now))
            self._free_at[chat_id] = free + count / self.limits.chat_per_second


def _window(sent: deque[float] | None, now: float, seconds: float, allowed: int | None) -> float:
    if not sent:
        return 0.0
    while sent and sent[0] <= now - seconds:
        sent.popleft()
    if allowed is None or len(sent) < allowed:
        return 0.0
    return sent[len(sent) - allowed] + seconds - now
