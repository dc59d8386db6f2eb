"""From an update to the committed answer and its reply, beside a bot that echoes and keeps nothing."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, MessageHandler, filters

from tests.bench.far import FIRST_PERSON, Far, Plan, far
from tests.bench.figures import Figure, middle, percentile
from tests.bench.house import folder, join, living, open_durable, processor_seconds

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PEOPLE, TAPS = 20, 300
# A chat may get a message a second: slower taps do not wait for the gate, which is measured elsewhere.
THINK = 1.2
PLAN = Plan(PEOPLE, think=THINK)

Measured = tuple[list[float], float]
"""Seconds from each update to its reply, and processor seconds for an update."""


async def run() -> list[Figure]:
    """Measure both bots, turn about."""
    ours, echoes = [], []
    for _ in range(RUNS):
        ours.append(await _ours())
        echoes.append(await _echo())
    cost, base = middle(each[1] for each in ours), middle(each[1] for each in echoes)
    return [
        *(_latency(percent, ours, echoes) for percent in (50, 99)),
        Figure(
            "an update: processor time",
            f"{cost * 1e3:.2f} ms, {cost / base:.1f} times",
            "2.5 times",
            cost <= 2.5 * base,
            f"{base * 1e3:.2f} ms (echo bot of python-telegram-bot)",
        ),
    ]


def _latency(percent: int, ours: list[Measured], echoes: list[Measured]) -> Figure:
    own, base = (middle(percentile(each[0], percent) for each in both) * 1e3 for both in (ours, echoes))
    return Figure(f"update to committed reply, p{percent}", f"{own:.1f} ms", "", None, f"{base:.1f} ms")


async def _ours() -> Measured:
    """Let participants tap through reports of their own accord, one tap after the other for each."""
    async with folder() as path, far(PLAN) as there:
        study = await open_durable(path)
        for number in range(PEOPLE):
            await join(study, number, number)
        async with living(study, there):
            await there.ask("answering", list(range(PEOPLE)))
            measured = await _measured(there, lambda: there.ask("everyone_says", ["/report"]))
        await study.db.close()
        return measured


async def _echo() -> Measured:
    async with far(PLAN) as there:
        application = _plain_bot(there)
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling()
            try:
                return await _measured(there, lambda: there.ask("everyone_says", ["hello"]))
            finally:
                await application.updater.stop()
                await application.stop()


def _plain_bot(there: Far) -> Application:
    async def echo(update: Update, context: object) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    base = f"{there.url}/bot"
    application = ApplicationBuilder().token(there.token).base_url(base).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    return application


async def _measured(there: Far, stir: Callable[[], Awaitable[object]]) -> Measured:
    """Stir until enough updates came; the first ones warm up and do not count."""
    await stir()
    await _rest(there)
    calls, updates = await there.ask("log")
    skip, before = (len(calls), len(updates)), processor_seconds()
    while (await there.ask("count"))[1] < skip[1] + TAPS:
        await stir()
        await _rest(there)
    used = processor_seconds() - before
    calls, updates = await there.ask("log")
    calls, updates = calls[skip[0] :], updates[skip[1] :]
    return _times(calls, updates), used / len(updates)


async def _rest(there: Far) -> None:
    """Wait until nothing has come for longer than anybody thinks."""
    seen = None
    while seen != (seen := await there.ask("count")):
        await asyncio.sleep(THINK + 0.3)


def _times(calls: list, updates: list) -> list[float]:
    """Pair each update with the first message or edit to its person that follows it."""
    replies = defaultdict(list)
    for at, method, chat, _, _ in calls:
        if method in ("sendMessage", "editMessageText"):
            replies[int(chat)].append(at)
    found = []
    for at, person, _ in updates:
        after = next((reply for reply in replies[person] if reply >= at), None)
        if after is not None and person >= FIRST_PERSON:
            found.append(after - at)
    return found
