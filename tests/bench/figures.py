"""Figures: what was measured, what was promised, and the table of both."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

ARTIFACTS = Path("artifacts")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: `ours` is the median of the runs, `baseline` the same done the usual way."""

    what: str
    ours: str
    promised: str
    holds: bool | None
    baseline: str = ""


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return median(values)


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the value that so many per cent do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def seconds_told(seconds: float) -> str:
    """Return seconds for the table; what never came is no number."""
    return "never" if seconds == float("inf") else f"{seconds:.2f} s"


def kept(name: str, figures: list[Figure]) -> Path:
    """Write the figures as JSON and return where."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"bench-{name}.json"
    path.write_text(json.dumps([asdict(each) for each in figures], ensure_ascii=False, indent=1) + "\n")
    return path


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as lines for a person to read."""
    marks = {True: "yes", False: "NO", None: ""}
    rows = [(f.what, f.ours, f.promised, marks[f.holds], f.baseline) for f in figures]
    rows.insert(0, ("what", "ours", "promised", "holds", "baseline"))
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows)
