"""The migrations lead to the schema that the program describes, on both databases."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

import bot.storage
from bot.errors import SettingsError
from bot.storage import meta, migrate
from bot.storage.db import Db
from bot.storage.tables import metadata
from tests.storage.conftest import in_the_words_of_sqlite, opened

NAMES = sorted(metadata.tables)


def described(connection: Connection) -> dict[str, str]:
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL")
    )
    return {name: normal(sql) for name, sql in found if name != "alembic_version"}


def normal(sql: str) -> str:
    """Put the parts of a CREATE TABLE in one order: a migration lists constraints in its own."""
    return "\n".join(sorted(line.strip().rstrip(",") for line in sql.splitlines()))


async def schema_of(db: Db) -> dict[str, str]:
    async with db.engine.connect() if db._conn is None else db._connection() as connection:
        return await connection.run_sync(described)


@in_the_words_of_sqlite
async def test_migrations_lead_to_the_described_schema(db):
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        wanted = await connection.run_sync(described)
    await engine.dispose()
    assert await schema_of(db) == wanted


async def test_alembic_finds_no_difference(db):
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    async with db._connection() as connection:
        assert await connection.run_sync(compare) == []


@in_the_words_of_sqlite
async def test_every_table_is_strict_and_every_state_is_checked(db):
    schema = await schema_of(db)
    assert all("STRICT" in schema[name] for name in NAMES)
    stateful = [name for name in NAMES if {"state", "status"} & {*metadata.tables[name].c.keys()}]
    assert len(stateful) >= 10
    assert all(f"ck_{name}_stat" in schema[name] for name in stateful)


@in_the_words_of_sqlite
async def test_migrating_twice_changes_nothing(db):
    async with db.begin() as tx:
        await meta.put(tx, "k", "v")
    before = await schema_of(db)
    await db.migrate()
    assert await schema_of(db) == before
    async with db.begin() as tx:
        assert await meta.get(tx, "k") == "v"


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, vault, monkeypatch):
    db = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", vault)
    plain = migrate.upgrade

    def fails(connection: Connection) -> None:
        plain(connection)
        raise OSError("disk full")

    monkeypatch.setattr(migrate, "upgrade", fails)
    with pytest.raises(OSError, match="disk full"):
        await db.migrate()
    monkeypatch.undo()
    assert await schema_of(db) == {}
    await db.migrate()
    assert sorted(name for name in await schema_of(db) if name in NAMES) == NAMES
    await db.close()


async def test_the_version_is_the_newest(db):
    async with db._connection() as connection:
        assert await connection.run_sync(migrate.current) == migrate.NEWEST
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == migrate.NEWEST


async def test_a_database_of_a_newer_program_is_refused(db):
    async with db.begin() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="9999"):
        await db.migrate()


def statements() -> list[tuple[str, Executable]]:
    found = []
    for info in pkgutil.iter_modules(bot.storage.__path__):
        module = importlib.import_module(f"bot.storage.{info.name}")
        found += [
            (f"{info.name}.{name}", value)
            for name, value in vars(module).items()
            if isinstance(value, Executable)
        ]
    return found


@pytest.mark.parametrize(("name", "statement"), statements())
def test_every_statement_is_understood_by_both_databases(name, statement):
    for dialect in (postgresql.dialect(), sqlite.dialect()):
        assert str(statement.compile(dialect=dialect))


def test_a_claim_locks_and_skips_on_postgresql():
    from bot.storage.dispatch import _CLAIM

    assert str(_CLAIM.compile(dialect=postgresql.dialect())).count("FOR UPDATE SKIP LOCKED") == 4


@pytest.mark.parametrize("name", NAMES)
def test_every_table_and_index_can_be_made_on_postgresql(name):
    table = metadata.tables[name]
    assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
    for index in table.indexes:
        made = str(CreateIndex(index).compile(dialect=postgresql.dialect()))
        assert ("WHERE" in made) == (index.dialect_options["sqlite"]["where"] is not None)


async def test_a_fresh_database_in_memory_stands_alone(vault):
    first, second = await opened("sqlite+aiosqlite://", vault), await opened("sqlite+aiosqlite://", vault)
    async with first.begin() as tx:
        await meta.put(tx, "k", "v")
    async with second.begin() as tx:
        assert await meta.get(tx, "k") is None
    await first.close()
    await second.close()
