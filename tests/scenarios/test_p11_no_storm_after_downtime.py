"""P11: after an outage nobody gets a heap, and the coordinator learns in one message what it did."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.services.operation import watching
from tests.scenarios.machine import Machine, counting, machine

# 9:00 in Shanghai, three days before the first infusion.
START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
DAY1 = date(2026, 12, 4)


async def outage(site: Machine, people: int, days: float, hours: float) -> tuple[dict[int, list[str]], str]:
    """Let people join, let the bot live for some days, be down, and come back; return what rang then."""
    async with site.running():
        coordinator = await site.staff("Lin")
        crowd = [await site.participant(f"{n:03}", DAY1) for n in range(1, people + 1)]
        await site.until(START + timedelta(days=days))
    site.clock.set(site.clock.now() + timedelta(hours=hours))
    with counting(site.world) as rung:
        async with site.running() as app:
            await app.settle()
            at_once = {person.id: list(rung.get(person.id, [])) for person in crowd}
            assert coordinator.id not in rung
            await site.until(site.clock.now() + timedelta(minutes=6))
            await watching.look(app.study)
    return at_once, "\n\n".join(rung.get(coordinator.id, []))


async def test_p11_after_six_hours_everyone_gets_one_message_at_most(tmp_path: Path) -> None:
    """Down while the reminder of 18:00 and the check-in of 19:00 fall due: the one waits for the other."""
    async with machine(tmp_path, START) as site:
        at_once, digest = await outage(site, people=4, days=2.2, hours=6)
    assert max(len(letters) for letters in at_once.values()) <= 1
    assert digest.count("the program was not running") == 1
    assert "4 were sent late (001, 002, 003, 004)" in digest


async def test_p11_what_is_too_late_is_dropped_counted_and_told(tmp_path: Path) -> None:
    """Three days down: reminders of an infusion that is over help nobody."""
    async with machine(tmp_path, START) as site:
        at_once, digest = await outage(site, people=2, days=1, hours=72)
    assert all(len(letters) <= 1 for letters in at_once.values()), at_once
    assert "were too late and were not sent (001, 002)" in digest
    assert "It did not run from Dec 2 09:00" in digest


async def test_p11_a_short_break_is_not_told(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site:
        _, digest = await outage(site, people=1, days=0.1, hours=0.2)
    assert digest == ""


@pytest.mark.slow
async def test_p11_five_hundred_people_and_six_hours(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site:
        at_once, _ = await outage(site, people=500, days=2.2, hours=6)
    assert len(at_once) == 500
    assert max(len(letters) for letters in at_once.values()) == 1
