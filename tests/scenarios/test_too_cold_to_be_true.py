"""A temperature that is hardly possible: asked once more, and taken as it is where nobody answers."""

from datetime import date, time

import pytest

from bot.storage import findings
from tests.scenarios.ward_round import ward_round

ON = date(2026, 12, 20)


async def rules(round_) -> set[str]:
    alert = await round_.alert()
    if alert is None:
        return set()
    async with round_.theatre.stage.study.db.begin() as tx:
        return {each.what.rule for each in await findings.of_alert(tx, alert.id)}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_a_form_that_is_left_at_the_question_does_not_lose_the_value(language):
    async with ward_round(ON, time(10), language=language) as round_:
        await round_.tap(REPORT[language])
        await round_.say("33.2")
        assert await round_.tier() is None
        await round_.minutes(14)
        assert await round_.tier() is None
        await round_.minutes(2)
        assert await round_.tier() == "red"
        assert await rules(round_) == {"R13"}
        assert len(round_.heard("go")) == 1


REPORT = {"zh_CN": "🩺 现在报告", "en": "🩺 Report now"}


async def test_a_second_reading_that_is_well_ends_it():
    async with ward_round(ON, time(10)) as round_:
        await round_.tap(REPORT["zh_CN"])
        await round_.say("33.2", "36.6")
        await round_.well()
        await round_.minutes(30)
        assert await round_.alert() is None


@pytest.mark.parametrize("words", ["我现在33.2度", "刚量体温33.2", "my temp is 91.8 F"])
async def test_in_words_it_is_asked_about_and_without_an_answer_it_counts(words):
    async with ward_round(ON, time(10)) as round_:
        await round_.say(words)
        assert "我们想再问问您：体温" in round_.phone.last.text
        await round_.minutes(16)
        assert await round_.tier() == "red"
        assert "R13" in await rules(round_)


@pytest.mark.parametrize("words", ["今天33度，好热", "外面31.5度", "我花了33.2元"])
async def test_the_weather_and_the_price_of_things_are_no_temperature(words):
    async with ward_round(ON, time(10)) as round_:
        await round_.say(words)
        await round_.minutes(16)
        assert "R13" not in await rules(round_)


async def test_a_fever_in_words_that_is_answered_is_measured_again_like_any_other():
    async with ward_round(date(2027, 1, 20), time(10)) as round_:
        await round_.say("有点发烧")
        await round_.tap(REPORT["zh_CN"])
        await round_.say("37.8")
        await round_.tap("腋下")
        assert await round_.tier() == "amber 2"
        await round_.minutes(61)
        assert round_.heard("again")
        await round_.minutes(30)
        assert await round_.tier() == "red"
