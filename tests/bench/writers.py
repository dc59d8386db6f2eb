"""Two hundred people who write at once while every call takes 50 ms."""

import asyncio
import os
import random
import time
from collections import defaultdict

from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.clock import SystemClock
from bot.storage import meta
from bot.transport.handling import current_update_id
from bot.transport.intake import Intake
from bot.transport.limiter import PriorityLimiter
from bot.transport.wire import build_application
from tests.bench.far import Far, Plan, far
from tests.bench.figures import Figure, middle
from tests.bench.house import folder, open_durable

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PEOPLE, EACH = 200, 5
PLAN = Plan(PEOPLE, per_second=None, chat_per_second=None, delay=0.05)
# Telegram's limits are lifted on both sides: what is measured is the way in, not the gate.
NO_LIMIT = 100_000


async def run() -> list[Figure]:
    """Measure ours with every update kept and every answer committed, and the usual bot beside it."""
    rates, usual, in_order = [], [], True
    for _ in range(RUNS):
        rate, ordered = await _ours()
        rates.append(rate)
        in_order &= ordered
        usual.append(await _usual())
    rate = middle(rates)
    order = "in order, durable" if in_order else "OUT OF ORDER"
    return [
        Figure(
            "200 people write at once, calls take 50 ms",
            f"{rate:.0f} updates/s, {order}",
            "250 updates/s",
            rate >= 250 and in_order,
            f"{middle(usual):.0f} updates/s (python-telegram-bot as it comes)",
        )
    ]


async def _ours() -> tuple[float, bool]:
    async with folder() as path, far(PLAN) as there:
        study, clock = await open_durable(path), SystemClock()
        limiter = PriorityLimiter(clock, per_second=NO_LIMIT)
        application = build_application(there.token, limiter, api_url=there.url)
        seen: dict[int, list[str]] = defaultdict(list)

        async def answer(update, context):
            async with study.db.begin() as tx:
                await meta.put(tx, f"said:{update.effective_chat.id}", update.message.text)
            seen[update.effective_chat.id].append(update.message.text)
            await context.bot.send_chat_action(update.effective_chat.id, "typing")

        application.add_handler(MessageHandler(filters.TEXT, answer))
        async with application:
            intake = Intake(application, study.db, clock, rng=random.Random(1))
            rate = await _timed(there, intake.run(), lambda: sum(map(len, seen.values())))
            await intake.stop()
        await study.db.close()
        assert current_update_id.get() is None
        return rate, all(texts == [str(n) for n in range(EACH)] for texts in seen.values())


async def _usual() -> float:
    async with far(PLAN) as there:
        done = 0

        async def answer(update, context):
            nonlocal done
            await context.bot.send_chat_action(update.effective_chat.id, "typing")
            done += 1

        application = ApplicationBuilder().token(there.token).base_url(f"{there.url}/bot").build()
        application.add_handler(MessageHandler(filters.TEXT, answer))
        async with application:
            await application.start()
            assert application.updater is not None
            try:
                # It handles one after the other: a tenth of them tells its rate.
                polling = application.updater.start_polling()
                return await _timed(there, polling, lambda: done, most=PEOPLE * EACH // 10)
            finally:
                await application.updater.stop()
                await application.stop()


async def _timed(there: Far, working, count, most: int = PEOPLE * EACH) -> float:
    task = asyncio.ensure_future(working)  # noqa: F841 -- it is held until all has come
    await there.ask("everyone_says", [str(n) for n in range(EACH)])
    while not count():
        await asyncio.sleep(0.001)
    began, first = time.monotonic(), count()
    while count() < most:
        await asyncio.sleep(0.005)
    return float((count() - first) / (time.monotonic() - began))
