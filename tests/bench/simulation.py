"""A year of eighteen participants; and many participants beside few."""

import asyncio
import os
import resource
import subprocess
import sys
import time

from bot.sandbox.simulation import joined_after_days
from tests.bench.figures import Figure

# Three hundred are what is promised, and take a quarter of an hour or more: BENCH_MANY=300 plays them.
MANY = int(os.environ.get("BENCH_MANY", "54"))
FOLLOWED_MONTHS, DAYS_A_MONTH = 12.0, 30.4


async def run() -> list[Figure]:
    """Play each once, in a process of its own; it is long enough to be its own median."""
    seconds, year = await _play(18, 12)
    _, quarter = await _play(18, 3)
    _, many = await _play(MANY, 3)
    small, large = quarter / _months(18, 3), many / _months(MANY, 3)
    return [
        Figure(
            "simulate 18 participants, 12 months",
            f"{seconds:.0f} s ({year:.0f} s of processor time)",
            "60 s",
            seconds <= 60,
        ),
        Figure(
            f"a participant-month: {MANY} until the last has had 3",
            f"{large:.2f} s, {large / small:.2f} times",
            "1.5 times",
            large <= 1.5 * small,
            f"{small:.2f} s (18)",
        ),
    ]


def _months(participants: int, months: int) -> float:
    """Return the months played: all go on until the last who joined has had `months`."""
    joined = (joined_after_days(n, participants) / DAYS_A_MONTH for n in range(participants))
    return sum(min(FOLLOWED_MONTHS, earlier + months) for earlier in joined)


async def _play(participants: int, months: int) -> tuple[float, float]:
    """Return wall and processor seconds of healthy people, so that every run plays the same messages."""
    command = [sys.executable, "-m", "bot", "simulate", "--well", "--participants", str(participants)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    await asyncio.to_thread(
        subprocess.run, [*command, "--months", str(months)], check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used
