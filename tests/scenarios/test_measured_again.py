"""A measurement that is bad once is asked once more: in 2 minutes, or in an hour for a temperature."""

from datetime import date, time, timedelta

import pytest

from bot.storage import second_readings
from tests.scenarios.ward_round import Round, about, ward_round

# Day 60: no infusion within 14 days, so that one temperature is no more than a temperature.
D60, D61 = date(2027, 1, 29), date(2027, 1, 30)
MORNING = time(9)

ZH = {"report": "🩺 现在报告", "axillary": "腋下", "cannot": "现在量不了", "back": "‹ 上一题"}
EN = {"report": "🩺 Report now", "axillary": "Armpit", "cannot": "I cannot measure now", "back": "‹ Back"}


async def reports(stage: Round, celsius: str, words: dict[str, str]) -> None:
    await stage.tap(words["report"])
    await stage.say(celsius)
    await stage.tap(words["axillary"])


async def up_to_oxygen(stage: Round, words: dict[str, str]) -> None:
    """Report a normal temperature and no complaint, as far as the oxygen."""
    await stage.tap(words["report"])
    await stage.say("36.6")
    await stage.tap(words["axillary"])
    await stage.well(stop="Q9.value")


async def test_a_normal_second_reading_after_two_minutes_leaves_four_hours() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        began = stage.theatre.now()
        assert await stage.tier() == "amber 1"
        await stage.minutes(1)
        assert stage.heard("again") == []
        await stage.minutes(1.1)
        assert about(stage.heard("again"), began + timedelta(minutes=2))
        await stage.say("97")
        assert stage.got(stage.phone, "收到了，谢谢您", "97")
        assert await stage.tier() == "amber 4"
        await stage.minutes(30)
        assert await stage.tier() == "amber 4"
        assert len(stage.heard("again")) == 1
        assert stage.heard("go") == []
        page = stage.coordinator.newest()
        assert any("复测：血氧 97 %" in message.text for message in page)


@pytest.mark.parametrize(("language", "words"), [("zh_CN", ZH), ("en", EN)])
async def test_a_second_bad_reading_is_red_and_calls_for_help(language, words) -> None:
    async with ward_round(D60, MORNING, language=language) as stage:
        await up_to_oxygen(stage, words)
        await stage.say("88")
        await stage.minutes(2.1)
        await stage.say("89")
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1
        assert "120" in stage.theatre.letters(stage.phone)[-1][1]


async def test_no_second_reading_within_ten_minutes_is_red() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        began = stage.theatre.now()
        await stage.minutes(9.9)
        assert await stage.tier() == "amber 1"
        await stage.minutes(0.2)
        assert await stage.tier() == "red"
        assert about(stage.heard("go"), began + timedelta(minutes=10))


async def test_who_cannot_measure_again_says_so_by_a_button_and_is_helped_at_once() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        await stage.minutes(3)
        await stage.tap(ZH["cannot"])
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1


async def test_a_mistyped_first_reading_that_is_corrected_is_not_asked_again() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("78")
        await stage.tap(ZH["back"])
        await stage.say("98")
        await stage.minutes(15)
        assert stage.heard("again") == []
        assert await stage.tier() == "amber 1"


@pytest.mark.parametrize(("second", "tier"), [("87", "red"), ("97", "amber 4")])
async def test_another_report_meanwhile_brings_the_second_reading(second, tier) -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        await stage.well()
        assert await stage.tier() == "amber 1"
        await stage.minutes(3)
        await up_to_oxygen(stage, ZH)
        await stage.say(second)
        assert await stage.tier() == tier
        await stage.minutes(20)
        assert await stage.tier() == tier
        assert len(stage.heard("again")) == 1


async def test_a_number_for_the_open_question_is_not_taken_for_the_second_reading() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        await stage.minutes(2.1)
        # Goes on with the form after being asked: the newest question is the form's again.
        await stage.well(stop="Q19.weight_kg")
        await stage.say("72")
        assert await stage.tier() == "amber 1"
        await stage.say("97")
        assert await stage.tier() == "amber 4"


async def test_a_bot_that_was_down_when_it_was_due_asks_late_and_judges_at_once() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        stage.asleep_until(D60, time(9, 5))
        await stage.act()
        assert len(stage.heard("again")) == 1
        stage.asleep_until(D60, time(10))
        await stage.act()
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1


async def test_a_bot_that_was_down_all_the_time_asks_nothing_and_judges_at_once() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        stage.asleep_until(D60, time(10))
        await stage.act()
        assert stage.heard("again") == []
        assert await stage.tier() == "red"


async def test_a_question_that_reaches_nobody_counts_as_unanswered() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        stage.phone.block()
        await stage.minutes(2.1)
        assert await stage.tier() == "red"


async def test_a_temperature_between_the_limits_is_asked_again_after_an_hour_and_its_alert_stays() -> None:
    async with ward_round(D60, MORNING) as stage:
        await reports(stage, "37.6", ZH)
        began = stage.theatre.now()
        assert await stage.tier() == "amber 2"
        await stage.minutes(59)
        assert stage.heard("again") == []
        await stage.minutes(1.1)
        assert about(stage.heard("again"), began + timedelta(minutes=60))
        await stage.say("36.9")
        assert await stage.tier() == "amber 2"
        await stage.minutes(30)
        assert await stage.tier() == "amber 2"


async def test_a_second_temperature_over_the_limit_an_hour_later_is_red() -> None:
    async with ward_round(D60, MORNING) as stage:
        await reports(stage, "37.6", ZH)
        await stage.minutes(61)
        await stage.say("37度7")
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1


async def test_no_second_temperature_is_red_after_ninety_minutes() -> None:
    async with ward_round(D60, time(21)) as stage:
        await reports(stage, "37.6", ZH)
        began = stage.theatre.now()
        # Quiet hours begin at 22:00 and hold neither the question nor what follows.
        await stage.minutes(89.9)
        assert len(stage.heard("again")) == 1
        assert await stage.tier() == "amber 2"
        await stage.minutes(0.2)
        assert await stage.tier() == "red"
        assert about(stage.heard("go"), began + timedelta(minutes=90))


async def test_an_alert_that_a_physician_closed_meanwhile_ends_the_waiting() -> None:
    async with ward_round(D60, MORNING) as stage:
        await reports(stage, "37.6", ZH)
        found = await stage.alert()
        async with stage.theatre.stage.study.db.begin() as tx:
            from bot.storage import alerts

            now = stage.theatre.stage.clock.now()
            await alerts.close(tx, found.id, 2, now, outcome="10")
        await stage.minutes(120)
        assert stage.heard("again") == []
        assert (await stage.alert()).state == "closed"
        async with stage.theatre.stage.study.db.begin() as tx:
            [reading] = await second_readings.of_checkin(tx, 1)
        assert reading.state == "moot"


async def test_the_number_is_asked_again_where_it_cannot_be() -> None:
    async with ward_round(D60, MORNING) as stage:
        await up_to_oxygen(stage, ZH)
        await stage.say("88")
        await stage.minutes(2.1)
        await stage.say("60")
        assert await stage.tier() == "amber 1"
        assert stage.got(stage.phone, "60")
        await stage.say("96")
        assert await stage.tier() == "amber 4"
