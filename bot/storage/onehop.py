"""SQLite through aiosqlite with one visit to its thread for each statement, instead of four.

SQLAlchemy's own adapter goes there for the cursor, the statement, the rows and
the closing; every visit is a switch of threads, and most of the price of a
small statement. `BEGIN IMMEDIATE` travels with the first statement.
"""

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


class _Fetched(NamedTuple):
    """What one visit brings back."""

    rows: list[Any]
    description: Any
    row_count: int
    last_row: int


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that lives in the thread for one statement only."""

    __slots__ = ("_fetched",)

    def __init__(self, adapt_connection: "_Connection") -> None:
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
        self._visit(lambda cursor: cursor.execute(operation, parameters or ()))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """Run one statement for many sets of values."""
        self._visit(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        """Forget the rows; in the thread it was closed at once."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        return None

    def _visit(self, run: Callable[[sqlite3.Cursor], object]) -> None:
        connection = self._adapt_connection
        try:
            self._fetched = await_(connection.visit(run))
        except Exception as error:  # noqa: BLE001 -- the adapter sorts and raises it
            connection._handle_exception(error)
        self._rows = deque(self._fetched.rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that remembers that a transaction shall begin."""

    __slots__ = ("begins",)

    _cursor_cls = _Cursor  # type: ignore[assignment]

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.begins = False

    async def visit(self, run: Callable[[sqlite3.Cursor], object]) -> _Fetched:
        """Go to the thread once: begin if that is due, run, fetch, close."""
        return await self._connection._execute(self._in_thread, run)  # type: ignore[no-any-return]

    def _in_thread(self, run: Callable[[sqlite3.Cursor], object]) -> _Fetched:
        cursor = self._connection._conn.cursor()
        try:
            if self.begins:
                cursor.execute("BEGIN IMMEDIATE")
                self.begins = False
            run(cursor)
            rows = cursor.fetchall() if cursor.description else []
            return _Fetched(rows, cursor.description, cursor.rowcount, cursor.lastrowid or 0)
        finally:
            cursor.close()

    def commit(self) -> None:
        """Commit; nothing to do when no statement was run."""
        if self.begins:
            self.begins = False
        else:
            super().commit()

    def rollback(self) -> None:
        """Roll back; nothing to do when no statement was run."""
        if self.begins:
            self.begins = False
        else:
            super().rollback()


class OneHop(AsyncAdapt_aiosqlite_dbapi):
    """The driver module to hand to `create_async_engine(module=…)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        """Open a connection whose thread does not keep the program alive."""
        connection = aiosqlite.connect(*arg, **kw)
        connection._thread.daemon = True
        return _Connection(self, await_(connection))
