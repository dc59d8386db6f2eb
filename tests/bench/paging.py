"""From an alarming tap to the page on the wire while a thousand broadcasts wait and the limits hold."""

import asyncio
import os
import time
from typing import Any

from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder

from bot.services import messages
from bot.services.outgoing import Kind, Outgoing
from bot.storage import outbox
from bot.storage.outbox import BROADCAST, Intent
from bot.texts import Screen, Verbatim, say
from tests.bench.far import FIRST_PERSON, Far, Plan, far
from tests.bench.figures import Figure, middle, percentile, seconds_told
from tests.bench.house import folder, join, living, open_durable, physician

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
WAITING, ALARMS = 1_000, 12
PHYSICIAN = WAITING + ALARMS
PLAN = Plan(PHYSICIAN + 1, think=0.3)
BETWEEN = 2.0
# Celsius, wherever it was taken.
ALARMING = 40.0


async def run() -> list[Figure]:
    """Let participants with a fever answer, one after the other, while everybody else waits for a letter."""
    ours, usual = [], []
    for _ in range(RUNS):
        ours.append(percentile(await _ours(), 99))
        usual.append(percentile(await _usual(), 99))
    seconds = middle(ours)
    return [
        Figure(
            "alarming answer to page, 1,000 broadcasts wait, p99",
            seconds_told(seconds),
            "1 s",
            seconds <= 1,
            f"{seconds_told(middle(usual))} (AIORateLimiter)",
        )
    ]


async def _ours() -> list[float]:
    async def render(study: Any, tx: Any, message: Any, now: Any) -> Outgoing:
        return Outgoing(Screen((say("broadcast.codes", codes=Verbatim("letter", "letter")),)), "en")

    messages.KINDS["bench"] = Kind(render)
    async with folder() as path, far(PLAN) as there:
        study = await open_durable(path)
        await physician(study, PHYSICIAN)
        people = [await join(study, n, n) for n in range(PHYSICIAN)]
        async with study.db.begin() as tx:
            letters = [Intent(f"l{each.id}", "bench", BROADCAST, each.ref, {}) for each in people[:WAITING]]
            await outbox.enqueue_many(tx, letters, study.clock.now())
        async with living(study, there.wire):
            await there.ask("answering", list(range(WAITING, PHYSICIAN)), ALARMING)
            for n in range(ALARMS):
                await there.ask("say", WAITING + n, "/report")
                await asyncio.sleep(BETWEEN)
        calls, updates = await there.ask("log")
        await study.db.close()
    pages = [
        (at, text)
        for at, method, chat, ok, text in calls
        if ok and method == "sendMessage" and _is_physician(chat)
    ]
    alarms = {person: at for at, person, text in reversed(updates) if text == f"{ALARMING:.1f}"}
    return [_paged_after(pages, person, at) for person, at in alarms.items()]


def _paged_after(pages: list[tuple[float, str]], person: int, alarmed_at: float) -> float:
    """Return the seconds until a page about this person; for ever where there is none."""
    code = f"{person - FIRST_PERSON:04d}"
    found = (at for at, text in pages if code in text and at >= alarmed_at)
    return min(found, default=float("inf")) - alarmed_at


def _is_physician(chat: object) -> bool:
    return int(str(chat)) == FIRST_PERSON + PHYSICIAN


async def _usual() -> list[float]:
    async with far(PLAN) as there:
        return await _paged(there)


async def _paged(there: Far) -> list[float]:
    builder = ApplicationBuilder().token(there.token).base_url(f"{there.url}/bot")
    application = builder.rate_limiter(AIORateLimiter(max_retries=1)).pool_timeout(120).build()

    async def send(chat: int, words: str) -> float:
        began = time.monotonic()
        try:
            await application.bot.send_message(chat, words)
        except TelegramError:
            return float("inf")
        return time.monotonic() - began

    async with application:
        letters = [asyncio.create_task(send(FIRST_PERSON + n, "letter")) for n in range(WAITING)]
        pages = []
        for _ in range(ALARMS):
            pages.append(asyncio.create_task(send(FIRST_PERSON + PHYSICIAN, "page")))
            await asyncio.sleep(BETWEEN)
        await asyncio.gather(*letters)
        return [await page for page in pages]
