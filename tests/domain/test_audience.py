"""Whom a broadcast is for: criteria of one kind add, different kinds narrow."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import calendar, planning
from bot.domain.audience import PHASES, VISIT_WITHIN_DAYS, Audience, is_meant, phase_of, words_of
from bot.domain.people import LANGUAGES, Participant, ParticipantStatus
from bot.domain.planning import Course
from bot.domain.protocol import load_protocol
from bot.domain.unsaid import names_arm_or_dose

PROTOCOL = load_protocol(anchor="rituximab")
ZONE = "Asia/Shanghai"
DAY1 = date(2026, 12, 4)
WORDS = sorted(words_of(PROTOCOL, LANGUAGES))


def someone(**changed: Any) -> Participant:
    usual: dict[str, Any] = {
        "id": 1,
        "code": "001",
        "arm": "NK010",
        "dose": 5e9,
        "day1_on": DAY1,
        "icf_on": date(2026, 11, 20),
        "language": "zh_CN",
        "zone": ZONE,
        "status": ParticipantStatus.ACTIVE,
    }
    return Participant(**(usual | changed))


def at(on, hour=12):
    return calendar.local_to_utc(on, time(hour), ZONE)


def meant(audience, person, now: datetime):
    plan = planning.plan(Course(person.day1_on, ZONE), PROTOCOL)
    return is_meant(audience, person, plan, PROTOCOL, now, calendar.to_local(now, ZONE).date())


def chosen(*words):
    audience = Audience()
    for word in words:
        audience = audience.toggled(word)
    return audience


@pytest.mark.parametrize(
    ("words", "is_in"),
    [
        ((), True),
        (("l.zh_CN",), True),
        (("l.en",), False),
        (("l.en", "l.zh_CN"), True),
        (("a.NK010",), True),
        (("a.NK042",), False),
        (("d.NK010.1",), True),
        (("d.NK010.0",), False),
        (("d.NK042.1",), False),
        (("a.NK010", "l.en"), False),
        (("p.before",), True),
        (("p.during", "p.after"), False),
        (("v.3",), True),
        (("v.1",), False),
        (("v.3", "p.before", "l.zh_CN", "a.NK010", "d.NK010.1"), True),
    ],
)
def test_of_one_kind_any_fits_and_different_kinds_must_all_hold(words, is_in):
    assert meant(chosen(*words), someone(), at(DAY1 - timedelta(days=3))) is is_in


def test_who_has_left_is_never_meant():
    for status in (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED):
        assert not meant(Audience(), someone(status=status), at(DAY1))


@pytest.mark.parametrize(
    ("on", "hour", "phase"),
    [
        (DAY1, 6, "before"),
        (DAY1, 9, "during"),
        (DAY1 + timedelta(days=5), 12, "during"),
        (DAY1 + timedelta(days=7), 9, "during"),
        (DAY1 + timedelta(days=8), 6, "after"),
    ],
)
def test_treatment_is_from_the_first_infusion_to_the_end_of_the_last(on, hour, phase):
    assert phase_of(planning.plan(Course(DAY1, ZONE), PROTOCOL), at(on, hour)) == phase


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_a_criterion_pressed_twice_is_as_before_and_what_is_kept_is_read_back(words):
    audience = chosen(*words)
    assert Audience.from_json(audience.as_json()) == audience
    assert audience.size == sum(audience.holds(word) for word in WORDS)
    for word in WORDS:
        if not word.startswith("v."):
            assert audience.toggled(word).toggled(word) == audience


def test_every_word_fits_a_button():
    assert all(len(f"pick:99999:{word}".encode()) <= 64 for word in WORDS)
    assert {f"v.{each}" for each in VISIT_WITHIN_DAYS} | {f"p.{each}" for each in PHASES} <= set(WORDS)


@pytest.mark.parametrize("kept", [{"who": "all"}, {"who": "en"}])
def test_what_was_kept_before_there_were_criteria_is_understood(kept):
    assert Audience.from_json(kept).is_everyone is (kept["who"] == "all")


@pytest.mark.parametrize(
    "text",
    [
        "NK010 组周五来",
        "the nk-042 group",
        "ＮＫ０１０",
        "剂量是 2.5 × 10⁹ 个细胞",
        "2.5x10^9 cells",
        "6e8 cells",
        "25亿个细胞",
    ],
)
def test_a_text_that_names_an_arm_or_a_dose_is_found(text):
    assert names_arm_or_dose(text, PROTOCOL)


@pytest.mark.parametrize(
    "text", ["周五门诊改到二楼", "Call 021-0000-0142 before 10:30", "Room 10e, 1e floor"]
)
def test_an_ordinary_text_is_not(text):
    assert not names_arm_or_dose(text, PROTOCOL)
