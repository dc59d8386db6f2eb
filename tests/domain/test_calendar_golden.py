"""The schedule of the registration, as it was written down by hand."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.planning import Course, plan
from bot.domain.timetable import timetable
from tests.domain.schedules import SHANGHAI, shipped

GOLDEN = Path(__file__).parent.parent / "protocols" / "golden"
SCHEDULES = sorted(GOLDEN.glob("schedule_*.txt"))
FORMS = {"S": "pre_infusion", "F": "full", "E": "eve", "T": "temperature"}


def rows(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.replace("…", " ").split()


def course(path: Path) -> Course:
    return Course(date.fromisoformat(path.stem.partition("_")[2]), SHANGHAI)


def test_the_golden_schedules_are_those_that_were_asked_for() -> None:
    assert {path.stem for path in SCHEDULES} >= {
        "schedule_2026-08-31",
        "schedule_2024-02-29",
        "schedule_2026-12-28",
    }


@pytest.mark.parametrize("path", SCHEDULES, ids=lambda path: path.stem)
def test_the_plan_is_the_one_written_by_hand(path: Path) -> None:
    planned = [
        [visit.id, f"{visit.on}", f"{visit.on:%a}", f"{visit.window.from_on}", f"{visit.window.to_on}"]
        for visit in plan(course(path), shipped())
    ]
    assert planned == list(rows(path))


def test_the_check_ins_of_a_year_are_those_written_by_hand() -> None:
    path = GOLDEN / "checkins_2026-12-01.txt"
    written = [each for line in path.read_text(encoding="utf-8").splitlines() for each in _occasions(line)]
    calculated = [
        (f"{one.local:%Y-%m-%d %H:%M}", one.form) for one in timetable(course(path), shipped()).checkins
    ]
    assert calculated == sorted(written)


def _occasions(line: str) -> Iterator[tuple[str, str]]:
    """Read "2027-01-03…05-30/7  19:00F  why": a day, or days in steps, and what is asked on them."""
    if not (
        found := re.match(r"(\d{4}-\d\d-\d\d)(?:…(\d\d-\d\d))?(?:/(\d+))?((?: +\d\d:\d\d[SFET])+)", line)
    ):
        assert not line or line.startswith("#"), line
        return
    first = date.fromisoformat(found[1])
    last = date.fromisoformat(f"{found[1][:5]}{found[2]}") if found[2] else first
    for n in range(0, (last - first).days + 1, int(found[3] or 1)):
        for each in found[4].split():
            yield f"{first + timedelta(days=n)} {each[:-1]}", FORMS[each[-1]]
