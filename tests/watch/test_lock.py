"""One program works; the other one waits, and takes over when the first is gone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import PushedClock
from bot.storage import instance
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.watch.lock import LockLost, held, live_holder, this_program
from tests.watch.conftest import START


@pytest.fixture
async def clock():
    return PushedClock(START, jump=False)


@pytest.fixture
async def db():
    db = await Db.open("sqlite+aiosqlite://", Vault("x"), durable=False)
    await db.migrate()
    yield db
    await db.close()


def elsewhere(clock, host="the other machine"):
    return replace(this_program(clock), id=host, host=host, place=host)


async def holder(db):
    async with db.begin() as tx:
        return await instance.holder(tx)


async def passes(clock: PushedClock, seconds: int) -> None:
    for _ in range(seconds * 2):
        await clock.push(timedelta(seconds=0.5))
        await asyncio.sleep(0.002)  # the database's thread lives in real time


async def test_the_lock_says_who_works_and_is_given_back(db, clock):
    mine = this_program(clock)
    async with held(db, clock, mine):
        assert (await holder(db)).pid == mine.pid
        assert str(mine.pid) in str(await holder(db))
    assert await holder(db) is None


async def test_a_program_that_died_on_this_machine_is_replaced_at_once(db, clock, monkeypatch):
    dead = replace(this_program(clock), id="dead", pid=4_000_000)
    async with db.begin() as tx:
        await instance.take(tx, dead, None)
    async with held(db, clock, this_program(clock)):
        assert (await holder(db)).id != "dead"


async def test_the_other_one_waits_while_there_are_signs_of_life_and_then_takes_over(db, clock, caplog):
    first = elsewhere(clock)
    async with db.begin() as tx:
        await instance.take(tx, first, None)
    mine = this_program(clock)
    entered = asyncio.Event()

    async def wait_for_it() -> None:
        async with held(db, clock, mine):
            entered.set()
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait_for_it())
    for _ in range(6):
        await passes(clock, 5)
        async with db.begin() as tx:
            assert await instance.beat(tx, first, replace(first, beat=first.beat + 1))
        first = replace(first, beat=first.beat + 1)
    assert not entered.is_set()
    assert "waiting: another program works on this database (the other machine" in caplog.text
    await passes(clock, 23)
    assert entered.is_set()
    assert (await holder(db)).id == mine.id
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_program_that_was_overtaken_learns_of_it(db, clock):
    async with held(db, clock, this_program(clock)) as lost:
        async with db.begin() as tx:
            assert await instance.take(tx, elsewhere(clock), await instance.holder(tx))
        await passes(clock, 6)
        with pytest.raises(LockLost, match="the other machine"):
            await lost
    assert (await holder(db)).id == "the other machine"


async def test_a_beat_that_cannot_be_written_ends_nothing(db, clock, monkeypatch):
    from sqlalchemy.exc import OperationalError

    async def full(*_):
        raise OperationalError("UPDATE", {}, Exception("disk full"))

    async with held(db, clock, this_program(clock)) as lost:
        with monkeypatch.context() as patch:
            patch.setattr(instance, "beat", full)
            await passes(clock, 30)
        assert not lost.done()
        await passes(clock, 6)
        assert not lost.done()


async def test_whether_somebody_works_can_be_asked_from_outside(db, clock):
    asking = PushedClock(START)
    assert await live_holder(db, asking) is None
    async with db.begin() as tx:
        await instance.take(tx, elsewhere(clock), None)
    assert await live_holder(db, asking) is None  # no sign of life while we waited
