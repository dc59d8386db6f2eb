"""The morning digest: once a day to each coordinator, and silent when there is nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.people import Role
from bot.services.staff import rounds
from bot.services.staff.digest import DIGEST
from bot.storage import links, outbox
from bot.storage.outbox import Intent
from bot.storage.tables import outbox as table

EIGHT = datetime(2026, 12, 2, 0, 0, tzinfo=UTC)


@pytest.fixture
async def lin(ward):
    return await ward.staff()


async def morning(ward, at=EIGHT):
    await rounds.tick(ward.study)
    ward.study.clock.set(at)
    await rounds.tick(ward.study)
    return await ward.queue(DIGEST)


async def test_each_coordinator_gets_one_a_day_at_eight_and_physicians_none(ward, lin):
    hu = await ward.staff(9101, Role.COORDINATOR, "Hu")
    await ward.staff(9102, Role.PI, "Zhao")
    await ward.active(day1_on=date(2026, 12, 3))
    assert await morning(ward) != []
    await rounds.tick(ward.study)
    assert [each.key for each in await ward.queue(DIGEST)] == [
        f"digest:2026-12-02:{each.id}" for each in (lin, hu)
    ]
    async with ward.study.db.begin() as tx:
        assert await rounds.next_at(tx) == EIGHT + timedelta(days=1)


async def test_it_says_what_the_day_brings(ward, lin):
    await ward.active(9001, code="001", day1_on=date(2026, 12, 3))
    lost = await ward.active(9002, code="002", day1_on=date(2026, 12, 20))
    await ward.joined(9003, code="003", day1_on=date(2026, 12, 20))
    async with ward.study.db.begin() as tx:
        await links.mark_unreachable(tx, lost.ref, ward.study.clock.now())
    [message] = await morning(ward)
    shown = await ward.written(message)
    for words in (
        "Good morning",
        "<b>Tomorrow, Thu, Dec 3</b>",
        "Not confirmed yet: 001",
        "Cannot be reached here, please telephone: 002",
        "has not agreed, please telephone: 003",
        "[👤 001]",
        "[👤 003]",
    ):
        assert words in shown


async def test_with_nothing_to_say_it_is_silent(ward, lin):
    await ward.active(day1_on=date(2026, 12, 20))
    [message] = await morning(ward)
    assert await ward.written(message) == "skipped: nothing to say"


async def test_what_never_went_out_overnight_and_what_was_late_is_said(ward, lin):
    someone = await ward.active(day1_on=date(2026, 12, 20))
    now = ward.study.clock.now()
    async with ward.study.db.begin() as tx:
        for key, state, late in (("a", "expired", 0), ("b", "sent", 20), ("c", "sent", 1)):
            await outbox.enqueue(tx, Intent(key, "emergency", outbox.REMINDER, someone.ref), now)
            at = now + timedelta(minutes=late)
            sent_at = at if state == "sent" else None
            row = table.update().where(table.c.key == key)
            await tx.execute(row.values(state=state, settled_at=at, sent_at=sent_at))
    [message] = await morning(ward)
    shown = await ward.written(message)
    assert "1 message to a participant could not go out" in shown
    assert "1 message to a participant went out over 15 minutes late" in shown


async def test_after_an_outage_over_the_morning_none_comes_late(ward, lin):
    await ward.active(day1_on=date(2026, 12, 3))
    assert await morning(ward, EIGHT + timedelta(hours=5)) == []
    async with ward.study.db.begin() as tx:
        assert await rounds.next_at(tx) == EIGHT + timedelta(days=1)
