"""Who hears of a trouble that lasts: coordinators in the chat, everyone over the second channel."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from bot.services.operation import operating
from bot.study import Study
from bot.watch.report import Report

log = logging.getLogger(__name__)

# What mends itself within so long disturbs nobody. The others are told at the first look.
GRACE = {
    "poll": timedelta(0),  # it is 90 s old when it becomes a trouble
    "tick": timedelta(seconds=60),
    "delivery": timedelta(seconds=60),
    "database": timedelta(seconds=60),
    "inbox": timedelta(seconds=60),
    "paused": timedelta(minutes=30),
}
AGAIN = timedelta(hours=6)

Direct = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class _Lasting:
    """A trouble and since when; `told_at` is when staff last heard of it."""

    since: datetime
    told_at: datetime | None = None


@dataclass(slots=True)
class Alarms:
    """Remembers what is wrong, and tells of it once, again every six hours, and once more when it is over.

    `direct` sends a text over the second channel without the database, for
    when nothing can be queued; False means that nobody took it. `delivering`
    tells whether what is queued goes out: before the first answer of Telegram
    it does not.
    """

    study: Study
    direct: Direct | None = None
    delivering: Callable[[], bool] = lambda: True
    _lasting: dict[str, _Lasting] = field(default_factory=dict)

    async def hear(self, report: Report) -> list[str]:
        """Take in a report; return the codes that staff were told of just now."""
        now = report.seen.now
        wrong = {trouble.code for trouble in report.troubles}
        for code in wrong - self._lasting.keys():
            self._lasting[code] = _Lasting(now)
        for code in self._lasting.keys() - wrong:
            await self._over(code, self._lasting.pop(code), now)
        return [code for code in sorted(wrong) if await self._told(code, self._lasting[code], now)]

    async def tell_now(self, code: str) -> bool:
        """Tell staff of a trouble at once, without waiting for a look."""
        now = self.study.clock.now()
        lasting = self._lasting.setdefault(code, _Lasting(now))
        return await self._told(code, lasting, now, at_once=True)

    async def _told(self, code: str, one: _Lasting, now: datetime, *, at_once: bool = False) -> bool:
        if not at_once and now - one.since < GRACE.get(code, timedelta(0)):
            return False
        if one.told_at is not None and now - one.told_at < AGAIN:
            return False
        if await self._tell(code, one.since, now):
            one.told_at = now
            return True
        return False

    async def _over(self, code: str, one: _Lasting, now: datetime) -> None:
        if one.told_at is None:
            return
        try:
            await operating.tell_of_recovery(self.study, code, one.since, now)
        except DBAPIError as error:
            log.warning("the end of %s could not be told: %s", code, type(error).__name__)

    async def _tell(self, code: str, since: datetime, now: datetime) -> bool:
        if not self.delivering() and self.direct is not None:
            return await self.direct(operating.trouble_text(self.study, code))
        try:
            await operating.tell_of_trouble(self.study, code, since, now)
        except DBAPIError as error:
            log.warning("%s cannot be queued: %s", code, type(error).__name__)
            return self.direct is not None and await self.direct(operating.trouble_text(self.study, code))
        return True
