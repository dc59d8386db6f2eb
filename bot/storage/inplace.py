"""SQLite through aiosqlite, with no visit to its thread but for what may take long: the commit.

A statement in an open transaction takes microseconds, since nobody else can
hold the lock; a switch of threads there and back costs ten times as much. Only
a commit waits for the disk, and it does so in the thread, while the loop goes on.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_

BEGIN = "BEGIN IMMEDIATE"
# Another program holds the lock (a backup, an operator's command): five seconds in all.
LOCK_TRIES = 100
LOCK_PAUSE_SECONDS = 0.05
# More than we have: Python keeps 128, and what falls out is parsed anew.
_STATEMENTS_KEPT = 1024
# SQLite's own: from here on a commit brings its log into the database.
_LOG_PAGES = 1000


class _Fetched(NamedTuple):
    """What a statement brings back."""

    rows: list[Any]
    description: Any
    row_count: int
    last_row: int


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor for one statement, whose rows are fetched at once."""

    __slots__ = ("_fetched",)

    def __init__(self, adapt_connection: "InPlaceConnection") -> None:
        self._adapt_connection: Any = adapt_connection
        self._rows: deque[Any] = deque()
        self._fetched = _Fetched([], None, -1, 0)

    @property
    def description(self) -> Any:
        """Return the columns of the last statement."""
        return self._fetched.description

    @property
    def rowcount(self) -> int:
        """Return how many rows the last statement changed."""
        return self._fetched.row_count

    @property
    def lastrowid(self) -> int:
        """Return the id of the row inserted last."""
        return self._fetched.last_row

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """Run one statement."""
        self._run(lambda cursor: cursor.execute(operation, parameters or ()))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """Run one statement for many sets of values."""
        self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        """Forget the rows; SQLite's own cursor was closed at once."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        return None

    def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = self._adapt_connection.raw.cursor()
        try:
            statement(cursor)
            rows = cursor.fetchall() if cursor.description else []
            self._fetched = _Fetched(rows, cursor.description, cursor.rowcount, cursor.lastrowid or 0)
        finally:
            cursor.close()
        self._rows = deque(rows)


class InPlaceConnection(AsyncAdapt_aiosqlite_connection):
    """A connection that works where it is called; `patient` ones commit in the thread."""

    __slots__ = ("_changes", "_lasting", "_patient")

    _cursor_cls = _Cursor  # type: ignore[assignment]

    def __init__(self, dbapi: Any, connection: Any, *, patient: bool) -> None:
        super().__init__(dbapi, connection)
        self._patient = patient
        self._changes, self._lasting = 0, True

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection of Python's own module."""
        return self._connection._conn  # type: ignore[no-any-return]

    async def begin(self, *, lasting: bool = True) -> bool:
        """Begin, waiting up to five seconds while another program holds the lock; False: it still does."""
        self._reach(lasting=lasting)
        for _ in range(LOCK_TRIES):
            try:
                self.raw.execute(BEGIN)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return False
            else:
                self._changes = self.raw.total_changes
                return True
            await asyncio.sleep(LOCK_PAUSE_SECONDS)
        return False

    def _reach(self, *, lasting: bool) -> None:
        """Say how far a commit has to come: to the disk, or to the log that the next one brings there."""
        if self._patient and lasting != self._lasting:
            self.raw.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
            # What is in the log is brought into the database by a commit that waits for the disk anyway.
            self.raw.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES if lasting else 0}")
            self._lasting = lasting

    @property
    def waits_for_disk(self) -> bool:
        """Whether a commit now has to reach the disk."""
        return self._patient and self._lasting and self.raw.total_changes != self._changes

    async def commit_on_disk(self) -> None:
        """Commit in the thread, which waits for the disk while the loop goes on."""
        await self._connection.commit()

    def commit(self) -> None:
        """Commit: in the thread, and so in a greenlet of SQLAlchemy's, where it waits for the disk."""
        if self.waits_for_disk:
            await_(self._connection.commit())
        else:
            self.raw.commit()

    def rollback(self) -> None:
        """Roll back; SQLite forgets pages, and waits for nothing."""
        self.raw.rollback()


class InPlace(AsyncAdapt_aiosqlite_dbapi):
    """The driver module to hand to `create_async_engine(module=…)`."""

    def __init__(self, *, patient: bool) -> None:
        super().__init__(aiosqlite, sqlite3)
        self._patient = patient

    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        """Open a connection whose thread does not keep the program alive."""
        # Used by the loop and by the thread, but never at the same time: a commit is awaited.
        kw = {**kw, "check_same_thread": False, "cached_statements": _STATEMENTS_KEPT}
        connection = aiosqlite.connect(*arg, **kw)
        connection._thread.daemon = True
        return InPlaceConnection(self, await_(connection), patient=self._patient)
