"""A year of eighteen participants, and three months of three hundred."""

import asyncio
import os
import resource
import subprocess
import sys
import time

from tests.bench.figures import Figure, middle

RUNS = int(os.environ.get("BENCH_RUNS", "3"))


async def run() -> list[Figure]:
    """Play each in a process of its own."""
    year = [await _play(18, 12) for _ in range(RUNS)]
    quarter = [await _play(18, 3) for _ in range(RUNS)]
    # One run: it is fifteen times as long as the others.
    many = await _play(300, 3)
    seconds = middle(wall for wall, _ in year)
    small, large = middle(used for _, used in quarter) / (18 * 3), many[1] / (300 * 3)
    return [
        Figure(
            "simulate 18 participants, 12 months",
            f"{seconds:.0f} s ({middle(used for _, used in year):.0f} s of processor time)",
            "60 s",
            seconds <= 60,
        ),
        Figure(
            "a participant-month: 300 for 3 months",
            f"{large:.2f} s, {large / small:.2f} times",
            "1.5 times",
            large <= 1.5 * small,
            f"{small:.2f} s (18 for 3 months)",
        ),
    ]


async def _play(participants: int, months: int) -> tuple[float, float]:
    """Return wall and processor seconds."""
    command = [sys.executable, "-m", "bot", "simulate", "--participants", str(participants)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    await asyncio.to_thread(
        subprocess.run, [*command, "--months", str(months)], check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used
