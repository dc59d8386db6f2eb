"""A long run of deaths, as many towns side by side and one after the other as it takes."""

import asyncio
import multiprocessing
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.promises import killing, zones
from tests.promises.victim import Nursery

TOWN = 500
"""So many deaths at the most before the ledger is compared and another town begins."""


def kill(count: int, seed: int, strikes: int, jobs: int) -> list[str]:
    """Kill the live program `count` times, `jobs` towns at a time; print the ledgers, return what failed."""
    towns = [(min(TOWN, count - done), seed + n, strikes) for n, done in enumerate(range(0, count, TOWN))]
    began = time.monotonic()
    figures: Counter[str] = Counter()
    faults: list[str] = []
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as workers:
        for said, counted, broken in workers.map(_town, towns):
            print(said, flush=True)
            figures.update(counted)
            faults += broken
    if len(towns) > 1:
        lines = "\n".join(f"  {value:>7}  {name}" for name, value in figures.items())
        print(f"{count} kills in {len(towns)} towns, {time.monotonic() - began:.0f} s\n{lines}")
    return faults


def _town(town: tuple[int, int, int]) -> tuple[str, dict[str, int], list[str]]:
    """Play one town in this process; what is to be said, its figures, and what did not hold."""
    count, seed, strikes = town
    with tempfile.TemporaryDirectory(prefix="suifang-kill-") as name:
        folder = Path(name)
        zones.known_from(folder / killing.ZONES)
        nursery = Nursery(folder / "log.txt")
        try:
            done = asyncio.run(killing.run(nursery, folder, count, seed, strikes=strikes))
        except Exception as error:
            # A town that could not be played to its end is a fault, and the others are told of all the same.
            log = (folder / "log.txt").read_text(encoding="utf-8")[-4000:]
            return f"{log}\nseed {seed}: {error!r}", {}, [f"seed {seed}: {error!r}"]
        finally:
            nursery.close()
    figures = {each: value for each, value in done.ledger.lines.items() if isinstance(value, int)}
    said = f"{count} kills, {strikes} faults for each, seed {seed}\n{done}"
    return said, figures, [f"seed {seed}: {fault}" for fault in done.ledger.faults]
