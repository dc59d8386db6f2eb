"""What SQLite promises, on PostgreSQL: the schema, one transaction at a time, the trail, the queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.domain.people import Role
from bot.storage import (
    audit,
    broadcasts,
    dispatch,
    files,
    inbox,
    instance,
    migrate,
    outbox,
    participants,
    rekeying,
    staff,
)
from bot.storage.audit import SYSTEM
from bot.storage.db import Db
from bot.storage.inbox import Arrival
from bot.storage.instance import Instance
from bot.storage.outbox import REMINDER, Intent
from bot.storage.tables import metadata
from bot.storage.vault import Vault
from bot.transport.blame import is_store_trouble
from tests.postgres import Server
from tests.storage.conftest import LEASE, NOW, add_participant

pytestmark = pytest.mark.postgres


@pytest.fixture
async def both(postgres: Server, vault: Vault) -> AsyncIterator[tuple[Db, Db]]:
    """One database, opened by two programs."""
    url = postgres.url(await postgres.ready())
    one, other = await Db.open(url, vault), await Db.open(url, vault)
    yield one, other
    await one.close()
    await other.close()


@pytest.fixture
def db(both: tuple[Db, Db]) -> Db:
    return both[0]


def described(connection: Connection) -> dict[str, object]:
    look = inspect(connection)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)),
            sorted((str(c["name"]), c["sqltext"]) for c in look.get_check_constraints(name)),
            sorted(str(c["name"]) for c in look.get_foreign_keys(name)),
            sorted(str(c["name"]) for c in look.get_unique_constraints(name)),
            sorted((str(i["name"]), str(i["column_names"]), i["unique"]) for i in look.get_indexes(name)),
            sorted(str(i.get("dialect_options")) for i in look.get_indexes(name)),
        )
        for name in look.get_table_names()
        if name != "alembic_version"
    }


async def run(db: Db, statement: str) -> None:
    async with db.begin() as tx:
        await tx.execute(text(statement))


async def test_migrations_lead_to_the_described_schema(postgres, db, vault):
    direct = await Db.open(postgres.url(postgres.empty()), vault)
    async with direct.engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        wanted = await connection.run_sync(described)
    await direct.close()
    async with db.engine.connect() as connection:
        assert await connection.run_sync(described) == wanted


async def test_rows_of_the_first_version_come_through_every_migration(postgres, vault):
    db = await Db.open(postgres.url(postgres.empty()), vault)
    async with db._connection() as connection:
        await connection.run_sync(migrate.run, "0001")
        await connection.execute(
            text(
                "INSERT INTO staff (name, role, language, on_call, created_at, status)"
                " VALUES ('Lin', 'pi', 'en', 1, '2026-12-01T02:00:00.000000Z', 'active')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO broadcasts (by_staff_id, audience, state, created_at, version)"
                " VALUES (1, '{}', 'draft', '2026-12-01T02:00:00.000000Z', 1)"
            )
        )
        await connection.commit()
    await db.migrate()
    async with db.begin() as tx:
        assert (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar() == migrate.NEWEST
        # A state that came with a later version.
        assert (await broadcasts.schedule(tx, 1, NOW)) is not None
        assert await broadcasts.next_send_at(tx) == NOW
    await db.close()


async def test_two_programs_that_write_at_once_make_one_chain(both):
    async def write(db: Db, n: int) -> None:
        async with db.begin() as tx:
            await audit.record(tx, SYSTEM, f"step{n}", None, NOW)
            await asyncio.sleep(0)
            await audit.record(tx, SYSTEM, f"step{n}b", None, NOW)

    await asyncio.gather(*(write(both[n % 2], n) for n in range(10)))
    async with both[0].begin() as tx:
        assert await audit.verify(tx, await audit.head(tx)) == []
        rows = [row.action for row in await audit.page(tx)]
    # Nobody came between the two rows of a transaction.
    assert all(second == f"{first}b" for first, second in zip(rows[::2], rows[1::2], strict=True))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit", "TRUNCATE audit"]
)
async def test_the_database_refuses_to_change_the_trail(db, statement):
    async with db.begin() as tx:
        await audit.record(tx, SYSTEM, "done", None, NOW)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(db, statement)
    async with db.begin() as tx:
        assert await audit.verify(tx) == []
        assert (await audit.head(tx))[0] == 1


async def test_what_was_read_is_still_true_when_it_is_written(both):
    """Both look whether it is the first, and act on it: what two programs may do only one after the other."""

    async def look_and_write(db: Db) -> None:
        async with db.begin() as tx:
            seen = (await tx.execute(text("SELECT count(*) FROM staff"))).scalar_one()
            await asyncio.sleep(0)
            name = f"number {seen + 1}"
            await staff.add(tx, name=name, role=Role.PI, language="en", now=NOW, on_call=True)

    await asyncio.gather(*(look_and_write(both[n % 2]) for n in range(6)))
    async with both[1].begin() as tx:
        names = [row[0] for row in await tx.execute(text("SELECT name FROM staff ORDER BY id"))]
    assert names == [f"number {n}" for n in range(1, 7)]


async def test_a_turn_that_stays_taken_is_trouble_of_the_store_and_passes(both, monkeypatch):
    one, other = both
    async with other.begin() as tx:
        await tx.execute(text("SET lock_timeout = '100ms'"))
    async with one.begin() as tx:
        await tx.execute(text("SELECT 1"))
        with pytest.raises(DBAPIError, match="lock timeout") as caught:
            await run(other, "SELECT 1")
    assert is_store_trouble(caught.value)
    await run(other, "SELECT 1")


async def test_one_transaction_inside_another_is_an_error(db):
    async with db.begin():
        with pytest.raises(RuntimeError, match="inside"):
            await run(db, "SELECT 1")


async def test_a_cancelled_transaction_leaves_nothing_and_no_lock(both):
    one, other = both
    begun = asyncio.Event()

    async def interrupted() -> None:
        async with one.begin() as tx:
            await audit.record(tx, SYSTEM, "lost", None, NOW)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(interrupted())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with other.begin() as tx:
        assert await audit.head(tx) == (0, audit.GENESIS)


async def test_each_message_is_claimed_by_one_of_two_programs(both):
    async with both[0].begin() as tx:
        intents = [Intent(f"k{n}", "x", REMINDER, None) for n in range(20)]
        assert await outbox.enqueue_many(tx, intents, NOW) == 20
        assert await outbox.enqueue_many(tx, intents, NOW) == 0

    async def claim(db: Db) -> list[int]:
        async with db.begin() as tx:
            return [each.id for each in await dispatch.claim(tx, NOW, 3, LEASE)]

    claimed = await asyncio.gather(*(claim(both[n % 2]) for n in range(8)))
    ids = [each for some in claimed for each in some]
    assert len(ids) == len(set(ids)) == 20
    async with both[1].begin() as tx:
        released = await dispatch.release(tx, NOW + LEASE)
        assert (released.queued, released.uncertain) == (20, 0)


async def test_updates_are_kept_once_and_done_once(db):
    arrivals = [Arrival(2**40 + n, "{}", -(2**40)) for n in range(3)]
    async with db.begin() as tx:
        kept = await inbox.keep(tx, arrivals, NOW)
        assert kept == await inbox.take_new(tx, 10)
        assert await inbox.keep(tx, arrivals, NOW) == []
        assert [await inbox.fail(tx, 2**40, "KeyError", NOW) for _ in range(4)] == [
            "new", "new", "quarantined", None,
        ]  # fmt: skip
        assert await inbox.done(tx, 2**40 + 1, NOW)
        assert not await inbox.done(tx, 2**40 + 1, NOW)
        assert [each.update_id for each in await inbox.take_new(tx, 10)] == [2**40 + 2]


async def test_one_of_two_programs_gets_the_lock(both):
    async def take(db: Db, name: str) -> bool:
        async with db.begin() as tx:
            return await instance.take(tx, Instance(name, "host", "place", 1, "now"), None)

    assert sorted(await asyncio.gather(take(both[0], "a"), take(both[1], "b"))) == [False, True]


async def test_a_broadcast_is_sent_off_by_one_of_two_presses(both):
    async with both[0].begin() as tx:
        member = await staff.add(tx, name="Lin", role=Role.PI, language="en", now=NOW, on_call=True)
        draft = await broadcasts.add(
            tx, by_staff_id=member.id, text_zh="您好", text_en=None, audience={}, now=NOW
        )

    async def press(db: Db) -> bool:
        async with db.begin() as tx:
            return await broadcasts.confirm(tx, draft.id, NOW) is not None

    assert sorted(await asyncio.gather(press(both[0]), press(both[1]))) == [False, True]


async def test_a_new_key_opens_what_the_old_one_sealed(postgres):
    url = postgres.url(await postgres.ready())
    old = await Db.open(url, Vault("old"))
    async with old.begin() as tx:
        await inbox.keep(tx, [Arrival(1, "words", 77)], NOW)
    await old.close()
    changing = await Db.open(url, Vault("new,old"))
    assert sum([rows async for _, rows in rekeying.reseal(changing)]) == 1
    await changing.close()
    new = await Db.open(url, Vault("new"))
    async with new.begin() as tx:
        assert [each.raw for each in await inbox.take_new(tx, 1)] == ["words"]
    await new.close()


async def test_numbers_and_dates_come_back_as_they_went_in(db):
    async with db.begin() as tx:
        added = await add_participant(tx)
        again = await participants.by_code(tx, "001")
    assert again == added
    assert (added.dose, added.day1_on, added.baseline) == (2.5e9, date(2026, 12, 1), {"spo2": 97})


async def test_a_server_that_restarts_is_trouble_of_the_store_and_passes(postgres, db):
    async with db.begin() as tx:
        await audit.record(tx, SYSTEM, "before", None, NOW)

    async def interrupted() -> None:
        async with db.begin() as tx:
            await audit.record(tx, SYSTEM, "lost", None, NOW)
            await asyncio.to_thread(postgres.restarts)
            await audit.record(tx, SYSTEM, "lost", None, NOW)

    with pytest.raises(DBAPIError) as cut:
        await interrupted()
    assert is_store_trouble(cut.value)
    async with db.begin() as tx:
        await audit.record(tx, SYSTEM, "after", None, NOW)
        assert [row.action for row in await audit.page(tx)] == ["before", "after"]


async def test_a_server_that_is_not_there_is_trouble_of_the_store(tmp_path, vault):
    async with AsyncExitStack() as closing:
        db = await Db.open(f"postgresql+asyncpg://nobody@/x?host={tmp_path}", vault)
        closing.push_async_callback(db.close)
        with pytest.raises(DBAPIError) as refused:
            await db.migrate()
    assert is_store_trouble(refused.value)
    assert not files.is_damage(refused.value)
