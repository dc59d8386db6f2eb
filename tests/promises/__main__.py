"""`python -m tests.promises kill|faults|fuzz|removed`; count and seed are arguments, or KILLS, FAULTS … SEED.

`removed` takes names of lines in ONLY, separated by commas; SHOW=1 prints what pytest said.
"""

import argparse
import asyncio
import logging
import os
import sys

from tests.promises import fuzzing, removed, towns

STRIKES = 20


def faults(count: int, seed: int) -> int:
    """Let `count` calls fail in every way there is, and kill the program once for twenty of them."""
    return kill(max(1, count // STRIKES), seed, STRIKES)


def kill(count: int, seed: int, strikes: int = 0) -> int:
    """Kill the live program `count` times, JOBS towns at a time; 0 where the ledgers balance."""
    return _said(towns.kill(count, seed, strikes, int(os.environ.get("JOBS", "1"))))


def _said(faults: list[str]) -> int:
    print("\n".join(f"NOT KEPT: {fault}" for fault in faults) or "every promise was kept")
    return 1 if faults else 0


def fuzz(count: int, seed: int) -> int:
    """Send `count` malformed updates, and ten times as many forged presses; 0 where all is well."""

    async def main() -> list[str]:
        faults = []
        for run, times in ((fuzzing.forge, 5), (fuzzing.forge_by_another, 5), (fuzzing.fuzz, 1)):
            async with fuzzing.place() as made:
                done = await run(made, count * times, seed)
            print(f"{run.__name__}, seed {seed}: {done}", flush=True)
            faults += done.faults
        return faults

    logging.disable(logging.CRITICAL)
    return _said(asyncio.run(main()))


def without(workers: int, _: int) -> int:
    """Take out what each promise stands on, one mechanism at a time; 0 where each time a test noticed."""
    only = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    wanted = [each for each in removed.removals() if not only or each.line in only]
    if problems := [said for each in wanted for said in each.problems()]:
        return _said(problems)
    found = []
    for noticed in removed.run(wanted, workers):
        found.append(noticed)
        print(
            f"{noticed.removal.line}: {noticed.removal.what}: {', '.join(noticed.tests) or 'NOBODY NOTICED'}",
            flush=True,
        )
        if not noticed.tests and os.environ.get("SHOW"):
            print(noticed.said[-3000:])
    removed.write(found)
    return _said(
        [f"{each.removal.line}, {each.removal.what}: nobody noticed" for each in found if not each.tests]
    )


RUNS = {
    "kill": (kill, "KILLS", 1_000),
    "faults": (faults, "FAULTS", 2_000),
    "fuzz": (fuzz, "FUZZ", 10_000),
    "removed": (without, "WORKERS", 2),
}


def main() -> int:
    """Do one long run."""
    parser = argparse.ArgumentParser(prog="python -m tests.promises", description=__doc__)
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("count", type=int, nargs="?")
    parser.add_argument("seed", type=int, nargs="?", default=int(os.environ.get("SEED", "1")))
    asked = parser.parse_args()
    do, name, usual = RUNS[asked.run]
    count = asked.count if asked.count is not None else int(os.environ.get(name, usual))
    return do(count, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
