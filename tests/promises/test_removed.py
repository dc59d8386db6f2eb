"""What `make bench-removed` takes out is still there, and no line of the page goes without."""

from tests.promises import removed
from tests.promises.removed import Change, line_of, lines, removals


def test_every_mechanism_that_is_taken_out_still_stands_in_the_source():
    assert [said for each in removals() for said in each.problems()] == []


def test_a_mechanism_that_has_changed_is_noticed():
    file = "tests/promises/removed.py"
    assert "0 times" in (Change(file, "no such " + "words", "").problem() or "")
    assert "no Python" in (Change(file, "def removals() -> " + "list[Removal]:", "def").problem() or "")
    assert "is not there" in (Change("bot/nowhere.py", "x", "y").problem() or "")


def test_every_line_of_the_page_has_a_mechanism_that_is_taken_out():
    without = set(lines()) - {line_of(each.line) for each in removals()}
    assert without == set()
    assert {f"P{number}" for number in range(1, 16)} <= {each.line for each in removals()}


def test_the_record_is_of_what_is_taken_out_now():
    """After a change run `make bench-removed`, or the lines of it that changed (ONLY=), which writes it."""
    record = removed.kept()
    assert list(record) == [(line_of(each.line), each.what) for each in removals()]
    assert [place for place, said in record.items() if "`test_" not in said] == []
