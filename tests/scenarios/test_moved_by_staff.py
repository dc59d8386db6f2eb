"""Staff change the days of visits: the participant hears of it once, in few words, and as it is by then."""

from datetime import date, datetime, time, timedelta

import pytest

from bot.domain.people import Participant
from bot.services.people import who
from bot.services.trail import SYSTEM
from bot.services.visits import days_off, infusions, visits
from tests.scenarios.test_joining_and_contact import TODAY, heard
from tests.scenarios.test_visits_and_words import opened
from tests.scenarios.theatre import ZONE, theatre

FIRST = {"zh_CN": "随访：您来院的日子有变动", "en": "Suifang: your appointments have changed"}


async def passes(house, **by):
    house.stage.clock.set(house.stage.clock.now() + timedelta(**by))
    await house.stage.settle()


async def row(house, person):
    known = await who(house.stage.study, person.id)
    assert isinstance(known, Participant)
    return known


async def moves(house, person, visit, on, at=None):
    known = await row(house, person)
    await visits.move(house.stage.study, SYSTEM, known, visit, on, at, "the site needs it")
    await house.stage.settle()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh_CN", ("改到了 12月16日周三",)),
        ("en", ("now on Wed, Dec 16",)),
        ("both", ("改到了", "now on Wed")),
    ],
)
async def test_a_moved_visit_is_told_once_and_with_no_reason(language, words):
    async with theatre(TODAY) as house:
        _, wang = await opened(house, language)
        await moves(house, wang, "D14", date(2026, 12, 16))
        assert not heard(house, wang, *words)
        await passes(house, minutes=3)
        await passes(house, minutes=3)
        [text] = heard(house, wang, *words)
        assert "the site needs it" not in text


async def test_two_moves_within_minutes_are_one_message_and_back_again_is_none():
    async with theatre(TODAY) as house:
        _, grace = await opened(house, "en")
        await moves(house, grace, "D14", date(2026, 12, 16))
        await passes(house, minutes=1)
        await moves(house, grace, "D14", date(2026, 12, 15))
        await passes(house, minutes=5)
        assert len(heard(house, grace, "now on Tue, Dec 15")) == 1
        assert not heard(house, grace, "now on Wed, Dec 16")
        before = len(house.letters(grace))
        await moves(house, grace, "D28", date(2026, 12, 30))
        await moves(house, grace, "D28", None)
        await passes(house, minutes=5)
        assert len(house.letters(grace)) == before


async def test_all_that_a_holiday_moves_comes_in_one_message_without_clinical_first_words():
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, "zh_CN")
        known = await who(house.stage.study, wang.id)
        member = await who(house.stage.study, lin.id)
        _, count = await days_off.confirm_all(house.stage.study, member.ref, known.id)
        assert count == 2
        await passes(house, minutes=3)
        [text] = heard(house, wang, "第9个月随访：改到", "第12个月随访：改到")
        assert text.splitlines()[0] == FIRST["zh_CN"]


async def test_a_held_infusion_is_told_and_so_is_its_new_day():
    async with theatre(TODAY) as house:
        _, grace = await opened(house, "en")
        known = await row(house, grace)
        await infusions.hold(house.stage.study, SYSTEM, known, "D4", "low count")
        await passes(house, minutes=3)
        [text] = heard(house, grace, "please do not come for now")
        assert text.splitlines()[0] == FIRST["en"]
        assert "low count" not in text
        await moves(house, grace, "D4", date(2026, 12, 8))
        await passes(house, minutes=3)
        assert len(heard(house, grace, "please come on Tue, Dec 8")) == 1


async def test_what_is_moved_at_night_is_told_in_the_morning():
    async with theatre(TODAY) as house:
        _, grace = await opened(house, "en")
        house.stage.clock.set(datetime.combine(TODAY, time(23), ZONE))
        await house.stage.settle()
        await moves(house, grace, "D14", date(2026, 12, 16))
        await passes(house, minutes=10)
        assert not heard(house, grace, "now on Wed, Dec 16")
        await passes(house, hours=7)
        assert len(heard(house, grace, "now on Wed, Dec 16")) == 1
