"""Telegram's rate limits, counted on a clock that is pushed."""

from datetime import timedelta

import pytest
from telegram.error import RetryAfter

from bot.sandbox.limits import Limits, RateLimiter
from bot.sandbox.refusals import Refusal


def taken(limiter, chat_id, times=100):
    """Return how many messages go through before one is refused."""
    for count in range(times):
        try:
            limiter.take(chat_id)
        except Refusal:
            return count
    return times


async def test_a_chat_takes_three_at_once_and_then_one_a_second(clock):
    limiter = RateLimiter(clock, Limits())
    assert taken(limiter, 1) == 3
    await clock.push(timedelta(seconds=1))
    assert taken(limiter, 1) == 1
    await clock.push(timedelta(seconds=2))
    assert taken(limiter, 1) == 2
    await clock.push(timedelta(seconds=60))
    assert taken(limiter, 1) == 3


async def test_over_all_chats_thirty_go_in_any_second(clock):
    limiter = RateLimiter(clock, Limits())
    assert sum(taken(limiter, chat, 1) for chat in range(1, 50)) == 30
    await clock.push(timedelta(seconds=0.9))
    assert taken(limiter, 99) == 0
    await clock.push(timedelta(seconds=0.1))
    assert sum(taken(limiter, chat, 1) for chat in range(101, 150)) == 30


async def test_a_group_takes_twenty_in_any_minute_and_says_when_the_next(clock):
    limiter = RateLimiter(clock, Limits(chat_per_second=None))
    assert taken(limiter, -5) == 20
    await clock.push(timedelta(seconds=15))
    with pytest.raises(Refusal, match="Too Many Requests: retry after 45") as refusal:
        limiter.take(-5)
    assert (refusal.value.code, refusal.value.parameters) == (429, {"retry_after": 45})
    assert taken(limiter, 5) == 30
    await clock.push(timedelta(seconds=45))
    assert taken(limiter, -5) == 20


async def test_the_rate_can_be_changed_while_it_runs(clock):
    limits = Limits(chat_per_second=None)
    limiter = RateLimiter(clock, limits)
    limits.per_second = 28
    assert taken(limiter, 1) == 28
    limits.per_second = None
    assert taken(limiter, 1) == 100


async def test_sends_edits_and_albums_count_and_answers_do_not(ask, wang, world):
    sent = await ask("sendMessage", chat_id=wang.id, text="1")
    there = {"chat_id": wang.id, "message_id": sent["result"]["message_id"]}
    assert (await ask("editMessageText", **there, text="2"))["ok"]
    assert (await ask("copyMessage", from_chat_id=wang.id, **there))["ok"]
    assert (await ask("editMessageText", **there, text="3"))[
        "description"
    ] == "Too Many Requests: retry after 1"
    assert wang.message(there["message_id"]).text == "2"
    assert (await ask("sendChatAction", chat_id=wang.id, action="typing"))["ok"]
    assert (await ask("deleteMessage", **there))["ok"]


async def test_ptb_reads_how_long_to_wait(bot, wang, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    for number in range(3):
        await bot.send_message(wang.id, str(number))
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(wang.id, "3")
    assert refusal.value.retry_after == timedelta(seconds=1)
