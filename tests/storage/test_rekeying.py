"""A new SECRET_KEY: everything is sealed anew, however often it is stopped, and the old key opens nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage import rekeying
from bot.storage.db import Db
from bot.storage.tables import metadata
from bot.storage.vault import Unreadable, Vault
from tests.scenarios.machine import SECRET, machine

START = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
WORDS = "my canary has a sore beak"


async def lived_in(folder: Path) -> tuple[str, int]:
    """Let somebody join and write; return the database and their chat."""
    async with machine(folder, START) as site, site.running() as app:
        await site.staff("Lin")
        person = await site.participant("001", START.date())
        person.say(WORDS)
        await app.settle()
        return site.database_url, person.id


async def boxes(db: Db) -> list[bytes]:
    found: list[bytes] = []
    async with db.begin() as tx:
        for table in metadata.sorted_tables:
            for name in [column.name for column in table.c if column.name.endswith("_box")]:
                found += [
                    row[0] for row in await tx.execute(text(f"SELECT {name} FROM {table.name}")) if row[0]
                ]
    return found


async def reseal(url: str, key: str, pages: int = 10_000) -> int:
    db = await Db.open(url, Vault(key), durable=False)
    total = 0
    try:
        async for _, rows in rekeying.reseal(db):
            total += rows
            pages -= 1
            if not pages:
                break
    finally:
        await db.close()
    return total


async def test_a_rotation_that_was_stopped_goes_on_and_leaves_nothing_to_the_old_key(tmp_path: Path) -> None:
    url, chat = await lived_in(tmp_path)
    await reseal(url, f"new,{SECRET}", pages=2)
    assert await reseal(url, f"new,{SECRET}") > 5
    assert await reseal(url, f"new,{SECRET}") == 0
    db = await Db.open(url, Vault("new"), durable=False)
    sealed = await boxes(db)
    assert WORDS in " ".join(db.vault.open(box) for box in sealed)
    for box in sealed:
        with pytest.raises(Unreadable):
            Vault(SECRET).open(box)
    from bot.storage import links

    async with db.begin() as tx:
        assert await links.find_person(tx, chat) is not None
    await db.close()


def taken(folder: Path) -> list[bytes]:
    """Return what a thief would copy: the database and its log."""
    files = sorted(folder.glob("suifang.db*"))
    assert "suifang.db-wal" in [path.name for path in files]
    return [path.read_bytes() for path in files]


async def test_a_stolen_file_shows_no_chat_and_no_words(tmp_path: Path) -> None:
    """It fails when anything that came in or went out is kept as it was."""
    async with machine(tmp_path, START) as site, site.running() as app:
        lin = await site.staff("Lin")
        person = await site.participant("001", START.date())
        person.say(WORDS)
        person.send_contact("+86 138-0000-7788")
        await app.settle()
        stolen = b"".join(taken(tmp_path))
    assert b"001" in stolen
    for canary in (WORDS, "sore beak", "7788", str(person.id), str(lin.id)):
        assert canary.encode() not in stolen, canary
