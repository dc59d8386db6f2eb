"""Faults on demand, as PTB's client meets them."""

import asyncio
from datetime import timedelta

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut


def written(person):
    return [message.text for message in person.messages if message.from_bot]


async def test_a_429_asks_for_its_seconds_and_takes_nothing(world, bot, wang, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    world.faults.add(method="sendMessage", kind="429", retry_after=7)
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(wang.id, "一")
    assert refusal.value.retry_after == timedelta(seconds=7)
    await bot.send_message(wang.id, "二")
    assert written(wang) == ["二"]


@pytest.mark.parametrize("kind", ["500", "502"])
async def test_a_server_error_takes_nothing(world, bot, wang, kind):
    world.faults.add(method="sendMessage", kind=kind, times=2)
    for _ in range(2):
        with pytest.raises(NetworkError) as refusal:
            await bot.send_message(wang.id, "一")
        assert not isinstance(refusal.value, BadRequest | TimedOut)
    assert written(wang) == []
    assert [(call.ok, call.description) for call in world.calls][-1] == (False, f"fault: {kind}")


@pytest.mark.parametrize(("kind", "arrived"), [("reset_before", []), ("reset_after", ["一"])])
async def test_a_reset_breaks_the_connection_before_or_after_the_message_was_taken(
    world, bot, wang, kind, arrived
):
    world.faults.add(method="sendMessage", kind=kind)
    with pytest.raises(NetworkError, match=r"ReadError|RemoteProtocolError"):
        await bot.send_message(wang.id, "一")
    assert written(wang) == arrived
    await bot.send_message(wang.id, "二")
    assert written(wang) == [*arrived, "二"]


async def test_a_delay_passes_on_the_world_s_clock(world, bot, wang, clock):
    before = clock.now()
    world.faults.add(kind="delay", seconds=5)
    await bot.send_message(wang.id, "一")
    assert clock.now() - before == timedelta(seconds=5)
    assert written(wang) == ["一"]


async def test_a_call_that_hangs_has_to_be_given_up(world, bot, wang):
    world.faults.add(method="sendMessage", kind="hang")
    with pytest.raises(TimedOut):
        await bot.send_message(wang.id, "一", read_timeout=0.05)
    assert written(wang) == []


async def test_a_fault_strikes_only_its_method_and_chat_and_as_often_as_said(world, bot, wang):
    other = world.add_person("李")
    other.start()
    fault = world.faults.add(method="sendMessage", kind="500", chat_id=wang.id, times=None)
    await bot.send_message(other.id, "一")
    await bot.get_me()
    for _ in range(3):
        with pytest.raises(NetworkError):
            await bot.send_message(wang.id, "一")
    world.faults.clear()
    await bot.send_message(wang.id, "二")
    assert (written(wang), fault.times) == (["二"], None)


async def test_a_poll_can_be_struck_too(world, bot, wang):
    wang.say("一")
    world.faults.add(method="getUpdates", kind="reset_after")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await asyncio.wait_for(bot.get_updates(), 5)) == 1
