"""`python -m tests.bench [NAME …]`: measure, print the table, keep the figures in artifacts/."""

import asyncio
import sys
from importlib import import_module

from tests.bench.figures import kept, table

NAMES = ("answers", "writers", "paging", "broadcasts", "ticks", "simulation")


def main(names: list[str]) -> int:
    """Run these benchmarks, or all; 1 where a promise does not hold."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    failed = False
    for name in names or NAMES:
        figures = asyncio.run(import_module(f"tests.bench.{name}").run())
        print(f"== {name} → {kept(name, figures)}\n{table(figures)}\n", flush=True)
        failed |= any(figure.holds is False for figure in figures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
