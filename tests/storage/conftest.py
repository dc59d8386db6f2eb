"""Real databases, in memory and on disk, fresh for every test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.people import Participant, PersonRef, Role, StaffMember
from bot.storage import participants, staff
from bot.storage.db import Db, Tx
from bot.storage.vault import Vault

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=30)
ON_POSTGRES = os.environ.get("ON") == "postgres"
in_the_words_of_sqlite = pytest.mark.skipif(ON_POSTGRES, reason="speaks to SQLite in its own words")


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault("a pass phrase for tests")


async def opened(url: str, vault: Vault) -> Db:
    db = await Db.open(url, vault, durable=False)
    await db.migrate()
    return db


@pytest.fixture(scope="session")
def migrated(tmp_path_factory, vault) -> Path:
    """A file with the schema, migrated once and copied for every test."""
    path = tmp_path_factory.mktemp("storage") / "migrated.db"

    async def migrate() -> None:
        await (await opened(f"sqlite+aiosqlite:///{path}", vault)).close()

    asyncio.run(migrate())
    return path


@pytest.fixture
async def db(request, tmp_path, migrated, vault) -> AsyncIterator[Db]:
    """Open a fresh database: a file of SQLite's, or with ON=postgres one of a throw-away server."""
    if ON_POSTGRES:
        server = request.getfixturevalue("postgres")
        url = server.url(await server.ready())
    else:
        url = f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'suifang.db')}"
    db = await opened(url, vault)
    yield db
    await db.close()


async def emptied(db: Db, *tables: str) -> None:
    """For the examples of a property test, which share one database."""
    async with db.begin() as tx:
        for table in tables:
            await tx.execute(text(f"DELETE FROM {table}"))


async def add_participant(tx: Tx) -> Participant:
    return await participants.add(
        tx,
        code="001",
        arm="NK010",
        dose=2.5e9,
        day1_on=date(2026, 12, 1),
        icf_on=date(2026, 11, 20),
        language="zh_CN",
        zone="Asia/Shanghai",
        flags=["HBCAB_POS"],
        baseline={"spo2": 97},
        now=NOW,
    )


@pytest.fixture
async def participant(db) -> Participant:
    async with db.begin() as tx:
        return await add_participant(tx)


@pytest.fixture
async def member(db) -> StaffMember:
    async with db.begin() as tx:
        return await staff.add(tx, name="Lin", role=Role.PI, language="en", now=NOW, on_call=True)


@pytest.fixture
def someone() -> PersonRef:
    return PersonRef("staff", 1)
