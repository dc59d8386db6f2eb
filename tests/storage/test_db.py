"""One connection, one transaction at a time, and nothing left open by a task that was cancelled."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.storage import inplace, meta, outbox
from bot.storage.db import Db, finish
from bot.storage.outbox import Intent
from tests.storage.conftest import NOW, opened


@pytest.fixture(params=["memory", "file"])
async def db(request, tmp_path, vault) -> AsyncIterator[Db]:
    path = f"/{tmp_path / 'suifang.db'}" if request.param == "file" else ""
    db = await opened(f"sqlite+aiosqlite://{path}", vault)
    yield db
    await db.close()


async def value_of(db: Db, key: str) -> str | None:
    async with db.begin() as tx:
        return await meta.get(tx, key)


async def test_what_is_committed_is_there_and_what_failed_is_not(db):
    async with db.begin() as tx:
        await meta.put(tx, "kept", "yes")

    async def fail() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "lost", "yes")
            raise KeyError("k")

    with pytest.raises(KeyError):
        await fail()
    assert (await value_of(db, "kept"), await value_of(db, "lost")) == ("yes", None)


async def test_a_cancelled_task_leaves_no_open_transaction(db):
    written = asyncio.Event()

    async def half() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "half", "yes")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(half())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.begin() as tx:
        await meta.put(tx, "other", "yes")
    assert (await value_of(db, "half"), await value_of(db, "other")) == (None, "yes")


@pytest.mark.parametrize("turns", range(25))
async def test_cancelled_at_any_moment_all_or_nothing_is_saved(db, turns):
    async def both() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "first", "yes")
            await meta.put(tx, "second", "yes")

    task = asyncio.create_task(both())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    first, second = await value_of(db, "first"), await value_of(db, "second")
    assert first == second
    if not task.cancelled():
        assert first == "yes"


async def test_cancelled_twice_it_is_still_rolled_back(db):
    written = asyncio.Event()

    async def half() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "half", "yes")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(half())
    await written.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert await value_of(db, "half") is None


async def test_a_commit_that_was_cancelled_is_finished_and_told(db):
    async def queue_one() -> None:
        async with db.begin() as tx:
            await outbox.enqueue(tx, Intent("k", "page", 0, None), NOW)
            task.cancel()

    task = asyncio.create_task(queue_one())
    await asyncio.wait({task})
    assert task.cancelled()
    async with db.begin() as tx:
        assert (await outbox.by_key(tx, "k") is not None) == db.outbox_ready.is_set()


async def test_work_that_fails_after_a_cancellation_is_the_cause():
    release = asyncio.Event()

    async def fails() -> None:
        await release.wait()
        raise ValueError("in the end")

    task = asyncio.create_task(finish(fails()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    release.set()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert isinstance(caught.value.__cause__, ValueError)


async def test_transactions_run_one_after_the_other(db):
    async with db.begin() as tx:
        await meta.put(tx, "n", "0")

    async def add_one() -> None:
        async with db.begin() as tx:
            before = int(await meta.get(tx, "n") or 0)
            await asyncio.sleep(0)
            await meta.put(tx, "n", str(before + 1))

    await asyncio.gather(*(add_one() for _ in range(30)))
    assert await value_of(db, "n") == "30"


async def test_a_transaction_inside_another_is_an_error_not_a_standstill(db):
    async with db.begin():
        with pytest.raises(RuntimeError, match="inside"):
            async with db.begin():
                pass
    assert await value_of(db, "any") is None


async def test_the_outbox_is_announced_after_the_commit_only(db):
    async with db.begin() as tx:
        await outbox.enqueue(tx, Intent("k", "page", 0, None), NOW)
        assert not db.outbox_ready.is_set()
    assert db.outbox_ready.is_set()


async def test_nothing_is_announced_after_a_rollback(db):
    async def fail() -> None:
        async with db.begin() as tx:
            await outbox.enqueue(tx, Intent("k", "page", 0, None), NOW)
            raise KeyError("k")

    with pytest.raises(KeyError):
        await fail()
    assert not db.outbox_ready.is_set()


@pytest.mark.parametrize("durable", [True, False])
async def test_sqlite_is_set_up_as_decided(tmp_path, vault, durable):
    db = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", vault, durable=durable)
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2 if durable else 0,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 0,
    }
    async with db.begin() as tx:
        found = {name: (await tx.execute(text(f"PRAGMA {name}"))).scalar_one() for name in wanted}
    await db.close()
    assert found == wanted


async def test_a_transaction_takes_the_write_lock_with_its_first_statement(tmp_path, vault):
    path = tmp_path / "x.db"
    db = await Db.open(f"sqlite+aiosqlite:///{path}", vault)
    await db.migrate()
    other = sqlite3.connect(path, timeout=0)
    async with db.begin() as tx:
        await meta.get(tx, "only read")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.rollback()
    other.close()
    await db.close()


async def test_a_database_that_is_locked_elsewhere_says_so_and_works_again(tmp_path, vault, monkeypatch):
    monkeypatch.setattr(inplace, "LOCK_TRIES", 2)
    monkeypatch.setattr(inplace, "LOCK_PAUSE_SECONDS", 0.001)
    path = tmp_path / "x.db"
    db = await Db.open(f"sqlite+aiosqlite:///{path}", vault)
    await db.migrate()
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        async with db.begin() as tx:
            await meta.put(tx, "k", "v")
    other.rollback()
    other.close()
    async with db.begin() as tx:
        await meta.put(tx, "k", "v")
    assert await value_of(db, "k") == "v"
    await db.close()


async def test_a_statement_that_is_refused_rolls_back_what_came_before(db):
    async def fail() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "before", "yes")
            await tx.execute(text("INSERT INTO meta (key) VALUES ('no value')"))

    with pytest.raises(IntegrityError):
        await fail()
    assert await value_of(db, "before") is None


async def test_wrong_types_are_refused_at_rest(db):
    with pytest.raises(IntegrityError):
        async with db.begin() as tx:
            await tx.execute(
                text("INSERT INTO code_tries (chat_key, at, id) VALUES ('a', 'b', 'not a number')")
            )


async def test_what_was_written_is_there_after_opening_again(tmp_path, vault):
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    db = await Db.open(url, vault)
    await db.migrate()
    async with db.begin() as tx:
        await meta.put(tx, "k", "v")
    await db.close()
    again = await Db.open(url, vault)
    await again.migrate()
    assert await value_of(again, "k") == "v"
    await again.close()


async def test_a_lock_that_is_given_up_meanwhile_is_waited_for_without_stopping_the_loop(
    tmp_path, vault, monkeypatch
):
    looks = 0

    async def look_again(seconds: float) -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)

    path = tmp_path / "x.db"
    db = await Db.open(f"sqlite+aiosqlite:///{path}", vault)
    await db.migrate()
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "k", "v")

    monkeypatch.setattr(inplace, "asyncio", SimpleNamespace(sleep=look_again))
    writing = asyncio.create_task(write())
    while looks < 50:
        await asyncio.sleep(0)
        assert not writing.done()
    other.rollback()
    other.close()
    await writing
    assert await value_of(db, "k") == "v"
    await db.close()


@pytest.mark.parametrize(
    ("durable", "lasting", "visits_to_thread"), [(True, True, 1), (True, False, 0), (False, True, 0)]
)
async def test_only_a_commit_that_waits_for_the_disk_goes_to_the_thread_of_sqlite(
    tmp_path, vault, monkeypatch, durable, lasting, visits_to_thread
):
    db = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", vault, durable=durable)
    await db.migrate()
    visits = []
    connection = (await db._conn.get_raw_connection()).driver_connection
    plain = connection._execute

    def counted(*args, **kwargs):
        visits.append(args)
        return plain(*args, **kwargs)

    monkeypatch.setattr(connection, "_execute", counted)
    async with db.begin() as tx:
        await meta.get(tx, "a")
    assert visits == []  # nothing was written, so nothing has to reach the disk
    async with db.begin(lasting=lasting) as tx:
        await meta.get(tx, "a")
        await meta.put(tx, "a", "b")
    assert len(visits) == visits_to_thread
    async with db.begin() as tx:
        assert await meta.get(tx, "a") == "b"
    await db.close()


async def test_a_row_of_transactions_lets_others_run_in_between(db):
    turns = []

    async def another() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            turns.append("other")

    task = asyncio.create_task(another())
    for _ in range(5):
        await value_of(db, "k")
        turns.append("transaction")
    await task
    assert turns.index("other") < turns.index("transaction") + 2


async def test_statements_are_compiled_once(db):
    misses = []

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def seen(conn, cursor, statement, parameters, context, executemany):
        misses.append(context.cache_hit.name)

    for n in range(3):
        async with db.begin() as tx:
            await meta.put(tx, "k", str(n))
            await outbox.enqueue(tx, Intent(str(n), "page", 0, None), NOW)
            await tx.execute(select(1))
    # The third is built for one use each time; the others have a plan from the second time on.
    assert misses == ["CACHE_MISS"] * 3 + ["CACHE_HIT"] * 2


async def test_only_what_need_not_last_may_commit_without_the_disk(tmp_path, vault):
    db = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'suifang.db'}", vault)
    await db.migrate()

    async def reach(**how) -> tuple[int, int]:
        async with db.begin(**how) as tx:
            await meta.put(tx, "k", "v")
            names = ("synchronous", "wal_autocheckpoint")
            return tuple([(await tx.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names])

    # The loop waits for a commit that need not last: it must not bring the log into the database.
    normal, full = (1, 0), (2, 1000)
    assert [await reach(), await reach(lasting=False), await reach()] == [full, normal, full]
    await db.close()


async def test_the_mark_of_a_database_of_our_own_changes_with_what_is_written_alone(vault):
    db = await opened("sqlite+aiosqlite://", vault)
    before = db.mark
    assert before is not None
    await value_of(db, "nothing")
    async with db.begin() as tx:
        assert await meta.get(tx, "nothing") is None
    assert db.mark == before
    async with db.begin() as tx:
        await meta.put(tx, "key", "value")
    assert db.mark != before
    await db.close()


async def test_a_file_that_another_program_may_change_has_no_mark(tmp_path, vault):
    """Whoever goes by the mark would not see what the command line has written meanwhile."""
    db = await opened(f"sqlite+aiosqlite:///{tmp_path / 'suifang.db'}", vault)
    async with db.begin() as tx:
        await meta.put(tx, "key", "value")
    assert db.mark is None
    await db.close()


async def test_what_was_read_is_kept_until_the_transaction_writes_and_never_longer_than_it_lasts(db):
    async with db.begin() as tx:
        tx.see("what", "read")
        assert await meta.get(tx, "key") is None
        assert tx.seen("what") == "read"
        await meta.put(tx, "key", "value")
        assert tx.seen("what") is None
        tx.see("what", "read again")
    async with db.begin() as tx:
        assert tx.seen("what") is None


@pytest.mark.parametrize("durable", [True, False])
async def test_a_commit_that_fails_is_an_error_and_undoes_all(tmp_path, vault, durable):
    db = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", vault, durable=durable)
    await db.migrate()

    async def answer_to_nothing() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "before", "yes")
            db._sqlite.raw.execute("PRAGMA defer_foreign_keys = ON")
            to_nothing = (1, 1, "2026-03-01T00:00:00Z", "sent")
            add = "INSERT INTO attempts (outbox_id, n, at, result) VALUES (?, ?, ?, ?)"
            db._sqlite.raw.execute(add, to_nothing)

    await value_of(db, "before")  # twice: the statements have a plan, and SQLAlchemy runs nothing
    for _ in range(2):
        with pytest.raises(IntegrityError):
            await answer_to_nothing()
        assert await value_of(db, "before") is None
    await db.close()
