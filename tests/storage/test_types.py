"""What goes into a column comes out the same, and its text sorts as it should."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot.storage.types import Day, Flag, Instant, Json, TimeOfDay, instant_text

SQLITE = sqlite.dialect()
ZONES = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-720, 840))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001


@given(INSTANTS)
def test_an_instant_comes_back_the_same_in_utc(at):
    kept = Instant().process_bind_param(at, SQLITE)
    back = Instant().process_result_value(kept, SQLITE)
    assert back == at
    assert back is not None
    assert back.tzinfo == UTC


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text(one, other):
    assert (instant_text(one) < instant_text(other)) == (one < other)
    assert len(instant_text(one)) == 27


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        Instant().process_bind_param(datetime(2026, 1, 1), SQLITE)  # noqa: DTZ001


def test_an_instant_is_no_date():
    with pytest.raises(ValueError, match="not an instant"):
        Day().process_bind_param(datetime(2026, 1, 1, tzinfo=UTC), SQLITE)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (Day(), date(2028, 2, 29), "2028-02-29"),
        (TimeOfDay(), time(8, 5), "08:05"),
        (Flag(), True, 1),
        (Flag(), False, 0),
        (Json(), {"b": 1, "a": ["热"]}, '{"a":["热"],"b":1}'),
        (Json(), [], "[]"),
        (Json(), False, "false"),
    ],
)
def test_a_value_has_one_form_at_rest(kind, value, kept):
    assert kind.process_bind_param(value, SQLITE) == kept
    assert kind.process_result_value(kept, SQLITE) == value


@pytest.mark.parametrize("kind", [Day(), TimeOfDay(), Flag(), Json(), Instant()])
def test_nothing_stays_nothing(kind):
    assert kind.process_bind_param(None, SQLITE) is None
    assert kind.process_result_value(None, SQLITE) is None
