"""P7: each reminder exactly once, on every day with a clock change, in seven zones."""

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain.agenda import DueReminder, due
from bot.domain.calendar import to_local
from bot.domain.planning import Course, plan
from bot.domain.protocol import SHIPPED, Protocol, protocol_from
from bot.domain.timetable import timetable
from tests.domain.schedules import Diary, facts, shipped
from tests.domain.test_calendar import ZONES, anchors

DAY = timedelta(days=1)
FLAGS = frozenset({"CONTRACEPTION"})


def changes(zone: str) -> list[date]:
    """Return the local days of eight years on which the clocks of a zone change."""
    wall = ZoneInfo(zone)
    edges = [datetime.combine(on, datetime.min.time(), wall) for on in anchors()]
    return [one.date() for one, other in pairwise(edges) if one.utcoffset() != other.utcoffset()]


def reminded(course: Course, start: date, end: date) -> tuple[list[tuple[str, str, date]], Diary]:
    known = facts(day1_on=course.day1_on, zone=course.zone)
    first, last = (datetime.combine(on, datetime.min.time(), ZoneInfo(course.zone)) for on in (start, end))
    diary = Diary(known).from_(first - timedelta(seconds=1)).live(first, last)
    got = [
        (i.visit, i.rule, to_local(now, course.zone).date())
        for now, i in diary.got
        if isinstance(i, DueReminder)
    ]
    return got, diary


@pytest.mark.parametrize("zone", ZONES)
def test_p07_every_reminder_comes_once_around_every_clock_change(zone: str) -> None:
    """Day 14 lies on the day of the change, the day after it, and three days after it."""
    for changed_on in changes(zone):
        for later in (0, 1, 3):
            visit_on = changed_on + later * DAY
            course = Course(visit_on - 13 * DAY, zone)
            got, diary = reminded(course, visit_on - 4 * DAY, visit_on + 2 * DAY)
            assert [each for each in got if each[0] == "D14"] == [
                ("D14", "three_days", visit_on - 3 * DAY),
                ("D14", "day_before", visit_on - DAY),
                ("D14", "morning", visit_on),
            ]
            assert not [key for key in diary.dropped if ":D14:" in key]
            assert max(Counter(diary.keys()).values()) == 1


@pytest.mark.parametrize("zone", ZONES)
def test_p07_a_reminder_is_queued_once_however_often_one_looks(zone: str) -> None:
    """Looked at every 20 minutes over the day of a change: the hour that comes twice brings nothing twice."""
    for changed_on in changes(zone)[:4]:
        known = facts(day1_on=changed_on - 13 * DAY, zone=zone)
        start = datetime.combine(changed_on - DAY, datetime.min.time(), ZoneInfo(zone))
        diary = Diary(known).from_(start)
        for step in range(1, 2 * 24 * 3):
            diary.look(start.astimezone(ZoneInfo("UTC")) + step * timedelta(minutes=20))
        keys = [item.key for _, item in diary.got if isinstance(item, DueReminder)]
        assert sorted(keys) == sorted(set(keys))
        assert sum(":D14:" in key for key in keys) == 2


@pytest.mark.parametrize("zone", ZONES)
def test_p07_the_keys_of_a_whole_study_are_one_for_each_visit_rule_and_date(zone: str) -> None:
    for n in range(0, 8 * 365, 61):
        course = Course(date(2024, 1, 1) + n * DAY, zone, flags=FLAGS)
        table = timetable(course, shipped())
        rules = [(one.visit, one.rule) for one in table.reminders]
        expected = [
            (visit.id, rule.id)
            for visit in plan(course, shipped())
            for rule in shipped().reminders.values()
            if visit.type.kind in rule.kinds
        ]
        assert Counter(rules) == Counter(expected)
        assert all(one.due_at < one.expires_at for one in table.reminders)
        assert len({one.name for one in table.notices}) == len(table.notices) == 12
        days = {visit.id: visit.on for visit in plan(course, shipped())}
        for one in table.reminders:
            before = shipped().reminders[one.rule].days_before
            assert to_local(one.due_at, zone).date() == days[one.visit] - before * DAY


def nightly(at: str) -> Protocol:
    """Return the shipped trial with its reminders at a time of the night, quiet hours or not."""
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for rule in table["reminders"].values():
        rule |= {"at": at, "choices": [at], "quiet": False}
    return protocol_from(table, "nightly.toml", anchor="rituximab")


@pytest.mark.parametrize("at", ["00:15", "01:45", "02:15"])
@pytest.mark.parametrize("zone", ZONES)
def test_p07_a_reminder_inside_the_hour_that_is_missing_or_comes_twice_comes_once(zone: str, at: str) -> None:
    protocol = nightly(at)
    for changed_on in changes(zone)[:4]:
        known = facts(day1_on=changed_on - 13 * DAY, zone=zone)
        start = datetime.combine(changed_on, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
        got: list[str] = []
        for step in range(-8, 4 * 8):
            now = start + step * timedelta(minutes=15)
            items = due(replace(known, sent=frozenset(got)), protocol, now).items
            got += [each.key for each in items if isinstance(each, DueReminder)]
        assert sum(":D14:morning:" in key for key in got) == 1
        assert len(got) == len(set(got))
