"""One program for one database: the lock says who works; another one waits, and takes over."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.errors import SuifangError
from bot.storage import instance
from bot.storage.db import Db
from bot.storage.instance import Instance

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
# Without a sign of life for so long, by the waiting one's own monotonic clock, the holder is gone.
GONE_SECONDS = 20.0
_LOOK_SECONDS = 1.0


class LockLost(SuifangError):
    """Another program took the lock over: this one was thought dead, and must stop."""


def this_program(clock: Clock) -> Instance:
    """Return who we are."""
    since = f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    return Instance(secrets.token_hex(8), socket.gethostname(), _place(), os.getpid(), since)


@contextlib.asynccontextmanager
async def held(db: Db, clock: Clock, mine: Instance) -> AsyncIterator["asyncio.Future[None]"]:
    """Hold the lock while the block runs, waiting for it first, however long another program lives.

    Gives a future that ends with `LockLost` when the lock was taken over.
    """
    await _acquired(db, clock, mine)
    beating = asyncio.create_task(_beat_for_ever(db, clock, keeping := _Keeping(mine)), name="lock")
    try:
        yield beating
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError, LockLost):
            await beating
        with contextlib.suppress(DBAPIError):  # else it is found gone after a while
            async with db.begin() as tx:
                await instance.release(tx, keeping.mine)


def is_gone(one: Instance, silent_for: float) -> bool:
    """Tell whether a holder is gone: its process where we can see it, else by its silence."""
    if one.place == _place() and not _lives(one.pid):
        return True
    return silent_for >= GONE_SECONDS


async def live_holder(db: Db, clock: Clock) -> Instance | None:
    """Return the program that works on this database now; on another machine it takes 10 s to tell."""
    async with db.begin() as tx:
        first = await instance.holder(tx)
    if first is None or is_gone(first, 0.0):
        return None
    if first.place == _place():
        return first
    await clock.sleep(BEAT_SECONDS * 2)
    async with db.begin() as tx:
        return None if await instance.holder(tx) == first else first


class _Keeping:
    """The lock as we wrote it last."""

    def __init__(self, mine: Instance) -> None:
        self.mine = mine


async def _acquired(db: Db, clock: Clock, mine: Instance) -> None:
    seen: Instance | None = None
    since, told = clock.monotonic(), False
    while True:
        async with db.begin() as tx:
            other = await instance.holder(tx)
            if other != seen:
                seen, since = other, clock.monotonic()
            gone = other is None or is_gone(other, clock.monotonic() - since)
            if gone and await instance.take(tx, mine, other):
                break
        if not told and other is not None:
            told = True
            log.warning("waiting: another program works on this database (%s)", other)
        await clock.sleep(_LOOK_SECONDS)
    if other is not None:
        log.warning("taken over from %s, which is gone", other)


async def _beat_for_ever(db: Db, clock: Clock, keeping: _Keeping) -> None:
    while True:
        await clock.sleep(BEAT_SECONDS)
        following = replace(keeping.mine, beat=keeping.mine.beat + 1)
        try:
            async with db.begin() as tx:
                kept = await instance.beat(tx, keeping.mine, following)
                other = None if kept else await instance.holder(tx)
        except DBAPIError as error:
            # Whoever cannot write cannot be overtaken by one who can, unless it is seen here later.
            log.warning("no sign of life could be written: %s", type(error).__name__)
            continue
        if not kept:
            raise LockLost(f"another program has taken over ({other}): this one stops")
        keeping.mine = following


def _place() -> str:
    """Name what shares process ids with us: the machine, or the container."""
    with contextlib.suppress(OSError):
        return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"
    return socket.gethostname()


def _lives(pid: int) -> bool:
    if pid == os.getpid():
        return False  # its number was given to us: in a container the first program is always number 1
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
