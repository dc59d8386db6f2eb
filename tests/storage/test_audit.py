"""Append-only, chained: whatever is changed, cut out or added afterwards is found."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.people import PersonRef
from bot.storage import audit
from bot.storage.audit import GENESIS, SYSTEM, Actor
from bot.storage.db import Db
from bot.storage.tables import audit as table
from bot.storage.types import Subject
from tests.storage.conftest import MINUTE, NOW, in_the_words_of_sqlite

# An intruder with the file; test_postgres.py has one at the server.
pytestmark = in_the_words_of_sqlite

ROWS = 5
TEXTS = ("at", "zone", "actor_kind", "actor_name", "action", "subject_kind", "before", "after", "reason")
HASHES = ("prev_hash", "hash")
NUMBERS = ("id", "actor_id", "subject_id")


async def write_some(db: Db) -> None:
    for n in range(ROWS):
        async with db.begin() as tx:
            actor = PersonRef("staff", 3) if n % 2 else Actor("operator", "root")
            await audit.record(
                tx,
                actor,
                "visit.move",
                Subject("visit", n),
                NOW + n * MINUTE,
                before={"on": "2026-12-01", "n": n},
                after={"on": "2026-12-04", "n": n},
                reason="holiday 假日",
                zone="Asia/Shanghai",
            )


@pytest.fixture
async def trail(db) -> Db:
    await write_some(db)
    return db


async def tamper(db: Db, *statements: str, **values) -> None:
    """Do what an intruder with the file could do: drop the triggers, and change rows."""
    async with db.begin() as tx:
        await tx.execute(text("DROP TRIGGER IF EXISTS audit_never_updated"))
        await tx.execute(text("DROP TRIGGER IF EXISTS audit_never_deleted"))
        await tx.execute(text("DROP TRIGGER IF EXISTS audit_words_never_deleted"))
        await tx.execute(text("PRAGMA ignore_check_constraints = ON"))
        for statement in statements:
            await tx.execute(text(statement), values)


async def problems(db: Db, anchor=None) -> list[str]:
    async with db.begin() as tx:
        return await audit.verify(tx, *([anchor] if anchor else []))


async def test_a_trail_that_was_left_alone_is_whole(trail):
    async with trail.begin() as tx:
        assert await audit.verify(tx, await audit.head(tx)) == []


async def test_an_empty_trail_is_whole(db):
    async with db.begin() as tx:
        assert await audit.head(tx) == (0, GENESIS)
        assert await audit.verify(tx, (0, GENESIS)) == []


async def test_a_row_tells_all(trail):
    async with trail.begin() as tx:
        _, row, *_ = await audit.page(tx)
        assert await audit.about(tx, Subject("visit", 1)) == [row]
        assert await audit.page(tx, after=ROWS) == []
    assert (row.id, row.at, row.zone) == (2, NOW + MINUTE, "Asia/Shanghai")
    assert (row.actor_kind, row.actor_id, row.actor_name) == ("staff", 3, None)
    assert (row.before, row.after) == ({"on": "2026-12-01", "n": 1}, {"on": "2026-12-04", "n": 1})
    assert row.reason == "holiday 假日"


async def test_several_rows_of_one_transaction_are_chained(db):
    async with db.begin() as tx:
        for n in range(4):
            await audit.record(tx, SYSTEM, f"step{n}", None, NOW)
    async with db.begin() as tx:
        assert [row.action for row in await audit.page(tx)] == ["step0", "step1", "step2", "step3"]
    assert await problems(db) == []


async def test_what_is_rolled_back_leaves_no_gap(db):
    async def fail() -> None:
        async with db.begin() as tx:
            await audit.record(tx, SYSTEM, "lost", None, NOW)
            raise KeyError("k")

    with pytest.raises(KeyError):
        await fail()
    await write_some(db)
    assert await problems(db) == []


async def test_those_who_write_at_once_make_one_chain(db):
    async def write(n: int) -> None:
        async with db.begin() as tx:
            await audit.record(tx, SYSTEM, "a", Subject("x", n), NOW)
            await asyncio.sleep(0)
            await audit.record(tx, SYSTEM, "b", Subject("x", n), NOW)

    await asyncio.gather(*(write(n) for n in range(20)))
    assert await problems(db) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'another' WHERE id = 2",
        "DELETE FROM audit WHERE id = 5",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 2",
        "REPLACE INTO audit (id, at, zone, actor_kind, action, prev_hash, hash)"
        " VALUES (2, 'a', 'b', 'system', 'c', 'd', 'e')",
    ],
)
async def test_the_database_refuses_to_change_the_trail(trail, statement):
    with pytest.raises(DBAPIError, match="append-only"):
        async with trail.begin() as tx:
            await tx.execute(text(statement))
    assert await problems(trail) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_p13_any_flipped_character_is_found(trail, data):
    column, row = data.draw(st.sampled_from(TEXTS + HASHES)), data.draw(st.integers(1, ROWS))
    async with trail.begin() as tx:
        at_rest = text(f"SELECT {column} FROM audit WHERE id = {row}")
        old: str | None = (await tx.execute(at_rest)).scalar_one()
    if not old:
        new = data.draw(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
        )
    else:
        place, bit = data.draw(st.integers(0, len(old) - 1)), data.draw(st.integers(0, 6))
        new = old[:place] + chr(ord(old[place]) ^ (1 << bit)) + old[place + 1 :]
    change = f"UPDATE audit SET {column} = :value WHERE id = {row}"
    await tamper(trail, change, value=new)
    assert await problems(trail) != []
    await tamper(trail, change, value=old)
    assert await problems(trail) == []


@pytest.mark.parametrize("column", [*TEXTS, *NUMBERS, *HASHES])
@pytest.mark.parametrize("row", [1, 3, ROWS])
async def test_p13_any_field_set_to_another_value_is_found(trail, column, row):
    other = "900" if column in NUMBERS else "'2'"
    await tamper(trail, f"UPDATE audit SET {column} = {other} WHERE id = {row}")
    assert await problems(trail) != []


@pytest.mark.parametrize("column", ["actor_name", "subject_kind", "subject_id", "before", "after", "reason"])
async def test_a_field_that_was_emptied_is_found(trail, column):
    await tamper(trail, f"UPDATE audit SET {column} = NULL WHERE id = 1")
    assert (await problems(trail))[0] == "row 1: was changed"


async def test_every_column_is_covered():
    assert {*TEXTS, *NUMBERS, *HASHES} == {column.name for column in table.columns}


@pytest.mark.parametrize("row", range(1, ROWS))
async def test_a_row_cut_out_is_found(trail, row):
    await tamper(trail, f"DELETE FROM audit WHERE id = {row}")
    assert await problems(trail) != []


async def test_a_tail_cut_off_is_found_by_the_anchor_outside(trail):
    async with trail.begin() as tx:
        anchor = await audit.head(tx)
    await tamper(trail, f"DELETE FROM audit WHERE id = {ROWS}")
    assert await problems(trail) == []
    assert await problems(trail, anchor) == [f"row {ROWS} is not in the trail as it was anchored"]


async def test_a_trail_written_anew_is_found_by_the_anchor_outside(trail):
    async with trail.begin() as tx:
        anchor = await audit.head(tx)
    await tamper(trail, "DELETE FROM audit", "DELETE FROM audit_words")
    async with trail.begin() as tx:
        for _ in range(ROWS):
            await audit.record(tx, SYSTEM, "nothing happened", None, NOW)
    assert await problems(trail) == []
    assert await problems(trail, anchor) != []


async def test_an_older_anchor_is_found_in_a_trail_that_grew(trail):
    async with trail.begin() as tx:
        anchor = await audit.head(tx)
    await write_some(trail)
    assert await problems(trail, anchor) == []


async def test_bytes_that_are_no_text_are_found(trail):
    await tamper(trail, "UPDATE audit SET reason = CAST(x'ff' AS TEXT) WHERE id = 3")
    found = await problems(trail)
    assert found
    assert "cannot be read" in found[-1]


async def test_a_long_trail_is_read_page_by_page(db, monkeypatch):
    async with db.begin() as tx:
        for n in range(1100):
            await audit.record(tx, SYSTEM, "tick", Subject("x", n), NOW)
    assert await problems(db) == []
    await tamper(db, "UPDATE audit SET zone = 'X' WHERE id = 1050")
    assert await problems(db) == ["row 1050: was changed"]


async def test_which_actions_were_done_is_known_however_long_ago(db):
    async with db.begin() as tx:
        await audit.record(tx, SYSTEM, "first", Subject("x", 1), NOW)
        for n in range(600):
            await audit.record(tx, SYSTEM, "tick", Subject("x", n), NOW)
        await audit.record(tx, SYSTEM, "last", Subject("x", 1), NOW)
        assert await audit.done(tx, ("first", "last", "never")) == {"first", "last"}
        assert await audit.done(tx, ()) == frozenset()
