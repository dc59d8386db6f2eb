"""Updates: offsets, pollers, kinds, age."""

import asyncio
from datetime import timedelta

import pytest
from telegram.error import Conflict


@pytest.fixture
def said(wang):
    """Three updates that wait."""
    for text in ("一", "二", "三"):
        wang.say(text)
    return wang


def texts(answer):
    return [update["message"]["text"] for update in answer["result"]]


async def test_updates_stay_until_a_higher_offset_confirms_them(ask, world, said):
    first = await ask("getUpdates")
    assert texts(first) == texts(await ask("getUpdates")) == ["一", "二", "三"]
    ids = [update["update_id"] for update in first["result"]]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert texts(await ask("getUpdates", offset=ids[1])) == ["二", "三"]
    assert world.pending_updates() == 2
    assert texts(await ask("getUpdates", offset=0)) == ["二", "三"]
    assert texts(await ask("getUpdates", offset=ids[2] + 1)) == []
    assert world.pending_updates() == 0


async def test_a_negative_offset_keeps_only_the_last_ones(ask, world, said):
    assert texts(await ask("getUpdates", offset=-2)) == ["二", "三"]
    assert texts(await ask("getUpdates")) == ["二", "三"]
    assert texts(await ask("getUpdates", offset=-5)) == ["二", "三"]


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (0, 1), (-1, 1), (1000, 100)])
async def test_the_limit_is_held_between_1_and_100(ask, wang, limit, count):
    for number in range(101):
        wang.say(str(number))
    assert len((await ask("getUpdates", limit=limit))["result"]) == count


async def test_allowed_kinds_stay_until_others_are_named(ask, world, wang):
    await ask("getUpdates", allowed_updates=["callback_query"])
    wang.say("一")
    await ask("getUpdates")
    wang.say("二")
    assert world.pending_updates() == 0
    await ask("getUpdates", allowed_updates=[])
    wang.say("三")
    wang.block()
    waiting = (await ask("getUpdates"))["result"]
    assert [sorted(update) for update in waiting] == [
        ["message", "update_id"],
        ["my_chat_member", "update_id"],
    ]


async def test_kinds_that_come_on_request_only_do_so(world):
    world.updates.put("message_reaction", {})
    assert world.pending_updates() == 0


async def test_a_message_is_gone_after_a_day_and_a_press_after_150_seconds(ask, world, wang, clock):
    button = {"inline_keyboard": [[{"text": "好", "callback_data": "a"}]]}
    await ask("sendMessage", chat_id=wang.id, text="x", reply_markup=button)
    wang.say("一")
    wang.tap("好")
    await clock.push(timedelta(seconds=150))
    assert world.pending_updates() == 2
    await clock.push(timedelta(seconds=1))
    assert texts(await ask("getUpdates")) == ["一"]
    wang.say("二")
    await clock.push(timedelta(hours=24) - timedelta(seconds=150))
    assert texts(await ask("getUpdates")) == ["二"]


async def test_a_waiting_poll_wakes_at_once(bot, world, wang):
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await poller_waits(world)
    wang.say("到了")
    async with asyncio.timeout(5):
        assert [update.message.text for update in await poll] == ["到了"]


async def test_a_poll_that_waited_in_vain_comes_back_empty(world):
    async with asyncio.timeout(5):
        assert await world.updates.poll(0, 100, 0.01) == []


async def test_a_second_poller_makes_the_first_one_fail(ask, bot, world, wang):
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await poller_waits(world)
    second = asyncio.create_task(ask("getUpdates", timeout=50))
    with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
        await first
    await poller_waits(world)
    wang.say("好")
    assert texts(await second) == ["好"]


async def test_polling_is_refused_while_a_webhook_is_set(ask, bot, world):
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await poller_waits(world)
    await ask("setWebhook", url="https://example.invalid/hook")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await first
    answer = await ask("getUpdates")
    assert (answer["error_code"], answer["description"]) == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
    )


async def test_a_poller_that_left_disturbs_nobody(bot, ask, world, wang):
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await poller_waits(world)
    first.cancel()
    await asyncio.wait([first])
    await poller_waits(world, False)
    wang.say("一")
    assert texts(await ask("getUpdates", timeout=50)) == ["一"]


async def poller_waits(world, waits=True):
    """Let the loop turn until a poll waits in the server, or none does."""
    async with asyncio.timeout(5):
        while world.updates.polled != waits:  # noqa: ASYNC110 - the server tells nobody that somebody waits
            await asyncio.sleep(0)
