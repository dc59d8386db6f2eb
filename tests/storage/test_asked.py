"""What was asked because of a text: once, due at its time, settled once; and how older databases get it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.storage import asked, migrate, texts_in
from bot.storage.db import Db
from bot.storage.migrate import NEWEST
from tests.storage.conftest import MINUTE, NOW, add_participant

WITHIN = timedelta(minutes=15)


@pytest.fixture
async def text_id(db, participant):
    async with db.begin() as tx:
        kept = await texts_in.add(tx, participant.id, "有点发烧", 1, NOW)
        assert kept is not None
        for _ in range(2):
            await asked.add(tx, kept, participant.id, ("Q1", "Q3"), NOW, NOW + WITHIN)
    return kept


async def test_it_is_due_when_its_time_is_over_and_not_before(db, text_id):
    async with db.begin() as tx:
        assert await asked.next_due_at(tx) == NOW + WITHIN
        assert await asked.due(tx, NOW + WITHIN - MINUTE, 10) == []
        [due] = await asked.due(tx, NOW + WITHIN, 10)
    assert (due.text_id, due.items, due.since) == (text_id, ("Q1", "Q3"), NOW)


@pytest.mark.parametrize("state", ["answered", "alerted"])
async def test_it_ends_once(db, text_id, state):
    async with db.begin() as tx:
        assert await asked.settle(tx, text_id, state)
        assert not await asked.settle(tx, text_id, "alerted")
        assert await asked.due(tx, NOW + WITHIN, 10) == []
        assert await asked.next_due_at(tx) is None


async def test_a_database_of_the_first_version_gets_the_table_and_keeps_its_texts(vault):
    db = await Db.open("sqlite+aiosqlite://", vault, durable=False)
    async with db._connection() as connection:
        await connection.run_sync(migrate.run, "0001")
        await connection.commit()
    async with db.begin() as tx:
        participant = await add_participant(tx)
        kept = await texts_in.add(tx, participant.id, "有点发烧", 1, NOW)
        assert kept is not None
    await db.migrate()
    async with db.begin() as tx:
        assert (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar() == NEWEST
        await asked.add(tx, kept, participant.id, ("Q1",), NOW, NOW + WITHIN)
        assert [each.text for each in await texts_in.unseen(tx)] == ["有点发烧"]
        assert len(await asked.due(tx, NOW + WITHIN, 10)) == 1
    await db.close()
