"""A restore: the old file kept, the copy put in its place, sending paused until somebody has looked."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.errors import Damaged
from bot.services import trail
from bot.services.operation.backups import COPIED, stamp
from bot.services.operation.watching import ALIVE, PAUSED, instant
from bot.services.reminders import reminders
from bot.services.trail import Actor
from bot.services.visits.changes import REMINDER
from bot.storage import audit, dispatch, files, holding, instance, meta
from bot.storage.db import Db
from bot.storage.files import Later
from bot.storage.vault import Vault
from bot.study import Study

_KNOWN = "restored_knowing"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: when the copy was made, where the old file is, and what it knew beyond the copy.

    `later` is None where the old file is gone or cannot be read: then nobody
    knows here what was sent after the copy. `held`: messages that wait.
    """

    copied_at: datetime | None
    old: Path | None
    later: Later | None
    held: int


async def restore(
    database_url: str, path: Path, copy: Path, vault: Vault, clock: Clock, by: Actor
) -> Restored:
    """Put a verified copy in the place of the database; nothing of the old one is deleted.

    Raises Damaged, with nothing changed, where the copy does not pass.
    """
    now = clock.now()
    await asyncio.to_thread(files.examine, copy, vault)
    old = await asyncio.to_thread(files.put_aside, path, stamp(now))
    await asyncio.to_thread(files.put_in_place, copy, path)
    db = await Db.open(database_url, vault)
    try:
        await db.migrate()
    finally:
        await db.close()
    later = await asyncio.to_thread(_later, path, old)
    db = await Db.open(database_url, vault)
    try:
        return await _paused(db, copy, old, later, now, by)
    finally:
        await db.close()


async def paused_since(study: Study) -> datetime | None:
    """Return since when sending is paused; None while it is not."""
    async with study.db.begin() as tx:
        return await instant(tx, PAUSED)


async def resume(study: Study, by: Actor) -> int | None:
    """Let messages go out again; return how many were dropped, or None where nothing was paused.

    Where the old file could be read, what it had sent is known and stays sent.
    Where not, reminders that fell due up to now are not sent: somebody may
    have them. Check-ins are asked in any case.
    """
    now = study.clock.now()
    if await paused_since(study) is None:
        return None
    async with study.db.begin() as tx:
        known = await meta.get(tx, _KNOWN) == "yes"
    if not known:
        await reminders.tick(study)
    async with study.db.begin() as tx:
        dropped = 0 if known else await holding.drop(tx, (REMINDER,), "perhaps sent before the restore", now)
        await holding.let_go(tx, now)
        await meta.clear(tx, PAUSED)
        await trail.record(tx, study, by, "restore.resumed", now, after={"dropped": dropped})
    study.db.wake_changed.set()
    return dropped


def _later(path: Path, old: Path | None) -> Later | None:
    if old is None:
        return None
    try:
        return files.reconcile(path, old)
    except Damaged:
        return None


async def _paused(
    db: Db, copy: Path, old: Path | None, later: Later | None, now: datetime, by: Actor
) -> Restored:
    async with db.begin() as tx:
        await dispatch.release(tx, now, everything=True)
        held = await holding.hold(tx)
        await instance.forget(tx)
        # The time until now was no outage of ours to report.
        await meta.put(tx, ALIVE, now.isoformat())
        await meta.put(tx, PAUSED, now.isoformat())
        await meta.put(tx, _KNOWN, "no" if later is None else "yes")
        copied_at = await instant(tx, COPIED)
        after = {"file": copy.name, "copied_at": copied_at.isoformat() if copied_at else None, "held": held}
        await audit.record(tx, by, "restore.done", None, now, after=after)
    return Restored(copied_at, old, later, held)
