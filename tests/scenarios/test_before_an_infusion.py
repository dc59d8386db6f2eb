"""Before an infusion: the screen, "do not travel yet", and how RED speaks louder; one text for one danger."""

from datetime import time, timedelta

from bot.screens.taps import Do
from tests.scenarios.ward_round import DAY1, ward_round

D3, D9, D20 = DAY1 + timedelta(days=2), DAY1 + timedelta(days=8), DAY1 + timedelta(days=19)
EVE = DAY1 - timedelta(days=1)


async def through_the_screen(stage, **said: str) -> None:
    """Answer the screen; `said` names the parts that are answered with yes."""
    await stage.say("36.6")
    await stage.press(Do.ANSWER, "axillary")
    while (step := stage.question()) and not await_end(step):
        part = step.partition(".")[2]
        await stage.press(Do.ANSWER, said.get(part, "no"))


def await_end(step: str) -> bool:
    return not step.startswith(("Q2", "screen"))


def newest(stage) -> str:
    return next(message.text for message in stage.phone.newest() if message.from_bot)


async def test_somebody_well_on_the_eve_of_the_first_infusion_ends_green() -> None:
    async with ward_round(EVE, time(18), infusions=0) as stage:
        await stage.until(EVE, time(19, 1))
        await through_the_screen(stage)
        assert await stage.tier() is None
        assert "收到" in newest(stage)


async def test_a_positive_screen_says_not_to_travel_and_is_amber_within_the_hour() -> None:
    async with ward_round(EVE, time(18), infusions=0) as stage:
        await stage.until(EVE, time(19, 1))
        await through_the_screen(stage, new_infection="yes", antibiotic="yes")
        assert await stage.tier() == "amber 1"
        assert "先不要" in newest(stage)
        assert stage.heard("go") == []


async def test_red_on_the_morning_of_an_infusion_speaks_louder_than_the_screen() -> None:
    day4 = D3 + timedelta(days=1)
    async with ward_round(day4, time(6), infusions=1) as stage:
        await stage.until(day4, time(6, 31))
        await stage.say("39")
        await stage.press(Do.ANSWER, "axillary")
        await stage.press(Do.ANSWER, "no")
        while stage.question().startswith("screen"):
            await stage.press(Do.ANSWER, "yes")
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1
        assert "先不要" not in newest(stage)
        assert "急诊" in newest(stage)


async def test_the_short_evening_form_asks_the_temperature_and_its_place_alone() -> None:
    async with ward_round(D20, time(19)) as stage:
        await stage.until(D20, time(20, 1))
        await stage.say("36.7")
        await stage.press(Do.ANSWER, "axillary")
        assert stage.question() == ""
        assert "收到" in newest(stage)


async def test_nothing_new_takes_one_tap_and_the_temperature() -> None:
    async with ward_round(D20, time(7)) as stage:
        await stage.until(D20, time(8, 1))
        await stage.say("36.6")
        await stage.well()
        assert stage.question() == ""
        await stage.until(D20 + timedelta(days=1), time(8, 1))
        await stage.say("36.5")
        await stage.press(Do.ANSWER, "axillary")
        assert await stage.press(Do.SAME)
        assert stage.question() == ""
        assert "收到" in newest(stage)


async def test_an_answer_and_words_of_one_danger_bring_one_emergency_text() -> None:
    async with ward_round(D9, time(14)) as stage:
        await stage.tap("🩺 现在报告")
        await stage.say("喘不上气", "39")
        await stage.press(Do.ANSWER, "axillary")
        assert await stage.tier() == "red"
        assert len(stage.heard("go")) == 1
        await stage.minutes(6)
        await stage.say("喘不上气，快不行了")
        assert len(stage.heard("go")) == 2


async def test_words_after_a_milder_text_still_say_to_call() -> None:
    async with ward_round(D9, time(14)) as stage:
        await stage.tap("🩺 现在报告")
        await stage.say("39")
        await stage.press(Do.ANSWER, "axillary")
        await stage.say("喘不上气")
        texts = [text for _, text in stage.theatre.letters(stage.phone) if "请马上看这条消息" in text]
        assert len(texts) == 2
        assert "拨打 120" in texts[1]
