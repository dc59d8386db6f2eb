"""One kept update: parsed, handled, settled; tried again when it fails, and set aside in the end."""

import json
import logging
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from telegram import Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import Application

from bot.clock import Clock
from bot.storage import inbox
from bot.storage.db import Db
from bot.storage.inbox import Kept
from bot.transport.blame import is_store_trouble, whereabouts
from bot.transport.pauses import Pauses

T = TypeVar("T")
log = logging.getLogger(__name__)

# The update in hand: services key what they write by it, since a handler may run twice after a crash.
current_update_id: ContextVar[int | None] = ContextVar("current_update_id", default=None)
_failures: ContextVar[list[Exception] | None] = ContextVar("failures", default=None)

_KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})


class UnknownKind(Exception):
    """An update of a kind that was never asked for."""


class Handling:
    """Gives updates to the application, one at a time, and records what became of each."""

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        db: Db,
        clock: Clock,
        rng: random.Random,
        on_quarantine: Callable[[int], Awaitable[None]],
    ) -> None:
        self._application, self._db, self._clock = application, db, clock
        self._pauses = Pauses(rng, first=0.5, longest=30.0)
        self._on_quarantine = on_quarantine
        self.handled = 0
        application.add_error_handler(_hand_back)

    async def settle(self, kept: Kept) -> None:
        """Handle one update until it is done or set aside; whatever happens, the lane goes on behind it."""
        failures = 0
        while True:
            error = await self._try(kept)
            if error is None:
                break
            failures += 1
            if not is_store_trouble(error) and await self._failed(kept, error):
                break
            await self._clock.sleep(self._pauses.after(failures))
        self.handled += 1

    async def _try(self, kept: Kept) -> Exception | None:
        """Handle an update once; return what went wrong."""
        try:
            await self._handle(kept)
        except Exception as error:  # noqa: BLE001 (a bad update blocks nobody: it is set aside)
            if not _is_no_failure(error):
                log.warning("update %d failed: %s", kept.update_id, whereabouts(error))
                return error
            log.info("update %d is done, but could not be answered: %s", kept.update_id, type(error).__name__)
        await self._until_stored(lambda: self._done(kept))
        return None

    async def _handle(self, kept: Kept) -> None:
        raw = json.loads(kept.raw)
        if not _KINDS & raw.keys():
            raise UnknownKind(", ".join(sorted(raw.keys() - {"update_id"})))
        update = Update.de_json(raw, self._application.bot)
        failures: list[Exception] = []
        mine, id_ = _failures.set(failures), current_update_id.set(kept.update_id)
        try:
            await self._application.process_update(update)
        finally:
            _failures.reset(mine)
            current_update_id.reset(id_)
        if failures:
            raise failures[0]

    async def _done(self, kept: Kept) -> bool:
        # A power cut may take it back, and the update runs again, as after a crash just before this.
        async with self._db.begin(lasting=False) as tx:
            return await inbox.done(tx, kept.update_id, self._clock.now())

    async def _failed(self, kept: Kept, error: Exception) -> bool:
        """Record a failure; return whether the update is settled by it."""
        state = await self._until_stored(lambda: self._fail(kept, error))
        if state != "quarantined":
            return state is None
        log.error("update %d is set aside: %s", kept.update_id, type(error).__name__)
        try:
            await self._on_quarantine(kept.update_id)
        except Exception:
            log.exception("telling of update %d failed", kept.update_id)
        return True

    async def _fail(self, kept: Kept, error: Exception) -> str | None:
        final = isinstance(error, UnknownKind)
        async with self._db.begin() as tx:
            return await inbox.fail(tx, kept.update_id, type(error).__name__, self._clock.now(), final=final)

    async def _until_stored(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write what became of an update, however long the database takes: else it would run again."""
        failures = 0
        while True:
            try:
                return await write()
            except DBAPIError as error:
                if not is_store_trouble(error):
                    raise
                failures += 1
                log.warning("the inbox cannot be written now: %s", type(error).__name__)
                await self._clock.sleep(self._pauses.after(failures))


def _is_no_failure(error: Exception) -> bool:
    """Return whether only the answer could not be shown: the person has left, or the tap is long ago."""
    if isinstance(error, BadRequest):
        return "query is too old" in error.message.lower() or "not modified" in error.message.lower()
    return isinstance(error, Forbidden)


async def _hand_back(update: object, context: Any) -> None:
    """Give a handler's exception back to who called the application, which would swallow it."""
    failures = _failures.get()
    if failures is not None:
        failures.append(context.error)
