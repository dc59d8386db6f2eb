"""A database that the first program filled comes to the newest schema with nothing lost."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage import migrate
from tests.storage.every_row import ROWS, fill, rows


def tables(connection: Connection) -> set[str]:
    return {row.name for row in connection.execute(text("SELECT name FROM sqlite_master"))}


@pytest.mark.parametrize("first", ["0001", "0005", "0008"])
async def test_every_row_of_an_older_database_is_there_after_the_upgrade(first):
    """Each table has a row in every state that it knows; each column is as it was."""

    def upgrade(connection: Connection) -> None:
        connection.execute(text("PRAGMA foreign_keys=ON"))
        migrate.run(connection, first)
        before = fill(connection)
        assert len(before) > 15
        migrate.upgrade(connection)
        assert migrate.current(connection) == migrate.NEWEST
        for name, wanted in before.items():
            found = rows(connection, name, list(wanted[0]))
            assert [each for each in wanted if each not in found] == [], name
            # The first program itself put one row there.
            assert len(found) == ROWS + (name == "meta"), name
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert not [name for name in tables(connection) if name.endswith("_before")]

    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def test_every_table_of_the_newest_schema_can_be_filled():
    """The filler of these tests keeps up with the schema, states and all."""
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(migrate.upgrade)
        filled = await connection.run_sync(fill)
    await engine.dispose()
    assert all(len(each) == ROWS for each in filled.values())
