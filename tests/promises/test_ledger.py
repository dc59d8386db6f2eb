"""The ledger of a long run can fail: of what is taken away or doubled, its lines say so."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import TZPATH, reset_tzpath

import pytest

from bot.sandbox.rehearsal import rehearsal
from bot.services.participation import enrolment
from bot.storage import tables
from tests.promises import zones
from tests.promises.ledger import balance
from tests.promises.reminded import Reminded
from tests.promises.town import Town

START = datetime(2026, 12, 1, 2, tzinfo=UTC)
REMINDED, LETTERS = 4, 6


@pytest.fixture
def zones_folder(tmp_path, monkeypatch):
    before = TZPATH
    monkeypatch.setattr(enrolment, "CODE_FORMAT", enrolment.CODE_FORMAT)
    zones.known_from(tmp_path)
    yield tmp_path
    reset_tzpath(before)


@asynccontextmanager
async def quiet_town(folder):
    """A town in which nothing goes wrong: four reminders fall due, and one broadcast goes out."""
    async with rehearsal(START) as stage:
        town = Town(stage.world, Random(1), Reminded(folder, Random(1)))
        await town.settle_in(stage.study, alarms=1, writers=1, reminded=REMINDED)
        await town.reminded.plan(stage.study, REMINDED - 1, seconds=5)
        town.announcer.begin(stage.clock.now())
        for _ in range(20):
            await stage.settle()
            await town.acted()
            stage.clock.set(stage.clock.now() + timedelta(seconds=1))
        yield town, stage.study


def faults_of(ledger):
    return [each.partition(":")[0] for each in ledger.faults]


async def test_where_nothing_goes_wrong_every_reminder_and_every_letter_comes_once(zones_folder):
    async with quiet_town(zones_folder) as (town, study):
        ledger = await balance(town, study)
    assert ledger.faults == []
    counted = ("reminders that fell due", "reminders that came", "letters of broadcasts", "letters that came")
    assert [ledger.lines[each] for each in counted] == [REMINDED, REMINDED, LETTERS, LETTERS]
    assert ledger.lines["broadcasts confirmed"] == 1


async def test_a_reminder_that_is_taken_away_doubled_or_late_is_a_fault(zones_folder):
    async with quiet_town(zones_folder) as (town, study):
        came = town.reminded.came
        # Whoever answered, and has time: the narrow one is planned last.
        chat = next(each for each in town.reminded.meant if each in town.actors)
        meant, (at,) = town.reminded.meant[chat], came[chat]

        async def with_copies(*copies):
            came[chat] = list(copies)
            return faults_of(await balance(town, study))

        unexplained = "P7 reminders in more copies than kills and lost answers explain"
        assert await with_copies(at) == []
        assert await with_copies() == ["P7 reminders lost"]
        assert await with_copies(at, at) == [unexplained]
        assert await with_copies(at, at, at) == [unexplained, "P8 reminders in more than two copies"]
        late = at + timedelta(minutes=1)
        assert await with_copies(at, late) == [unexplained, "P8 second copies after the answer"]
        assert await with_copies(meant.expires_at + timedelta(seconds=3)) == [
            "P6 reminders that came too late"
        ]
        came[chat] = [at]
        del town.reminded.meant[chat]
        assert faults_of(await balance(town, study)) == ["P7 reminders that nobody was to get"]


async def test_a_reminder_written_off_before_its_time_is_a_fault(zones_folder):
    async with quiet_town(zones_folder) as (town, study):
        chat, meant = next(iter(town.reminded.meant.items()))
        town.reminded.came[chat].clear()
        rows = tables.outbox.update().where(tables.outbox.c.key == meant.key)
        for at, faults in ((meant.expires_at, []), (meant.due_at, ["P7 reminders lost"])):
            async with study.db.begin() as tx:
                await tx.execute(rows.values(state="expired", settled_at=at))
            assert faults_of(await balance(town, study)) == faults


async def test_a_letter_that_is_taken_away_doubled_or_not_told_of_is_a_fault(zones_folder):
    async with quiet_town(zones_folder) as (town, study):
        letter = next(each for each in town.copies if each[0] in town.everybody and "第1号通知" in each[1])
        of_nobody, double = "messages kept as sent that nobody got", "P5 letters in two copies"

        async def with_copies(count):
            town.copies[letter] = count
            return faults_of(await balance(town, study))

        assert await with_copies(1) == []
        assert await with_copies(0) == [of_nobody, "P5 letters lost"]
        assert double in await with_copies(2)
        town.copies[letter] = 0
        key = f"broadcast:1:{town.everybody[letter[0]]}"
        async with study.db.begin() as tx:
            await tx.execute(
                tables.outbox.update().where(tables.outbox.c.key == key).values(state="uncertain")
            )
        # Uncertain, and its author is told: that is what is promised of a broadcast.
        assert faults_of(await balance(town, study)) == []


async def test_a_broadcast_that_was_confirmed_and_is_not_stored_is_a_fault(zones_folder):
    async with quiet_town(zones_folder) as (town, study):
        town.announcer.sent_off.append(2)
        assert faults_of(await balance(town, study)) == ["P5 broadcasts confirmed that are not stored once"]
