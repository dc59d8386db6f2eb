"""What staff typed for the trail: nobody reads it in a stolen file, and it cannot be exchanged unnoticed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.people import PersonRef
from bot.storage import audit
from bot.storage.db import Db
from bot.storage.types import Subject
from bot.storage.vault import Vault
from tests.storage.conftest import NOW, in_the_words_of_sqlite
from tests.storage.test_audit import problems, tamper

pytestmark = in_the_words_of_sqlite
AFTER = {"visit": "D14", "where": "the hospital of her village", "on": "2026-12-04"}


async def typed(db: Db, why: str = "her son marries") -> None:
    async with db.begin() as tx:
        visit = Subject("visit", 1)
        await audit.record(
            tx, PersonRef("staff", 3), "settle", visit, NOW, before={"note": "old"}, after=AFTER, reason=why
        )


async def test_words_are_read_as_they_were_told_and_stand_in_no_row(db):
    await typed(db)
    async with db.begin() as tx:
        [row] = await audit.page(tx)
        [stored] = await tx.execute(text("SELECT before, after, reason FROM audit"))
    assert (row.before, row.after, row.reason) == ({"note": "old"}, AFTER, "her son marries")
    assert "village" not in stored.after
    assert "D14" in stored.after
    assert stored.before == "{}"
    assert stored.reason.startswith("sealed:")
    assert await problems(db) == []


async def test_the_same_words_twice_leave_nothing_alike(db):
    await typed(db)
    await typed(db)
    async with db.begin() as tx:
        one, two = await tx.execute(text("SELECT reason FROM audit"))
    assert one.reason != two.reason


async def test_words_of_another_row_are_found(db):
    await typed(db)
    await typed(db, "her son does not marry")
    await tamper(db, "UPDATE audit_words SET words_box = (SELECT words_box FROM audit_words WHERE id = 2)")
    assert await problems(db) == ["row 1: its words were changed"]


async def test_words_sealed_anew_by_whoever_has_the_key_are_found(db):
    await typed(db)
    forged = db.vault.seal('{"reason":"nothing","salt":"00"}')
    async with db.begin() as tx:
        await tx.execute(text("UPDATE audit_words SET words_box = :box"), {"box": forged})
    assert await problems(db) == ["row 1: its words were changed"]


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("DELETE FROM audit_words", "row 1: its words are not its own"),
        ("UPDATE audit_words SET words_box = x'00'", "row 1: its words cannot be opened"),
    ],
)
async def test_words_that_are_gone_or_broken_are_found(db, deed, found):
    await typed(db)
    await tamper(db, deed)
    assert await problems(db) == [found]


async def test_words_cannot_be_taken_out(db):
    await typed(db)
    with pytest.raises(DBAPIError, match="words of the audit trail stay"):
        async with db.begin() as tx:
            await tx.execute(text("DELETE FROM audit_words"))


async def test_a_new_key_leaves_the_trail_whole(db):
    await typed(db)
    async with db.begin() as tx:
        box = (await tx.execute(text("SELECT words_box FROM audit_words"))).scalar_one()
        await tx.execute(
            text("UPDATE audit_words SET words_box = :box"), {"box": Vault("new").seal(tx.open(box))}
        )
        tx.vault = Vault("new")
        assert await audit.verify(tx) == []
        assert (await audit.page(tx))[0].reason == "her son marries"


async def test_a_row_from_before_words_were_sealed_is_read_and_whole(db):
    async with db.begin() as tx:
        values = {"reason": "as it was then", "hash": ""}
        await audit.record(tx, audit.SYSTEM, "move", None, NOW)
    await tamper(db, "UPDATE audit SET reason = :reason", reason=values["reason"])
    async with db.begin() as tx:
        [row] = [each async for each in audit._raw(tx)]
        values["hash"] = audit._hash({name: getattr(row, name) for name in audit._HASHED})
        await tx.execute(text("UPDATE audit SET hash = :hash"), {"hash": values["hash"]})
    assert await problems(db) == []
    async with db.begin() as tx:
        assert (await audit.page(tx))[0].reason == "as it was then"
