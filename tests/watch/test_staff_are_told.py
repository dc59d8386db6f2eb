"""What staff see of the watching: the pinned status, and the daily test of the page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.people import Role
from bot.sandbox.person import Person
from bot.services.operation import selftest
from bot.services.people import who
from bot.services.staff import oncall
from bot.storage import meta, outbox
from bot.transport.board import Board
from tests.scenarios.machine import Machine, machine

# 9:31 in Shanghai.
START = datetime(2026, 12, 2, 1, 31, tzinfo=UTC)


async def test_coordinators_have_one_pinned_status_that_is_renewed(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        lin = await site.staff("Lin")
        song = await site.staff("Song", Role.PI)
        board = Board(app.study, app.application.bot)
        assert await board.renew(()) == 1
        pinned = lin.pinned
        assert "✅ All is well, Dec 2 09:31." in pinned.text
        before = len(lin.messages)
        site.clock.set(START + timedelta(minutes=5))
        await board.renew(("disk",))
        assert len(lin.messages) == before
        assert "⚠️ Not all is well, Dec 2 09:36:" in lin.pinned.text
        assert "The disk is nearly full" in lin.pinned.text
        assert song.pinned is None


async def test_a_status_that_cannot_be_edited_any_more_is_written_anew(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        lin = await site.staff("Lin")
        board = Board(app.study, app.application.bot)
        await board.renew(())
        first = lin.pinned.id
        async with app.study.db.begin() as tx:
            await meta.put(tx, "status_message:1:1", "999999")
        await board.renew(())
        assert lin.pinned.id > first


async def on_call(site: Machine, name: str) -> Person:
    person = await site.staff(name, Role.PI)
    member = await who(site.app.study, person.id)
    await oncall.set_duty(site.app.study, member.ref, on=True)
    return person


async def second_channel(site: Machine) -> list[str]:
    async with site.app.study.db.begin() as tx:
        return [each.kind for each in await outbox.latest(tx) if each.channel == "second"]


async def test_the_daily_test_is_passed_with_one_press(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        song = await on_call(site, "Song")
        for _ in range(2):
            await selftest.tick(app.study)
            await app.settle()
        assert "This is a test. Nobody needs help." in song.last.text
        song.tap("✅ Seen")
        await app.settle()
        assert "✅ Seen by Song" in song.last.text
        site.clock.set(START + timedelta(minutes=61))
        await selftest.tick(app.study)
        assert await second_channel(site) == []


async def test_a_test_that_nobody_sees_within_an_hour_goes_over_the_second_channel(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        await on_call(site, "Song")
        await selftest.tick(app.study)
        site.clock.set(START + timedelta(minutes=59))
        await selftest.tick(app.study)
        assert await second_channel(site) == []
        site.clock.set(START + timedelta(minutes=61))
        for _ in range(2):
            await selftest.tick(app.study)
        assert await second_channel(site) == ["selftest_second"]


async def test_where_nobody_is_on_call_the_coordinators_hear_of_it(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        lin = await site.staff("Lin")
        await selftest.tick(app.study)
        await app.settle()
        assert "Nobody is on call" in lin.last.text
        assert await second_channel(site) == ["ops_second"]
