"""The clock of the page, and how it is pushed: nothing that is due is skipped."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.tickingclock import TickingClock
from bot.sandbox.walking import BotIsBusy, Walker
from tests.sandbox_page.diary import DiaryBot, HandClock

START = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def machine():
    return HandClock(START)


@pytest.fixture
def clock(machine):
    return TickingClock(START, machine=machine)


def test_a_running_clock_passes_as_fast_as_it_is_told(clock, machine):
    clock.run(60)
    machine.seconds += 10
    assert clock.now() == START + timedelta(minutes=10)


def test_a_paused_clock_stands_still_while_the_machine_goes_on(clock, machine):
    clock.pause()
    machine.seconds += 10
    assert clock.now() == START
    assert clock.monotonic() == 10


def test_a_held_clock_waits_at_its_instant_and_goes_on_from_there(clock, machine):
    clock.run(3600)
    clock.hold(START + HOUR)
    machine.seconds += 5
    assert clock.now() == START + HOUR
    clock.hold(None)
    machine.seconds += 1
    assert clock.now() == START + 2 * HOUR


def test_a_jump_tells_who_listens_and_never_goes_back(clock):
    heard: list[datetime] = []
    clock.on_jump(heard.append)
    clock.jump(START + HOUR)
    clock.jump(START)
    assert heard == [START + HOUR, START + HOUR]


def test_monotonic_seconds_count_what_was_jumped_or_played_over_and_never_run_back(clock, machine):
    seen = [clock.monotonic()]
    clock.jump(START + HOUR)
    seen.append(clock.monotonic())
    clock.run(60)
    clock.hold(START + HOUR + timedelta(minutes=1))
    machine.seconds += 5
    seen.append(clock.monotonic())
    clock.pause()
    machine.seconds += 1
    seen.append(clock.monotonic())
    assert seen == [0, 3600, 3605, 3661]


def test_a_clock_refuses_a_naive_start_and_a_speed_that_is_none():
    with pytest.raises(ValueError, match="aware"):
        TickingClock(datetime(2026, 12, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="fast"):
        TickingClock(START, speed=0)


@given(st.lists(st.integers(0, 48 * 60), max_size=20), st.integers(1, 48 * 60))
def test_a_push_visits_each_event_at_its_own_instant_and_in_order(minutes, length):
    async def push():
        clock = TickingClock(START, machine=HandClock(START), running=False)
        due = [START + timedelta(minutes=minute) for minute in minutes]
        bot = DiaryBot(clock, due)
        bot.work()
        target = START + timedelta(minutes=length)
        passed = await Walker(clock, bot.hooks).to(target)
        assert [event for event, _ in bot.done] == sorted(event for event in due if event <= target)
        assert all(event == at for event, at in bot.done)
        assert passed == sorted({event for event in due if START < event <= target})
        assert clock.now() == target

    asyncio.run(push())


async def test_an_event_that_comes_up_on_the_way_is_visited_too(clock):
    bot = DiaryBot(clock, [START + HOUR])
    bot.follow_up = {START + HOUR: START + HOUR + timedelta(minutes=5)}
    clock.pause()
    passed = await Walker(clock, bot.hooks).to(START + 2 * HOUR)
    assert passed == [START + HOUR, START + HOUR + timedelta(minutes=5)]


async def test_a_year_without_events_passes_in_one_step(clock, machine):
    bot = DiaryBot(clock, [])
    steps = []
    walker = Walker(clock, bot.hooks)
    walker.on_step = lambda: steps.append(clock.now())
    clock.pause()
    await walker.to(START + timedelta(days=365))
    assert set(steps) == {START + timedelta(days=365)}
    assert machine.seconds < 1


async def test_a_stopped_push_ends_at_the_event_where_it_is(clock):
    bot = DiaryBot(clock, [START + hour * HOUR for hour in range(1, 9)])
    walker = Walker(clock, bot.hooks)
    walker.on_step = lambda: walker.stop() if clock.now() >= START + 3 * HOUR else None
    clock.pause()
    assert len(await walker.to(START + timedelta(days=1))) == 3
    assert clock.now() == START + 3 * HOUR


async def test_a_bot_that_leaves_undone_what_is_due_stops_the_push(clock):
    bot = DiaryBot(clock, [START + HOUR])
    bot.idle = True
    clock.pause()
    with pytest.raises(BotIsBusy):
        await Walker(clock, bot.hooks).to(START + timedelta(days=1))
    assert clock.now() == START + HOUR


async def test_a_clock_that_ran_before_a_push_runs_on_after_it(clock, machine):
    clock.run(60)
    await Walker(clock, DiaryBot(clock, []).hooks).to(START + HOUR)
    machine.seconds += 1
    assert clock.now() == START + HOUR + timedelta(minutes=1)


async def test_a_fast_clock_waits_at_each_event_until_it_is_dealt_with(clock, machine):
    due = [START + timedelta(minutes=7 * place) for place in range(1, 30)]
    bot = DiaryBot(clock, due)
    clock.hold(START)
    clock.run(3600)
    follower = asyncio.create_task(Walker(clock, bot.hooks).follow(again := asyncio.Event()))
    for _ in range(400):
        machine.seconds += 1
        again.set()
        await asyncio.sleep(0)
    follower.cancel()
    assert [event for event, _ in bot.done] == due
    assert all(event == at for event, at in bot.done)
