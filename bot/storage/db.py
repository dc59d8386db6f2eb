"""The database: one way to open it, one way to hold a transaction."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Hashable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Executable, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import SettingsError
from bot.storage import migrate as migrations
from bot.storage.inplace import InPlace, InPlaceConnection
from bot.storage.plans import Line, Plans, Rows
from bot.storage.session import Local, Remote, Session, finish
from bot.storage.vault import Vault

__all__ = ["MOST_REMEMBERED", "Db", "Line", "Rows", "Tx", "finish"]

# About a year of reports of three hundred participants; the oldest reading goes first.
MOST_REMEMBERED = 30_000
# Another program's transaction is waited for as long as with SQLite; one that was cut off in the
# middle, its machine gone, holds nobody up for longer than a minute.
_SERVER_SETTINGS = {
    "application_name": "suifang",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}


class Tx:
    """One open transaction: it executes, seals, and remembers whom to wake after the commit."""

    __slots__ = (
        "_learnt",
        "_memory",
        "_seen",
        "_session",
        "audit_head",
        "outbox_written",
        "vault",
        "wake_set",
    )

    def __init__(self, session: Session, vault: Vault, memory: Mapping[Hashable, Any]) -> None:
        self._session, self.vault = session, vault
        self._memory = memory
        self._learnt: dict[Hashable, Any] = {}
        self._seen: dict[Hashable, Any] = {}
        self.outbox_written = False
        self.wake_set = False
        # The end of the audit trail as this transaction sees it, once it has looked.
        self.audit_head: tuple[int, str] | None = None

    async def execute(self, statement: Executable, values: Any = None) -> Rows:
        """Run one statement, to its end even when the task is cancelled meanwhile."""
        if self._seen and not statement.is_select:
            self._seen.clear()
        return await self._session.execute(statement, values)

    def seen(self, what: Hashable) -> Any | None:
        """Return what was read in this transaction, nothing having been written since."""
        return self._seen.get(what)

    def see(self, what: Hashable, value: object) -> None:
        """Keep what was read until this transaction writes, or ends."""
        self._seen[what] = value

    @property
    def learnt(self) -> Mapping[Hashable, Any]:
        """What this transaction has learnt by reading."""
        return self._learnt

    def recall(self, what: Hashable) -> Any | None:
        """Return what was remembered under a name, by this transaction or by one that was committed."""
        return self._learnt.get(what) or self._memory.get(what)

    def remember(self, what: Hashable, value: object) -> None:
        """Keep in memory, once this is committed, what a name will always stand for: an id and a version."""
        self._learnt[what] = value

    def seal(self, text: str) -> bytes:
        """Return the text sealed."""
        return self.vault.seal(text)

    def open(self, box: bytes) -> str:
        """Return what was sealed."""
        return self.vault.open(box)

    def chat_key(self, chat_id: int) -> str:
        """Return the keyed name of a chat."""
        return self.vault.chat_key(chat_id)


class Db:
    """The database, its vault, and two events that are set after a commit.

    `outbox_ready`: a message was queued. `wake_changed`: a `wake_at` was set.
    Whoever waits for one clears it.
    """

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self.engine, self.vault = engine, vault
        self.outbox_ready = asyncio.Event()
        self.wake_changed = asyncio.Event()
        self._memory: dict[Hashable, Any] = {}
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._conn: AsyncConnection | None = None
        self._sqlite: InPlaceConnection | None = None
        self._plans = Plans(engine.dialect)
        self._alone = _is_in_memory(engine.url)

    @classmethod
    async def open(cls, url: str, vault: Vault, *, durable: bool = True) -> Self:
        """Open the database of `url`; without `durable` a power cut may cost the last commits."""
        engine = _engine(url, durable=durable)
        db = cls(engine, vault)
        if engine.dialect.name == "sqlite":
            db._conn = await engine.connect()
            db._sqlite = (await db._conn.get_raw_connection()).dbapi_connection  # type: ignore[assignment]
        return db

    async def close(self) -> None:
        """Wait for the transaction in hand, then close."""
        async with self._turn:
            if self._conn is not None:
                await self._conn.close()
            await self.engine.dispose()

    async def migrate(self) -> None:
        """Bring the schema to its newest version; nothing happens when it is there."""
        async with self._connection() as conn:
            await finish(_migrated(self._session(conn)))

    async def copy_to(self, target: Path) -> None:
        """Write a copy of a SQLite database, as it is between two transactions, to a file of its own."""
        if self._sqlite is None:
            raise SettingsError("only SQLite is copied from here: for PostgreSQL use pg_dump")
        async with self._connection() as conn:
            raw = await conn.get_raw_connection()
            driver: Any = raw.driver_connection
            await finish(_copied(driver, target))

    @asynccontextmanager
    async def begin(self, *, lasting: bool = True) -> AsyncIterator[Tx]:
        """Hold one transaction: committed at the end, rolled back on any error or cancellation.

        One at a time, in the order of asking, with programs that share the
        database too; one inside another in the same task is an error, since it
        would wait for itself. Not `lasting`: a power cut may undo it, as long as
        nothing was committed behind it; a crash does not. It waits for no disk.
        """
        # Most transactions wait for nothing: a row of them must not keep the loop from a page.
        await asyncio.sleep(0)
        async with self._connection() as conn:
            session = self._session(conn, lasting=lasting)
            tx = Tx(session, self.vault, self._memory)
            try:
                yield tx
                await session.commit(partial(self._committed, tx))
            except BaseException:
                await session.rollback()
                raise

    def _session(self, conn: AsyncConnection, *, lasting: bool = True) -> Remote | Local:
        if self._sqlite is None:
            return Remote(conn)
        return Local(conn, self._sqlite, self._plans, lasting=lasting)

    def _committed(self, tx: Tx) -> None:
        self._memorise(tx.learnt)
        if tx.outbox_written:
            self.outbox_ready.set()
        if tx.wake_set:
            self.wake_changed.set()

    def _memorise(self, learnt: Mapping[Hashable, Any]) -> None:
        self._memory.update(learnt)
        while len(self._memory) > MOST_REMEMBERED:
            del self._memory[next(iter(self._memory))]

    @property
    def mark(self) -> int | None:
        """What stays the same as long as nothing changes; None where another program may change something."""
        return self._sqlite.raw.total_changes if self._sqlite is not None and self._alone else None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a transaction inside a transaction")
        async with self._turn:
            self._holder = task
            try:
                async with self._connected() as conn:
                    yield conn
            finally:
                self._holder = None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        if self._conn is not None:
            yield self._conn
            return
        if self.engine.dialect.name == "sqlite":
            raise RuntimeError("the database is not open")
        conn = self.engine.connect()
        await _reached(conn)
        try:
            yield conn
        finally:
            await finish(conn.close())


async def _reached(conn: AsyncConnection) -> None:
    try:
        await conn.start()
    except DBAPIError:
        raise
    except Exception as error:
        # What keeps the driver from a server comes as it is: a refused connection, a wrong password.
        raise OperationalError("connect", None, error) from error


async def _copied(driver: Any, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(target, check_same_thread=False)) as copy:
        await driver.backup(copy)
        # One file by itself: no log beside it that could be forgotten.
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.commit()


async def _migrated(session: Remote | Local) -> None:
    try:
        await session.begin()
        await session.conn.run_sync(migrations.upgrade)
        await session.conn.commit()
    except BaseException:
        await session.conn.rollback()
        raise


def _engine(url: str, *, durable: bool) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _server(parsed)
    # Two connections would meet the WAL-reset bug of SQLite before 3.51.3.
    in_memory = _is_in_memory(parsed)
    pool = {} if in_memory else {"pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(parsed, module=InPlace(patient=durable and not in_memory), **pool)
    _prepare_sqlite(engine, durable=durable)
    return engine


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _server(url: URL) -> AsyncEngine:
    # Each statement must see what was committed while it waited for its turn: not the server's own default.
    return create_async_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"timeout": 10, "server_settings": _SERVER_SETTINGS},
    )


def _prepare_sqlite(engine: AsyncEngine, *, durable: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        # The driver must not begin by itself: it would begin DEFERRED, and a
        # transaction that reads first and writes later can then fail as busy.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _pragmas(durable=durable):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _pragmas(*, durable: bool) -> tuple[str, ...]:
    return (
        "journal_mode = WAL",
        f"synchronous = {'FULL' if durable else 'OFF'}",
        "foreign_keys = ON",
        # Else INSERT OR REPLACE walks round the append-only triggers.
        "recursive_triggers = ON",
        # Up to here SQLite itself waits for another program that opens the file. From now on
        # waiting for the lock is done in the loop: here it would stop every chat.
        "busy_timeout = 0",
    )
