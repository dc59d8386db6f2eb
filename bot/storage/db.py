"""The database: one way to open it, one way to hold a transaction."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Hashable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Self, TypeAlias, TypeVar

from sqlalchemy import CursorResult, Executable, Row, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage import migrate as migrations
from bot.storage.onehop import OneHop
from bot.storage.vault import Vault

T = TypeVar("T")

# About a year of reports of three hundred participants; the oldest reading goes first.
MOST_REMEMBERED = 30_000
Line: TypeAlias = Row[*tuple[Any, ...]]
Rows: TypeAlias = CursorResult[*tuple[Any, ...]]


class Tx:
    """One open transaction: it executes, seals, and remembers whom to wake after the commit."""

    __slots__ = ("_conn", "_learnt", "_memory", "audit_head", "outbox_written", "serial", "vault", "wake_set")

    def __init__(
        self, conn: AsyncConnection, vault: Vault, memory: Mapping[Hashable, Any], *, serial: bool
    ) -> None:
        self._conn, self.vault = conn, vault
        self._memory = memory
        self._learnt: dict[Hashable, Any] = {}
        # True when no other transaction can be open: SQLite's one writer.
        self.serial = serial
        self.outbox_written = False
        self.wake_set = False
        # The end of the audit trail as this transaction sees it, once it has looked.
        self.audit_head: tuple[int, str] | None = None

    async def execute(self, statement: Executable, values: Any = None) -> Rows:
        """Run one statement, to its end even when the task is cancelled meanwhile."""
        result: Rows = await finish(self._conn.execute(statement, values))
        return result

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
        self._serial = engine.dialect.name == "sqlite"
        self._memory: dict[Hashable, Any] = {}
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._conn: AsyncConnection | None = None

    @classmethod
    async def open(cls, url: str, vault: Vault, *, durable: bool = True) -> Self:
        """Open the database of `url`; without `durable` a power cut may cost the last commits."""
        engine = _engine(url, durable=durable)
        db = cls(engine, vault)
        if db._serial:
            db._conn = await engine.connect()
        return db

    async def close(self) -> None:
        """Wait for the transaction in hand, then close."""
        async with self._turn if self._serial else nullcontext():
            if self._conn is not None:
                await self._conn.close()
            await self.engine.dispose()

    async def migrate(self) -> None:
        """Bring the schema to its newest version; nothing happens when it is there."""
        async with self._connection() as conn:
            await finish(_migrated(conn))

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """Hold one transaction: committed at the end, rolled back on any error or cancellation.

        For SQLite one at a time, in the order of asking; one inside another in
        the same task is an error, since it would wait for itself.
        """
        async with self._connection() as conn:
            tx = Tx(conn, self.vault, self._memory, serial=self._serial)
            try:
                yield tx
                await finish(self._commit(conn, tx))
            except BaseException:
                await finish(conn.rollback())
                raise

    async def _commit(self, conn: AsyncConnection, tx: Tx) -> None:
        await conn.commit()
        self._memorise(tx.learnt)
        if tx.outbox_written:
            self.outbox_ready.set()
        if tx.wake_set:
            self.wake_changed.set()

    def _memorise(self, learnt: Mapping[Hashable, Any]) -> None:
        self._memory.update(learnt)
        while len(self._memory) > MOST_REMEMBERED:
            del self._memory[next(iter(self._memory))]

    def _connection(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._only_connection() if self._serial else self.engine.connect()

    @asynccontextmanager
    async def _only_connection(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a transaction inside a transaction")
        async with self._turn:
            self._holder = task
            try:
                if self._conn is None:
                    raise RuntimeError("the database is not open")
                yield self._conn
            finally:
                self._holder = None


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` to its end even when cancelled; the cancellation is raised afterwards.

    A cancelled aiosqlite call goes on in its thread, and SQLAlchemy would throw
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


async def _migrated(conn: AsyncConnection) -> None:
    try:
        await conn.run_sync(migrations.upgrade)
        await conn.commit()
    except BaseException:
        await conn.rollback()
        raise


def _engine(url: str, *, durable: bool) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_pre_ping=True)
    # Two connections would meet the WAL-reset bug of SQLite before 3.51.3.
    in_memory = parsed.database in (None, "", ":memory:")
    pool = {} if in_memory else {"pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(parsed, module=OneHop(), **pool)
    _prepare_sqlite(engine, durable=durable)
    return engine


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

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:
        connection.connection.dbapi_connection.begins = True


def _pragmas(*, durable: bool) -> tuple[str, ...]:
    return (
        "busy_timeout = 5000",
        "journal_mode = WAL",
        f"synchronous = {'FULL' if durable else 'OFF'}",
        "foreign_keys = ON",
        # Else INSERT OR REPLACE walks round the append-only triggers.
        "recursive_triggers = ON",
    )
