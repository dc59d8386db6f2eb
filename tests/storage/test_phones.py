"""Numbers are sealed, replaced and forgotten."""

from datetime import UTC, date, datetime

from sqlalchemy import text

from bot.storage import participants, phones

NOW = datetime(2026, 12, 1, tzinfo=UTC)


async def enrolled(tx):
    return await participants.add(
        tx,
        code="001",
        arm="NK010",
        dose=2.5e9,
        day1_on=date(2026, 12, 4),
        icf_on=date(2026, 11, 20),
        language="en",
        zone="Asia/Shanghai",
        now=NOW,
    )


async def test_a_number_is_sealed_replaced_and_forgotten(db):
    async with db.begin() as tx:
        someone = await enrolled(tx)
        assert await phones.get(tx, someone.id) is None
        await phones.put(tx, someone.id, "+8613800000000", NOW)
        await phones.put(tx, someone.id, "+8613900000000", NOW)
        [row] = (await tx.execute(text("SELECT phone_box FROM phones"))).all()
        assert b"139" not in row.phone_box
        assert await phones.get(tx, someone.id) == "+8613900000000"
        assert await phones.is_known(tx, someone.id)
        assert await phones.drop(tx, someone.id)
        assert not await phones.drop(tx, someone.id)
        assert not await phones.is_known(tx, someone.id)
