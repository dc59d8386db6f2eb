"""Dates and times as people type them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.spelled import read_date, read_moment, read_time
from bot.errors import BadInput

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 12, 4, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-01", "2026/12/1", "2026.12.1", "20261201", "2026年12月1日", "12月1日", "12月1号", "12/1",
        "12-1", "1.12.", "1.12.2026", "1. 12.", "1 Dec", "1st December", "Dec 1",
        "december 1, 2026", "１２月１日",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_usual_spelling(typed):
    assert read_date(typed, TODAY) == date(2026, 12, 1)


@pytest.mark.parametrize("typed", ["", "31.2.", "13/1", "soon", "2026-13-01", "1.12.26x", "38.5"])
def test_what_is_no_date_is_refused(typed):
    with pytest.raises(BadInput):
        read_date(typed, TODAY)


def test_without_a_year_the_nearest_date_is_meant():
    assert read_date("3 Jan", TODAY) == date(2027, 1, 3)
    assert read_date("20 Nov", TODAY) == date(2026, 11, 20)
    assert read_date("20 Dec", date(2027, 1, 5), ahead=False) == date(2026, 12, 20)
    assert read_date("29.2.", TODAY) == date(2028, 2, 29)


def test_words_of_the_day_are_read():
    assert read_date("明天", TODAY) == date(2026, 11, 26)
    assert read_date("Today", TODAY) == TODAY


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_what_is_written_with_its_year_reads_back(on):
    for written in (on.isoformat(), f"{on.year}年{on.month}月{on.day}日", f"{on.day}.{on.month}.{on.year}"):
        assert read_date(written, TODAY) == on


@given(st.dates(TODAY - timedelta(days=30), TODAY + timedelta(days=300)))
def test_what_is_written_without_its_year_reads_back_when_it_is_near(on):
    assert read_date(f"{on.month}月{on.day}日", TODAY) == on


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14:05", time(14, 5)), ("１４：０５", time(14, 5)), ("14点05", time(14, 5)), ("14点", time(14, 0)),
        ("下午2点半", time(14, 30)), ("下午2点", time(14, 0)), ("9:15 pm", time(21, 15)),
        ("12:10 am", time(0, 10)), ("中午12点", time(12, 0)),
    ],
)  # fmt: skip
def test_a_time_is_read_in_every_usual_spelling(typed, meant):
    assert read_time(typed) == meant


@pytest.mark.parametrize("typed", ["", "25:00", "14:61", "14", "noonish"])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(BadInput):
        read_time(typed)


@pytest.mark.parametrize(
    "typed", ["2026-12-04 11:40", "12月4日 11:40", "今天 11:40", "11:40", "4 Dec 11:40", "4.12. 11:40"]
)
def test_a_moment_is_a_time_with_or_without_its_date(typed):
    assert read_moment(typed, NOW, "Asia/Shanghai") == datetime(2026, 12, 4, 3, 40, tzinfo=UTC)


@given(st.text(max_size=30))
def test_no_typed_text_breaks_the_readers(text):
    for read in (lambda: read_date(text, TODAY), lambda: read_moment(text, NOW, "Asia/Shanghai")):
        assert refusal(read) in (None, "wizard.no_date", "wizard.no_time")


def refusal(read):
    try:
        read()
    except BadInput as refused:
        return refused.key
    return None
