"""A connection while a transaction is held on it: begun late, ended whole, whoever is cancelled."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.inplace import BEGIN, InPlaceConnection
from bot.storage.plans import Plans, Rows

T = TypeVar("T")


class Session(Protocol):
    """What a transaction asks of its connection."""

    conn: AsyncConnection

    async def execute(self, statement: Executable, values: Any) -> Rows:
        """Run one statement to its end, cancelled or not."""
        ...

    async def commit(self, told: Callable[[], None]) -> None:
        """Commit, and call `told` once it is done, cancelled or not."""
        ...

    async def rollback(self) -> None:
        """Undo what was not committed."""
        ...


# What `BEGIN IMMEDIATE` is for SQLite: one transaction at a time in a database, until it ends.
# The number stands for this program; the database counts for itself.
_TURN = text("SELECT pg_advisory_xact_lock(730131)")


class Remote:
    """A session of a database server: everything waits for the network."""

    def __init__(self, conn: AsyncConnection) -> None:
        self.conn = conn
        self._begun = False

    async def begin(self) -> None:
        """Take the turn, waiting up to five seconds for it; DBAPIError where it stays taken."""
        await finish(self.conn.execute(_TURN))
        self._begun = True

    async def execute(self, statement: Executable, values: Any) -> Rows:
        """Run one statement to its end, cancelled or not; the first one when it is our turn."""
        if not self._begun:
            await self.begin()
        return await finish(self.conn.execute(statement, values))

    async def commit(self, told: Callable[[], None]) -> None:
        """Commit, and call `told` once it is done, cancelled or not."""
        await finish(_committed(self.conn, told))

    async def rollback(self) -> None:
        """Undo what was not committed."""
        await finish(self.conn.rollback())


class Local:
    """A session of SQLite: nothing waits but for another program's lock, and for the disk at the end."""

    def __init__(
        self, conn: AsyncConnection, sqlite: InPlaceConnection, plans: Plans, *, lasting: bool = True
    ) -> None:
        self.conn, self._sqlite, self._plans, self._lasting = conn, sqlite, plans, lasting
        self._begun = False

    async def begin(self) -> None:
        """Take the write lock, waiting up to five seconds for it; OperationalError where it stays taken."""
        # SQLAlchemy hears of it with the first statement that it runs itself: most transactions have none.
        if not await self._sqlite.begin(lasting=self._lasting):
            # Once more through SQLAlchemy, so that its errors are those of any statement.
            self._sync.exec_driver_sql(BEGIN)
        self._begun = True

    async def execute(self, statement: Executable, values: Any) -> Rows:
        """Run one statement, the first one under the lock."""
        if not self._begun:
            await self.begin()
        found = self._plans.run(self._sqlite.raw, statement, values)
        # Not by the asynchronous way: it would cost a greenlet, and there is nothing to wait for.
        return self._sync.execute(statement, values) if found is None else found

    async def commit(self, told: Callable[[], None]) -> None:
        """Commit, and call `told` once it is done, cancelled or not."""
        if self._sqlite.waits_for_disk:
            await finish(self._commit_on_disk(told))
        else:
            self._commit_here()
            told()

    async def _commit_on_disk(self, told: Callable[[], None]) -> None:
        if self._sync.in_transaction():
            await self.conn.commit()
        else:
            # Most transactions: SQLAlchemy ran nothing in them, and need not hear of their end.
            try:
                await self._sqlite.commit_on_disk()
            except sqlite3.Error as error:
                # Not once more: SQLite may have rolled back, and a second commit of nothing would succeed.
                raise DBAPIError.instance("COMMIT", None, error, sqlite3.Error) from error
        told()

    def _commit_here(self) -> None:
        if self._sync.in_transaction():
            self._sync.commit()
            return
        try:
            self._sqlite.raw.commit()
        except sqlite3.Error as error:
            # Not once more: SQLite may have rolled back, and a second commit of nothing would succeed.
            raise DBAPIError.instance("COMMIT", None, error, sqlite3.Error) from error

    async def rollback(self) -> None:
        """Undo what was not committed."""
        if self._sync.in_transaction():
            self._sync.rollback()
        else:
            self._sqlite.raw.rollback()

    @property
    def _sync(self) -> Connection:
        assert self.conn.sync_connection is not None  # it was opened
        return self.conn.sync_connection


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` to its end even when cancelled; the cancellation is raised afterwards.

    A cancelled call of a driver goes on by itself, and SQLAlchemy would throw
    the connection away, and with it the whole of a database in memory.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        await _outlast(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise cancelled from error
        raise


async def _outlast(task: "asyncio.Future[Any]") -> None:
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            # Asked again; the first cancellation is raised when the work is done.
            continue


async def _committed(conn: AsyncConnection, told: Callable[[], None]) -> None:
    await conn.commit()
    told()
