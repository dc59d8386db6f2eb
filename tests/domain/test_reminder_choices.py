"""Whatever a participant chooses, a reminder comes on its day, outside the quiet hours, before the visit."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import to_local
from bot.domain.planning import Course
from bot.domain.protocol import load_protocol
from bot.domain.timetable import timetable

PROTOCOL = load_protocol(anchor="rituximab")
ZONE = "Asia/Shanghai"
RULES = list(PROTOCOL.reminders.values())


@settings(max_examples=15, deadline=None)
@given(
    day1=st.dates(date(2026, 1, 1), date(2033, 12, 31)),
    wanted=st.tuples(*(st.sampled_from(rule.choices) for rule in RULES)),
)
def test_each_reminder_comes_when_it_was_wanted(day1, wanted):
    own = tuple(zip([rule.id for rule in RULES], wanted, strict=True))
    table = timetable(Course(day1, ZONE, reminder_at=own), PROTOCOL)
    plain = timetable(Course(day1, ZONE), PROTOCOL)
    assert len(table.reminders) == len(plain.reminders)
    for one in table.reminders:
        local = to_local(one.due_at, ZONE)
        rule = PROTOCOL.reminders[one.rule]
        assert local.time() == dict(own)[one.rule]
        assert local.date() == one.on - timedelta(days=rule.days_before)
        assert not PROTOCOL.quiet_hours.holds(local.time())
    assert table.checkins == plain.checkins


@pytest.mark.parametrize("rule", RULES)
def test_a_time_that_is_no_choice_any_more_is_as_the_protocol_has_it(rule):
    assert rule.at_for(time(3, 33)) == rule.at
    assert rule.at_for(None) == rule.at
