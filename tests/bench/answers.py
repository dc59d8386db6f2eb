"""From an update to the committed answer and its reply, beside a bot that echoes and keeps nothing.

Each bot has a process of its own, and a Telegram of its own that is another
process. They take turns, a round each, so that what else the machine does
meets both alike: in a round twenty people send four updates each, one in
1.2 seconds, spread evenly. Nobody's chat is too fast for the gate, and a poll
brings one update at a time to both. The processor time is that of the bot
alone; beats of the clock, polls and the collector of garbage are in it.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from tests.bench import answering, echo
from tests.bench.bots import Bot, started
from tests.bench.far import FIRST_PERSON, Far, Plan, far
from tests.bench.figures import Figure, middle, percentile

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
ROUNDS = 4
# A chat may get a message a second: slower taps do not wait for the gate, which is measured elsewhere.
THINK = 1.2
UPDATES_OF_A_REPORT = 4
PLAN = Plan(answering.PEOPLE, think=THINK)


@dataclass(slots=True)
class _Side:
    """One of the two bots, its Telegram, how its people are stirred, and what was measured."""

    there: Far
    bot: Bot
    stir: Callable[[], Awaitable[object]]
    seconds: list[float] = field(default_factory=list)
    used: float = 0.0
    updates: int = 0

    @property
    def cost(self) -> float:
        """Return the processor seconds for an update."""
        return self.used / self.updates


async def run() -> list[Figure]:
    """Measure both bots, turn about."""
    pairs = [await _pair() for _ in range(RUNS)]
    ours, echoes = ([pair[n] for pair in pairs] for n in (0, 1))
    cost, base = middle(each.cost for each in ours), middle(each.cost for each in echoes)
    times = middle(own.cost / other.cost for own, other in pairs)
    return [
        *(_latency(percent, ours, echoes) for percent in (50, 99)),
        Figure(
            "an update: processor time",
            f"{cost * 1e3:.2f} ms, {times:.2f} times",
            "2.5 times",
            times <= 2.5,
            f"{base * 1e3:.2f} ms (echo bot of python-telegram-bot)",
        ),
    ]


def _latency(percent: int, ours: list[_Side], echoes: list[_Side]) -> Figure:
    own, base = (middle(percentile(each.seconds, percent) for each in both) * 1e3 for both in (ours, echoes))
    return Figure(f"update to committed reply, p{percent}", f"{own:.1f} ms", "", None, f"{base:.1f} ms")


async def _pair() -> tuple[_Side, _Side]:
    """Run both bots at once, and let one rest while the other's people write."""
    async with _side(answering.main, _report) as ours, _side(echo.main, _chat) as other:
        await ours.there.ask("answering", list(range(answering.PEOPLE)))
        sides = ours, other
        for side in sides:
            await _round(side)  # warms up, and does not count
            side.seconds, side.used, side.updates = [], 0.0, 0
        for _ in range(ROUNDS):
            for side in sides:
                await _round(side)
        return sides


@asynccontextmanager
async def _side(
    main: Callable[[Connection, str, str], None], stir: Callable[[Far], Awaitable[object]]
) -> AsyncIterator[_Side]:
    async with far(PLAN) as there, started(main, there.url, there.token) as bot:
        yield _Side(there, bot, lambda: stir(there))


async def _report(there: Far) -> None:
    """Let everybody ask for the form; whoever is asked goes on tapping and typing of their own accord."""
    await there.ask("everyone_says", ["/report"])


async def _chat(there: Far) -> None:
    """Let everybody write as often as a report has updates, at the pace of a report."""
    for _ in range(UPDATES_OF_A_REPORT):
        await there.ask("everyone_says", ["hello"])
        await asyncio.sleep(THINK)


async def _round(side: _Side) -> None:
    calls, updates = await side.there.ask("log")
    skip, before = (len(calls), len(updates)), await side.bot.used()
    await side.stir()
    await _rest(side.there)
    side.used += await side.bot.used() - before
    calls, updates = await side.there.ask("log")
    side.seconds += _times(calls[skip[0] :], updates[skip[1] :])
    side.updates += len(updates) - skip[1]


async def _rest(there: Far) -> None:
    """Wait until nothing has come for longer than anybody thinks."""
    seen = None
    while seen != (seen := await there.ask("count")):
        await asyncio.sleep(THINK + 0.3)


def _times(calls: list[Any], updates: list[Any]) -> list[float]:
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
