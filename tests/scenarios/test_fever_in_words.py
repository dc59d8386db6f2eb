"""A fever in one's own words that nobody answers is measured again, as one of a form is."""

from datetime import date, time, timedelta

import pytest

from bot.storage import checkins, second_readings
from tests.scenarios.ward_round import Round, about, ward_round

# No infusion within 14 days: one temperature is no more than a temperature.
ON, MORNING = date(2027, 1, 20), time(10)
SAID = {"zh_CN": "烧到37度8", "en": "my temperature is 37.8"}
CANNOT = {"zh_CN": "现在量不了", "en": "I cannot measure now"}


async def waited_for(stage: Round) -> list[str]:
    async with stage.theatre.stage.study.db.begin() as tx:
        return [each.item for each in await second_readings.waiting_for(tx, stage.participant.id)]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_it_is_asked_again_after_an_hour_and_without_an_answer_it_is_red(language):
    async with ward_round(ON, MORNING, language=language) as stage:
        await stage.say(SAID[language])
        began = stage.theatre.now()
        await stage.minutes(16)
        assert await stage.tier() == "amber 2"
        assert stage.heard("again") == []
        await stage.minutes(45)
        assert about(stage.heard("again"), began + timedelta(minutes=60))
        await stage.minutes(28)
        assert await stage.tier() == "amber 2"
        await stage.minutes(2)
        assert await stage.tier() == "red"
        assert about(stage.heard("go"), began + timedelta(minutes=90))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_a_second_reading_without_fever_leaves_the_alert_as_it_is(language):
    async with ward_round(ON, MORNING, language=language) as stage:
        await stage.say(SAID[language])
        await stage.minutes(61)
        await stage.say("36.9")
        await stage.minutes(60)
        assert await stage.tier() == "amber 2"
        assert stage.heard("go") == []


async def test_a_second_reading_with_fever_is_red_at_once():
    async with ward_round(ON, MORNING) as stage:
        await stage.say(SAID["zh_CN"])
        await stage.minutes(61)
        await stage.say("37.9")
        assert await stage.tier() == "red"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_who_cannot_measure_again_is_helped_at_once(language):
    async with ward_round(ON, MORNING, language=language) as stage:
        await stage.say(SAID[language])
        await stage.minutes(61)
        await stage.tap(CANNOT[language])
        assert await stage.tier() == "red"


async def test_a_fever_in_words_twice_is_measured_again_once():
    async with ward_round(ON, MORNING) as stage:
        await stage.say("烧到37度8")
        await stage.minutes(5)
        await stage.say("烧到37度7")
        await stage.minutes(20)
        assert await waited_for(stage) == ["Q1"]
        await stage.minutes(40)
        assert len(stage.heard("again")) == 1


async def test_the_open_form_stays_the_one_to_go_on_with():
    async with ward_round(ON, MORNING) as stage:
        await stage.say("烧到37度8")
        await stage.minutes(5)
        await stage.tap("🩺 现在报告")
        await stage.minutes(12)
        async with stage.theatre.stage.study.db.begin() as tx:
            going_on = await checkins.current_for(tx, stage.participant.id)
        assert going_on is not None
        assert going_on.key.startswith("report:")
        assert await waited_for(stage) == ["Q1"]


async def test_what_is_no_fever_or_no_reading_of_now_is_not_measured_again():
    async with ward_round(ON, MORNING) as stage:
        await stage.say("有点发烧", "昨晚烧到37度8，现在退了", "体温36度8")
        await stage.minutes(20)
        assert await waited_for(stage) == []
        await stage.minutes(60)
        assert stage.heard("again") == []
