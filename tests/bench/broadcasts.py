"""A broadcast to 900 chats at 30 a second, where Telegram allows that, allows less, or refuses once."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from aiolimiter import AsyncLimiter  # noqa: F401 -- AIORateLimiter stands on it: say so where it is missing
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder

from bot.domain.people import PersonRef
from bot.services.outgoing import Kind, Outgoing
from bot.storage import links, outbox
from bot.storage.outbox import BROADCAST, URGENT, Intent
from bot.texts import Screen, Verbatim, say
from bot.transport.delivery import Delivery
from bot.transport.limiter import PriorityLimiter
from bot.transport.wire import build_application
from tests.bench.far import FIRST_PERSON, Far, Plan, far
from tests.bench.figures import Figure, middle, seconds_told
from tests.bench.house import folder, open_durable

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
CHATS = 900
REFUSE_AFTER = 10.0
# The last person is the physician, to whom a page goes in the middle of it.
PLAN = Plan(CHATS + 1)
Send = Callable[[Far, Callable[[], Awaitable[None]]], Any]
CASES = {
    "30/s allowed": (PLAN, False),
    "28/s allowed": (replace(PLAN, per_second=28), False),
    "one 429 in the middle": (PLAN, True),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one broadcast: how long, how many lost, doubled, refused, and the page's seconds."""

    seconds: float
    lost: int
    doubled: int
    refused: int
    page: float


async def run() -> list[Figure]:
    """Play the cases of one after the other: side by side they would make each other come late."""
    figures = []
    for name, (plan, refuses) in CASES.items():
        ours, usual = [], []
        for _ in range(RUNS):
            ours.append(await _play(plan, _ours, refuses))
            usual.append(await _play(plan, _usual, refuses))
        figures += _figures(name, ours, usual)
    return figures


def _figures(name: str, ours: list[Outcome], usual: list[Outcome]) -> list[Figure]:
    whole = all(each.lost == each.doubled == 0 for each in ours)
    seconds = middle(each.seconds for each in ours)
    page = max(each.page for each in ours)
    if name == "30/s allowed":
        share = CHATS / seconds / 30
        holds, promised = whole and share >= 0.98 and not any(o.refused for o in ours), "98 %, no 429"
        told = f"{share:.1%} of the limit"
    else:
        holds, promised, told = whole and seconds <= 35, "35 s, none lost", f"{seconds:.1f} s"
    return [
        Figure(f"900 chats, {name}", f"{told}, {_told(ours)}", promised, holds, _line(usual)),
        Figure(
            f"  a page in the middle, {name}",
            seconds_told(page),
            "1 s",
            page <= 1,
            seconds_told(_page(usual)),
        ),
    ]


def _told(runs: list[Outcome]) -> str:
    worst = max(runs, key=lambda each: (each.lost + each.doubled, each.refused))
    return f"{worst.lost} lost, {worst.doubled} twice, {worst.refused} × 429"


def _line(runs: list[Outcome]) -> str:
    return f"{middle(each.seconds for each in runs):.1f} s, {_told(runs)} (AIORateLimiter)"


def _page(runs: list[Outcome]) -> float:
    return max(each.page for each in runs)


async def _play(plan: Plan, send: Send, refuses: bool) -> Outcome:
    async with far(plan) as there:
        paged_at = 0.0

        async def in_the_middle() -> None:
            nonlocal paged_at
            await asyncio.sleep(REFUSE_AFTER)
            if refuses:
                await there.ask("refuse_one", 5)
                await asyncio.sleep(0.5)
            paged_at = time.monotonic()

        began = time.monotonic()
        await send(there, in_the_middle)
        calls, _ = await there.ask("log")
    sent = [line for line in calls if line[1] == "sendMessage"]
    good = Counter(int(chat) for _, _, chat, ok, text in sent if ok and text != "page")
    page = next((at for at, _, _, ok, text in sent if ok and text == "page"), float("inf"))
    last = max((at for at, _, _, ok, text in sent if ok and text != "page"), default=began)
    first = min((at for at, *_ in sent), default=began)
    return Outcome(
        last - first,
        CHATS - len(good),
        sum(1 for n in good.values() if n > 1),
        sum(1 for line in sent if not line[3]),
        page - paged_at,
    )


async def _ours(there: Far, in_the_middle: Callable[[], Awaitable[None]]) -> None:
    async def render(study: Any, tx: Any, message: Any, now: Any) -> Outgoing:
        words = message.params["words"]
        return Outgoing(Screen((say("broadcast.codes", codes=Verbatim(words, words)),)), "en")

    async with folder() as path:
        study = await open_durable(path)
        now = study.clock.now()
        everyone = [PersonRef("staff", n + 1) for n in range(CHATS + 1)]
        async with study.db.begin() as tx:
            for n, person in enumerate(everyone):
                await links.link(tx, person, FIRST_PERSON + n, now)
        application = build_application(there.token, PriorityLimiter(study.clock), api_url=there.url)
        async with application:
            delivery = Delivery(study, application.bot, {"note": Kind(render)}, rng=Random(1))
            running = asyncio.create_task(delivery.run())
            intents = [
                Intent(f"b{each.id}", "note", BROADCAST, each, {"words": "hello"}) for each in everyone[:-1]
            ]
            async with study.db.begin() as tx:
                await outbox.enqueue_many(tx, intents, now)
            await in_the_middle()
            async with study.db.begin() as tx:
                page = Intent("page", "note", URGENT, everyone[-1], {"words": "page"})
                await outbox.enqueue(tx, page, study.clock.now())
            while await _unfinished(study):
                await asyncio.sleep(0.2)
            await delivery.stop()
            await running
        await study.db.close()


async def _unfinished(study: Any) -> bool:
    async with study.db.begin() as tx:
        counts = await outbox.counts(tx)
    return bool(counts.get("queued", 0) + counts.get("sending", 0))


async def _usual(there: Far, in_the_middle: Callable[[], Awaitable[None]]) -> None:
    """Send with the limiter that python-telegram-bot ships, told to try again as its manual says."""
    limiter = AIORateLimiter(max_retries=1)
    builder = ApplicationBuilder().token(there.token).base_url(f"{there.url}/bot").rate_limiter(limiter)
    application = builder.connection_pool_size(64).pool_timeout(120).build()

    async def send(n: int, words: str) -> None:
        try:
            await application.bot.send_message(FIRST_PERSON + n, words)
        except TelegramError:
            return  # lost: nothing remembers it

    async with application:
        tasks = [asyncio.create_task(send(n, "hello")) for n in range(CHATS)]
        await in_the_middle()
        tasks.append(asyncio.create_task(send(CHATS, "page")))
        await asyncio.gather(*tasks)
