"""P14: a restore sends nothing stale and nothing twice, and says what was lost."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.clock import PushedClock
from bot.domain.people import Role
from bot.errors import Damaged
from bot.services.operation import backups, restoring
from bot.services.trail import SYSTEM, operator
from bot.storage import files, outbox, staff
from bot.storage.outbox import Intent
from bot.storage.vault import Vault
from tests.scenarios.machine import SECRET, Machine, counting, machine

# 9:00 in Shanghai, two days before the first infusion.
START = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
DAY1 = date(2026, 12, 4)
APPOINTMENT = "about an appointment"


async def lived_on(site: Machine) -> tuple[Path, list[str]]:
    """Back up and live on until the next evening; return the backup and what was sent since."""
    copy = site.folder / "backups" / "copy.db"
    async with site.running() as app:
        await site.staff("Lin")
        person = await site.participant("001", DAY1)
        await app.settle()
        await backups.make(app.study.db, site.clock, copy, SYSTEM)
        with counting(site.world) as rung:
            # 19:00 of the next day: the reminder of 18:00 is out, and nobody sleeps yet.
            await site.until(START + timedelta(hours=34))
    return copy, rung[person.id]


async def restore(site: Machine, copy: Path) -> restoring.Restored:
    by = operator("test")
    return await restoring.restore(site.database_url, site.database, copy, Vault(SECRET), site.clock, by)


async def test_p14_restore_drill_sends_nothing_twice_and_nothing_stale(tmp_path: Path) -> None:
    """It fails without the pause, and without taking over what the old file had sent."""
    async with machine(tmp_path, START) as site:
        copy, sent = await lived_on(site)
        # Check-ins are asked again: their answers went with the file.
        reminders = [text for text in sent if APPOINTMENT in text]
        assert reminders
        done = await restore(site, copy)
        assert done.copied_at is not None
        assert done.copied_at - START < timedelta(minutes=1)
        assert done.later is not None
        assert len(done.later.sent) >= len(sent)
        assert {to for _, _, to in done.later.sent} >= {"001"}
        with counting(site.world) as rung:
            async with site.running() as app:
                await site.until(site.clock.now() + timedelta(hours=1))
                assert app.paused
                assert not rung
                assert await restoring.resume(app.study, operator("test")) == 0
                await app.look_at_pause()
                await site.until(site.clock.now() + timedelta(hours=1))
    again = [text for texts in rung.values() for text in texts if text in reminders]
    assert again == []


async def test_p14_what_waited_in_the_copy_is_held_and_what_was_sent_since_stays_sent(tmp_path: Path) -> None:
    """The copy is made in the second in which a reminder is queued and not sent; a note waits for tonight."""
    async with machine(tmp_path, START) as site:
        copy = site.folder / "backups" / "copy.db"
        async with site.running() as app:
            lin = await site.staff("Lin")
            person = await site.participant("001", DAY1)
            await site.until(START + timedelta(hours=32, minutes=59))
            site.clock.set(START + timedelta(hours=33))
            await app.tick_once()
            await leave_a_note(app, site.clock.now() + timedelta(minutes=30))
            await backups.make(app.study.db, site.clock, copy, SYSTEM)
            with counting(site.world) as rung:
                await app.settle()
            [reminder] = rung[person.id]
        await restore(site, copy)
        with counting(site.world) as rung:
            async with site.running() as app:
                await site.until(site.clock.now() + timedelta(hours=1))
                assert not rung
                await restoring.resume(app.study, operator("test"))
                await app.look_at_pause()
                await site.until(site.clock.now() + timedelta(hours=1))
        assert reminder not in rung.get(person.id, [])
        assert sum("set aside" in text for text in rung[lin.id]) == 1


async def leave_a_note(app: App, at: datetime) -> None:
    async with app.study.db.begin() as tx:
        (member, *_) = await staff.active_with_roles(tx, [Role.COORDINATOR])
        note = Intent("waits", "staff_note", 1, member.ref, {"note": "quarantined"}, not_before=at)
        assert await outbox.enqueue(tx, note, app.study.clock.now())


async def test_p14_where_the_old_file_is_lost_what_may_have_gone_out_stays_out(
    tmp_path: Path,
) -> None:
    async with machine(tmp_path, START) as site:
        copy, sent = await lived_on(site)
        site.database.unlink()
        done = await restore(site, copy)
        assert done.later is None
        with counting(site.world) as rung:
            async with site.running() as app:
                assert await restoring.resume(app.study, operator("test")) is not None
                await app.look_at_pause()
                await site.until(site.clock.now() + timedelta(hours=1))
    assert [text for text in sent if APPOINTMENT in text]
    assert not [text for texts in rung.values() for text in texts if APPOINTMENT in text]


async def test_p14_somebody_in_need_is_heard_while_sending_is_paused(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site:
        copy, _ = await lived_on(site)
        await restore(site, copy)
        person = site.crowd["001"]
        with counting(site.world) as rung:
            async with site.running() as app:
                assert app.paused
                person.say("I can't breathe")
                await app.settle()
                # Nobody takes it: the pages go on although everything else waits.
                site.clock.set(site.clock.now() + timedelta(minutes=5))
                await app.settle()
        assert any("120" in text for text in rung[person.id])
        pages = [text for texts in rung.values() for text in texts if "RED · 001" in text]
        assert len(pages) == 2


async def test_what_was_there_is_kept_and_a_damaged_copy_changes_nothing(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site:
        copy, _ = await lived_on(site)
        before = site.database.read_bytes()
        broken = copy.with_name("broken.db")
        broken.write_bytes(copy.read_bytes()[:30_000])
        with pytest.raises(Damaged):
            await restore(site, broken)
        with pytest.raises(Damaged, match="another SECRET_KEY"):
            files.examine(copy, Vault("another"))
        assert site.database.read_bytes() == before
        done = await restore(site, copy)
        assert done.old is not None
        assert done.old.read_bytes()[:16] == b"SQLite format 3\0"


async def test_a_backup_is_verified_owner_only_anchored_and_the_oldest_go(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        folder = tmp_path / "backups"
        clock = PushedClock(START)
        for _ in range(3):
            made = await backups.make(app.study.db, clock, folder / backups.name_at(clock.now()), SYSTEM)
            clock.set(clock.now() + timedelta(days=1))
        assert backups.drop_oldest(folder, 2) == ["suifang-20261202T010000Z.db"]
        assert made.file.stat().st_mode & 0o777 == 0o600
        assert backups.read_heads(folder / backups.HEADS)[-1] == made.head
        assert not list(folder.glob("*.part"))
        with sqlite3.connect(made.file) as db:
            assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_a_backup_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    from bot.errors import SuifangError

    (tmp_path / "a file").write_text("")
    async with machine(tmp_path, START) as site, site.running() as app:
        with pytest.raises(SuifangError, match="cannot be written"):
            await backups.make(app.study.db, site.clock, tmp_path / "a file" / "copy.db", SYSTEM)
