"""Whether Telegram can be reached at all: without a connection one small question asks, not each message."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.clock import Clock
from bot.transport.pauses import Pauses
from bot.transport.trouble import NotSent, outcome_of

log = logging.getLogger(__name__)

# One may be chance: the next message shows it.
_FAILURES = 2
_LONGEST_SECONDS = 10.0


class Line:
    """The way to Telegram: cut where no connection came about twice in a row, until a question is answered.

    A message that is tried in vain for hours costs a row for each try, and comes
    back at an instant of its own: what is urgent would not be first. `asks_at`
    is when it asks next, by the clock; None while the line is not cut.
    """

    def __init__(self, bot: ExtBot[Any], clock: Clock, rng: random.Random) -> None:
        self._bot, self._clock = bot, clock
        self._pauses = Pauses(rng, first=1.0, longest=_LONGEST_SECONDS)
        self._failures = 0
        self._was_cut = asyncio.Event()
        self.asks_at: datetime | None = None

    @property
    def is_cut(self) -> bool:
        """Tell whether nothing can go out."""
        return self.asks_at is not None

    def failed(self) -> None:
        """Note that a connection did not come about."""
        self._failures += 1
        if self._failures >= _FAILURES and not self.is_cut:
            log.warning("Telegram cannot be reached: messages wait")
            self._ask_later()

    def answered(self) -> None:
        """Note that Telegram has answered something."""
        self._failures = 0
        if self.is_cut:
            log.warning("Telegram can be reached again")
            self.asks_at = None
            self._was_cut.clear()

    async def ask_if_due(self) -> None:
        """Ask for a sign of life where it is time to."""
        if self.asks_at is not None and self.asks_at <= self._clock.now():
            await self._ask()

    async def watch(self, back: Callable[[], None]) -> None:
        """Ask again and again while the line is cut, and call `back` afterwards; until cancelled."""
        while True:
            await self._was_cut.wait()
            while self.asks_at is not None:
                await self._clock.sleep(max(0.0, (self.asks_at - self._clock.now()).total_seconds()))
                await self._ask()
            back()

    async def _ask(self) -> None:
        try:
            await self._bot.get_me()
        except TelegramError as error:
            # Whatever else it says, somebody has said it.
            if is_cut(outcome_of(error)):
                self._failures += 1
                self._ask_later()
                return
        except Exception:
            # Better that each message tries for itself than that none does.
            log.exception("the question whether Telegram can be reached failed")
        self.answered()

    def _ask_later(self) -> None:
        pause = self._pauses.after(self._failures - _FAILURES + 1)
        self.asks_at = self._clock.now() + timedelta(seconds=pause)
        self._was_cut.set()


def is_cut(outcome: object) -> bool:
    """Tell whether an outcome says that nothing reaches Telegram at all."""
    return isinstance(outcome, NotSent) and outcome.cut_off
