"""When contact was made: never ahead, never before the alert as it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.contact import checked, minutes_ago, to_be_called
from bot.errors import BadInput

SINCE = datetime(2026, 12, 9, 6, 0, 21, tzinfo=UTC)
NOW = SINCE
SECONDS = st.integers(-4000, 4000)


@given(SECONDS, st.integers(0, 4000))
def test_contact_lies_between_the_alert_and_now_or_is_refused(after, since):
    now, at = SINCE + timedelta(seconds=since), SINCE + timedelta(seconds=after)
    try:
        made_at = checked(at, SINCE, now)
    except BadInput:
        assert at > now or at < SINCE
        return
    assert SINCE <= made_at <= now
    assert abs(made_at - at) < timedelta(minutes=1)


@given(st.integers(0, 7200))
def test_no_minute_before_the_alert_is_offered(seconds):
    now = SINCE + timedelta(seconds=seconds)
    for minutes in minutes_ago(SINCE, now):
        assert checked(now - timedelta(minutes=minutes), SINCE, now) >= SINCE


@pytest.mark.parametrize(("minutes", "offered"), [(4, ()), (5, (5,)), (20, (5, 15)), (31, (5, 15, 30))])
def test_what_is_offered_follows_from_how_long_it_has_lasted(minutes, offered):
    assert minutes_ago(SINCE, SINCE + timedelta(minutes=minutes)) == offered


@pytest.mark.parametrize(
    ("called", "visit", "due"),
    [
        (None, None, True),
        (-1, None, False),
        (-72, 47, True),
        (-72, 48, True),
        (-72, 49, False),
        (-2, 47, True),
        (-1, 47, False),
        (0, 47, False),
        (-72, 0, False),
    ],
)
def test_on_the_phone_list_who_was_never_called_or_has_a_visit_soon_is_to_be_called(called, visit, due):
    called_at = None if called is None else NOW + timedelta(hours=called)
    visit_at = None if visit is None else NOW + timedelta(hours=visit)
    assert to_be_called(called_at, visit_at, timedelta(days=2), NOW) is due
