"""A fever from the report to the acknowledgement, with PostgreSQL underneath."""

from datetime import date, time

import pytest

from bot.storage import audit, outbox
from tests.postgres import Server
from tests.scenarios.ward_round import ward_round

pytestmark = pytest.mark.postgres

ON = date(2026, 12, 10)


async def test_a_fever_is_reported_paged_taken_and_written_down(postgres: Server) -> None:
    url = postgres.url(await postgres.ready())
    async with ward_round(ON, time(10), language="en", database_url=url) as round_:
        await round_.tap("🩺 Report now")
        await round_.say("39.2")
        await round_.tap("Armpit")
        assert await round_.tier() is not None
        assert round_.got(round_.investigator, "001")
        round_.investigator.tap("✋ I take it")
        await round_.act()
        alert = await round_.alert()
        assert alert is not None
        assert alert.acknowledged_by is not None
        # What is due meanwhile goes out by itself.
        await round_.minutes(12)
        async with round_.theatre.stage.study.db.begin() as tx:
            assert await audit.verify(tx, await audit.head(tx)) == []
            assert set(await outbox.counts(tx)) <= {"sent", "queued", "skipped", "expired"}
