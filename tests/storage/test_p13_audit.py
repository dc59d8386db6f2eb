"""P13: whoever changes a byte of a stored audit row is found, and so is a trail that was written anew."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.storage import audit
from bot.storage.audit import SYSTEM
from bot.storage.db import Db
from tests.storage.conftest import NOW, in_the_words_of_sqlite
from tests.storage.test_audit import HASHES, NUMBERS, TEXTS, tamper, write_some

pytestmark = in_the_words_of_sqlite
COLUMNS = (*TEXTS, *HASHES, *NUMBERS)


async def stored(db: Db) -> list[tuple[int, str, bytes, str]]:
    """Return every value of every row as the bytes that are stored, with the kind of the value."""
    found = []
    async with db.begin() as tx:
        for column in COLUMNS:
            asked = text(f"SELECT id, CAST({column} AS BLOB), typeof({column}) FROM audit")
            found += [
                (row[0], column, row[1], row[2]) for row in await tx.execute(asked) if row[1] is not None
            ]
    return found


async def flip_and_verify(db: Db, row: int, column: str, value: bytes, kind: str) -> list[str]:
    async with db.begin() as tx:
        change = text(f"UPDATE audit SET {column} = CAST(:value AS {kind}) WHERE id = :row")
        await tx.execute(text("SAVEPOINT flip"))
        try:
            await tx.execute(change, {"value": value, "row": row})
            return await audit.verify(tx)
        except IntegrityError:
            return ["two rows of one number: the database itself refuses it"]
        finally:
            await tx.execute(text("ROLLBACK TO flip"))


async def undetected(db: Db, every: int) -> tuple[list[str], int]:
    missed, tried, n = [], 0, 0
    for row, column, value, kind in await stored(db):
        for place in range(len(value)):
            n += 1
            if n % every:
                continue
            # Of a digit another digit, so that a number stays one; of any other byte its lowest bit.
            flipped = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
            tried += 1
            if not await flip_and_verify(db, row, column, flipped, kind.upper()):
                missed.append(f"row {row}, {column}, byte {place}")
    return missed, tried


async def test_p13_a_flipped_byte_of_an_audit_row_is_found(db: Db) -> None:
    """A sample of the bytes; it fails when a column is left out of the hash."""
    await write_some(db)
    await tamper(db)
    missed, tried = await undetected(db, every=9)
    assert tried > 100
    assert missed == []


@pytest.mark.slow
async def test_p13_each_flipped_byte_of_every_audit_row_is_found(db: Db) -> None:
    await write_some(db)
    await tamper(db)
    missed, tried = await undetected(db, every=1)
    assert tried > 1000
    assert missed == []


async def test_p13_a_row_with_a_right_hash_of_its_own_does_not_hold_the_next_one(db: Db) -> None:
    """Whoever knows how rows are hashed must write all of them anew that follow."""
    await write_some(db)
    async with db.begin() as tx:
        [row] = [each async for each in audit._raw(tx) if each.id == 2]
    forged = audit._hash({name: getattr(row, name) for name in audit._HASHED} | {"action": "forged"})
    await tamper(db, "UPDATE audit SET action = 'forged', hash = :hash WHERE id = 2", hash=forged)
    async with db.begin() as tx:
        assert await audit.verify(tx) == ["row 3: does not continue row 2"]


async def test_p13_a_trail_that_was_written_anew_does_not_hold_the_head_kept_outside(db: Db) -> None:
    """The chain of a forger is whole in itself: only a head that was kept elsewhere shows it."""
    await write_some(db)
    async with db.begin() as tx:
        anchor = await audit.head(tx)
    await tamper(db, "DELETE FROM audit", "DELETE FROM audit_words")
    for n in range(anchor[0]):
        async with db.begin() as tx:
            await audit.record(tx, SYSTEM, f"forged{n}", None, NOW)
    async with db.begin() as tx:
        assert await audit.verify(tx) == []
        assert await audit.verify(tx, anchor) == [f"row {anchor[0]} is not in the trail as it was anchored"]


async def test_p13_a_reason_written_into_a_row_that_had_none_is_found(db: Db) -> None:
    """What proves the words is hashed with the row: where there are none, nothing else would show it."""
    async with db.begin() as tx:
        await audit.record(tx, SYSTEM, "move", None, NOW)
    await tamper(db, "UPDATE audit SET reason = 'forged'")
    async with db.begin() as tx:
        assert await audit.verify(tx) == ["row 1: was changed"]
