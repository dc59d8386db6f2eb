"""What the watcher calls a trouble: both sides of every threshold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.services.operation.operating import TROUBLES
from bot.watch.metrics import CODES
from bot.watch.vitals import LEAST_FREE_BYTES, Vitals, troubles

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


WELL = Vitals(
    now=NOW,
    began_at=ago(days=3),
    poll_at=ago(seconds=31),
    tick_at=ago(seconds=1),
    delivery_at=ago(seconds=1),
    free_bytes=LEAST_FREE_BYTES,
    backup_at=ago(hours=24),
)


def codes(**changed: Any) -> list[str]:
    return [trouble.code for trouble in troubles(replace(WELL, **changed))]


def test_nothing_is_wrong_while_all_is_well():
    assert codes() == []


@pytest.mark.parametrize(
    ("code", "name", "allowed", "most"),
    [
        ("poll", "poll_at", {"seconds": 90}, {"seconds": 91}),
        ("tick", "tick_at", {"seconds": 30}, {"seconds": 31}),
        ("delivery", "delivery_at", {"seconds": 30}, {"seconds": 31}),
        ("backup", "backup_at", {"hours": 26}, {"hours": 26, "seconds": 1}),
        ("alert", "alert_due_at", {"seconds": 60}, {"seconds": 61}),
        ("inbox", "inbox_since", {"seconds": 60}, {"seconds": 61}),
    ],
)
def test_what_is_too_old_is_a_trouble_and_what_is_not_is_none(code, name, allowed, most):
    assert codes(**{name: ago(**allowed)}) == []
    assert codes(**{name: ago(**most)}) == [code]


def test_an_alert_is_looked_at_whatever_its_age():
    assert codes(alert_due_at=ago(days=40)) == ["alert"]


@pytest.mark.parametrize("name", ["poll_at", "tick_at", "delivery_at"])
def test_what_never_happened_is_counted_from_the_start(name):
    assert codes(**{name: None, "began_at": ago(seconds=5)}) == []
    assert codes(**{name: None, "began_at": ago(seconds=91)}) == [name.removesuffix("_at")]


def test_a_new_installation_has_a_day_for_its_first_backup():
    assert codes(backup_at=None, began_at=ago(hours=25)) == []
    assert codes(backup_at=None, began_at=ago(hours=27)) == ["backup"]


def test_where_others_make_the_backups_they_are_not_missed():
    assert codes(backup_at=None, began_at=ago(days=9), backed_up=False) == []


def test_disk_database_and_a_pause_are_named():
    assert codes(free_bytes=LEAST_FREE_BYTES - 1) == ["disk"]
    assert codes(store_error="OperationalError") == ["database"]
    assert codes(paused_since=NOW) == ["paused"]


def test_a_refused_token_has_a_name_of_its_own():
    assert codes(poll_trouble="unauthorized") == ["unauthorized"]
    assert codes(poll_trouble="network", poll_at=ago(seconds=91)) == ["poll"]


@pytest.mark.parametrize(
    ("since", "seen_at", "expected"),
    [
        (ago(seconds=29), ago(), []),  # a program that was just replaced
        (ago(seconds=30), ago(), ["conflict"]),
        (ago(minutes=15), ago(minutes=10), ["conflict"]),
        (ago(minutes=15), ago(minutes=10, seconds=1), []),
    ],
)
def test_another_program_with_our_token_is_a_trouble_though_polls_succeed(since, seen_at, expected):
    assert codes(rival=(since, seen_at)) == expected


def test_staff_have_words_for_every_trouble():
    assert set(CODES) <= set(TROUBLES)
