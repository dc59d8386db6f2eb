"""The page of promises: every line names its tests, and every test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(test_\w+)`")


def there_are():
    """Return the name of every test function in the repository."""
    files = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in files for name in re.findall(r"(?m)^(?:async )?def (test_\w+)", text)}


def rows():
    """Return the lines of the three tables, each as its cells."""
    tables, _, _ = PAGE.partition("## Long runs")
    lines = (line for line in tables.splitlines() if line.startswith("| "))
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [each for each in cells if set(each[0]) != {"-"} and each[-1] != "Tests"]


def test_every_test_that_the_page_names_exists():
    assert sorted(set(NAMED.findall(PAGE)) - there_are()) == []


def test_every_line_of_the_three_tables_names_a_test():
    assert len(rows()) > 45
    assert [row[0] for row in rows() if not NAMED.search(row[-1])] == []


def test_every_promise_has_a_test_of_its_number():
    for number in range(1, 16):
        (row,) = [each for each in rows() if each[0].startswith(f"P{number} ")]
        assert re.search(rf"`test_(?:p\d+_)*p0?{number}_", row[-1]), row[0]
