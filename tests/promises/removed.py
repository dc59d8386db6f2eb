"""What each promise stands on, taken out one at a time: a test that the page names must notice.

`removed.toml` says what is taken out; the tests to run are those of the line in docs/promises.md.
"""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
RECORD = ROOT / "docs" / "removed.md"
SECONDS = 240
_NAMED = re.compile(r"`(test_\w+)`")


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of source that stands exactly once in its file, and what takes its place."""

    file: str
    old: str
    new: str

    def problem(self) -> str | None:
        """Say why it can no longer be made; None where it can."""
        path = ROOT / self.file
        if not path.is_file():
            return f"{self.file} is not there"
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            return f"{self.file}: stands there {text.count(self.old)} times: {self.old.strip()!r}"
        if path.suffix == ".py":
            try:
                ast.parse(text.replace(self.old, self.new))
            except SyntaxError as error:
                return f"{self.file}: no Python any more, line {error.lineno}: {self.old.strip()!r}"
        return None


@dataclass(frozen=True, slots=True)
class Removal:
    """One mechanism of a line of the page, and the changes that remove it."""

    line: str
    what: str
    changes: tuple[Change, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the tests that the page names for its line."""
        return tests_of(self.line)

    def problems(self) -> list[str]:
        """Return why it cannot be removed; nothing where it can."""
        return [f"{self.line}, {self.what}: {said}" for each in self.changes if (said := each.problem())]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Which of the tests failed without a mechanism, and what pytest said where none did."""

    removal: Removal
    tests: tuple[str, ...]
    said: str = ""


def removals() -> list[Removal]:
    """Return all that `removed.toml` names, in the order of the page."""
    written = tomllib.loads((Path(__file__).parent / "removed.toml").read_text(encoding="utf-8"))
    return [
        Removal(each["line"], each["what"], tuple(Change(**change) for change in _changes(each)))
        for each in written["removal"]
    ]


def _changes(each: dict[str, object]) -> list[dict[str, str]]:
    first = {name: str(each[name]) for name in ("file", "old", "new")}
    also = each.get("also", [])
    assert isinstance(also, list)
    return [first, *({"file": first["file"], **more} for more in also)]


@cache
def lines() -> dict[str, tuple[str, ...]]:
    """Return every line of the page's three tables with the tests that it names."""
    tables, _, _ = PAGE.read_text(encoding="utf-8").partition("## Long runs")
    cells = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in tables.splitlines())
    return {
        row[0]: tuple(_NAMED.findall(row[-1])) for row in cells if len(row) == 3 and _NAMED.search(row[-1])
    }


def line_of(short: str) -> str:
    """Return the one line of the page that begins like this; LookupError where there is none, or two."""
    found = [line for line in lines() if re.match(re.escape(short) + r"(?!\w)", line)]
    if len(found) != 1:
        raise LookupError(f"{short!r} names {len(found)} lines of docs/promises.md")
    return found[0]


def tests_of(short: str) -> tuple[str, ...]:
    """Return the tests of a line."""
    return lines()[line_of(short)]


@cache
def _places() -> dict[str, list[str]]:
    """Return where each test function stands, as pytest wants to be told."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in re.findall(r"(?m)^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8")):
            found.setdefault(name, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def _copy(to: Path) -> Path:
    """Copy what git knows, and what it would take, as it is in this tree."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    return to


def _run(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in a copy; the return code of pytest, -1 for one that came to no end, and what it said."""
    places = sorted(place for name in tests for place in _places()[name])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfE", "--tb=line", *places]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    with tempfile.TemporaryFile("w+") as out:
        # In a group of its own: what the tests have started goes with them.
        running = subprocess.Popen(
            command, cwd=tree, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            code = running.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            code = -1
        out.seek(0)
        return code, out.read()


def _without(tree: Path, removal: Removal) -> Noticed:
    """Take a mechanism out of a copy, run the tests of its line, and put it back."""
    before = {change.file: (tree / change.file).read_text(encoding="utf-8") for change in removal.changes}
    try:
        for change in removal.changes:
            path = tree / change.file
            path.write_text(
                path.read_text(encoding="utf-8").replace(change.old, change.new), encoding="utf-8"
            )
        code, said = _run(tree, removal.tests)
    finally:
        for file, text in before.items():
            (tree / file).write_text(text, encoding="utf-8")
    failed = dict.fromkeys(re.findall(r"(?m)^FAILED \S+?::(test_\w+)", said))
    if code == -1:
        # A run that hangs is noticed by whoever waits for it, but names no test.
        return Noticed(removal, ("(it came to no end)",), said)
    return Noticed(removal, tuple(failed) if code == 1 else (), said)


def run(chosen: Sequence[Removal], workers: int = 2) -> Iterator[Noticed]:
    """Remove one mechanism after the other, and tell who noticed; first, all is as it should be.

    AssertionError where a test fails although nothing is missing.
    """
    with tempfile.TemporaryDirectory(prefix="suifang-removed-") as name:
        folder = Path(name)
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            trees.put(_copy(folder / f"house{number}"))
        # A few tests read what lies beside the repository, if it is there.
        if (ROOT.parent / "shared").exists():
            (folder / "shared").symlink_to(ROOT.parent / "shared")

        def one(removal: Removal) -> Noticed:
            tree = trees.get()
            try:
                return _without(tree, removal)
            finally:
                trees.put(tree)

        tests = dict.fromkeys(test for removal in chosen for test in removal.tests)
        whole = trees.get()
        code, said = _run(whole, tuple(tests))
        trees.put(whole)
        assert code == 0, f"with nothing removed:\n{said[-4000:]}"
        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(one, chosen)


def kept() -> dict[tuple[str, str], str]:
    """Return what docs/removed.md says: line and mechanism → who noticed."""
    rows = [
        row.strip("| ").split(" | ") for row in _table_of(RECORD.read_text(encoding="utf-8")).splitlines()
    ]
    return {(row[0], row[1]): row[2] for row in rows[2:]}


def write(found: Sequence[Noticed]) -> None:
    """Bring docs/removed.md up to date with what was found; what was not run now stays as it was."""
    text = RECORD.read_text(encoding="utf-8")
    before = kept() | {(line_of(each.removal.line), each.removal.what): _said(each) for each in found}
    rows = []
    for each in removals():
        place = line_of(each.line), each.what
        if place in before:
            rows.append(f"| {place[0]} | {place[1]} | {before[place]} |")
    head = _table_of(text).splitlines()[:2]
    RECORD.write_text(text.replace(_table_of(text), "\n".join([*head, *rows, ""])), encoding="utf-8")


def _table_of(text: str) -> str:
    return text[text.index("| Line |") :]


def _said(each: Noticed) -> str:
    return ", ".join(f"`{test}`" for test in each.tests) or "**nobody**"
