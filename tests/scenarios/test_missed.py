"""A report that does not come: nudges, a telephone task, RED; at every stage of the trial to the minute."""

from datetime import date, time, timedelta

import pytest

from bot.screens.taps import Do
from bot.storage import awaited, checkins, participants
from tests.scenarios.ward_round import DAY1, about, ward_round

NUDGED = {"zh_CN": "还没有收到您这次的回答", "en": "We have not had your answers yet"}
# The evening after the third NK infusion: the full form at 19:00, eight hours after its end.
D8 = DAY1 + timedelta(days=7)
# No infusion within 72 h: asked at 08:00 in full, at 20:00 for the temperature.
D13 = DAY1 + timedelta(days=12)
# A Sunday after Day 28: once a week, at 19:00.
SUNDAY = date(2027, 1, 10)


async def state(stage, sent_at):
    """Return check-in and what is awaited of the one that was asked at an instant."""
    async with stage.theatre.stage.study.db.begin() as tx:
        for each in await checkins.since(tx, stage.participant.id, sent_at - timedelta(minutes=5)):
            row = await awaited.of_checkin(tx, each.id)
            if row is not None and about([row.sent_at], sent_at):
                return each.state, row.state
    raise AssertionError("nothing was asked then")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_in_the_first_72_hours_two_nudges_then_a_telephone_task_then_red(language) -> None:
    async with ward_round(D8, time(18), language=language) as stage:
        asked = stage.at(D8, time(19))
        await stage.until(D8, time(20, 59))
        nudges = [asked + timedelta(minutes=30), asked + timedelta(minutes=60)]
        assert about(stage.got(stage.phone, NUDGED[language]), *nudges)
        assert await stage.tier() is None
        await stage.until(D8, time(21, 1))
        assert await stage.tier() == "amber 1"
        assert about([(await stage.alert()).opened_at], asked + timedelta(hours=2))
        assert await state(stage, asked) == ("missed", "waiting")
        [page] = [text for _, text in stage.theatre.letters(stage.coordinator) if "请打电话" in text][:1]
        assert "输注后72小时内没有收到报告" in page
        assert stage.heard("go") == []
        await stage.until(D8, time(23, 1))
        assert await stage.tier() == "red"
        assert about(stage.heard("go"), asked + timedelta(hours=4))
        assert await state(stage, asked) == ("missed", "alerted")


async def test_who_was_reached_by_telephone_does_not_become_red_for_a_missed_report() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(21, 31))
        await stage.reached()
        await stage.until(D8, time(23, 59))
        assert (await stage.alert()).state == "contacted"
        assert await stage.tier() == "amber 1"


async def test_to_day_28_a_nudge_after_four_hours_and_a_task_after_twelve() -> None:
    async with ward_round(D13, time(7)) as stage:
        asked = stage.at(D13, time(8))
        await stage.until(D13, time(19, 59))
        assert about(stage.got(stage.phone, NUDGED["zh_CN"]), asked + timedelta(hours=4))
        assert await stage.tier() is None
        await stage.until(D13, time(20, 1))
        assert await stage.tier() == "amber 4"
        # The evening's question was asked meanwhile, and what the morning's was missed for stays.
        assert (await state(stage, asked))[0] == "missed"
        # Its nudge is due at midnight: the quiet hours hold it until six.
        await stage.until(D13 + timedelta(days=1), time(7))
        nudges = stage.got(stage.phone, NUDGED["zh_CN"])
        assert about(nudges, asked + timedelta(hours=4), stage.at(D13 + timedelta(days=1), time(6)))


async def test_later_a_nudge_after_a_day_and_a_task_after_two() -> None:
    async with ward_round(SUNDAY, time(18)) as stage:
        asked = stage.at(SUNDAY, time(19))
        await stage.until(SUNDAY + timedelta(days=2), time(18, 59))
        assert about(stage.got(stage.phone, NUDGED["zh_CN"]), asked + timedelta(days=1))
        assert await stage.tier() is None
        await stage.until(SUNDAY + timedelta(days=2), time(19, 1))
        assert await stage.tier() == "amber 24"


async def test_a_late_answer_is_taken_and_judged_and_ends_the_waiting() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(21, 30))
        await stage.say("36.6")
        await stage.well()
        assert await state(stage, stage.at(D8, time(19))) == ("done", "answered")
        await stage.until(D8, time(23, 30))
        # Nothing closes itself, and nothing becomes RED for a report that came.
        assert await stage.tier() == "amber 1"


async def test_a_form_left_half_way_is_missed_and_what_it_holds_was_judged() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(19, 5))
        await stage.say("36.6")
        await stage.press(Do.ANSWER, "axillary")
        await stage.until(D8, time(21, 1))
        assert await stage.tier() == "amber 1"
        # A tap on the old button, two hours late.
        assert await stage.press(Do.ANSWER, "no")
        assert (await state(stage, stage.at(D8, time(19))))[0] == "open"


async def test_a_report_of_ones_own_accord_says_that_somebody_is_there() -> None:
    async with ward_round(D13, time(7)) as stage:
        await stage.until(D13, time(15))
        await stage.tap("🩺 现在报告")
        await stage.say("36.6")
        await stage.well()
        await stage.until(D13, time(20, 1))
        assert await stage.tier() is None


async def test_nothing_is_missed_while_the_bot_was_down() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(20, 10))
        stage.asleep_until(D8, time(22, 30))
        await stage.act()
        assert await stage.tier() is None
        # About an hour had passed at its last sign of life; its clock goes on from there.
        await stage.until(D8, time(23, 15))
        assert await stage.tier() is None
        await stage.until(D8, time(23, 31))
        assert await stage.tier() == "amber 1"


async def test_what_was_answered_while_the_bot_was_down_is_not_missed() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(20, 10))
        stage.asleep_until(D8, time(21, 30))
        stage.phone.say("36.6")
        await stage.act()
        await stage.well()
        await stage.until(D8, time(23, 59))
        assert await stage.tier() is None


async def test_nothing_is_missed_in_hospital() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(19, 10))
        async with stage.theatre.stage.study.db.begin() as tx:
            await participants.set_inpatient_until(tx, stage.participant.id, D13)
        await stage.until(D8, time(23, 59))
        assert await stage.tier() is None
        assert stage.got(stage.phone, NUDGED["zh_CN"]) == []
        assert await state(stage, stage.at(D8, time(19))) == ("open", "dropped")


async def test_nothing_is_missed_while_a_red_alert_is_being_paged() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(19, 5))
        await stage.say("39")
        await stage.press(Do.ANSWER, "axillary")
        assert await stage.tier() == "red"
        told = len(stage.heard("go"))
        await stage.until(D8, time(21, 30))
        assert await state(stage, stage.at(D8, time(19))) == ("open", "dropped")
        assert stage.got(stage.phone, NUDGED["zh_CN"]) == []
        assert len(stage.heard("go")) == told


async def test_an_open_red_of_the_last_report_makes_the_next_missed_one_red() -> None:
    async with ward_round(D8, time(18)) as stage:
        await stage.until(D8, time(19, 5))
        await stage.say("39")
        await stage.press(Do.ANSWER, "axillary")
        await stage.reached()
        assert (await stage.alert()).state == "contacted"
        tomorrow = D8 + timedelta(days=1)
        await stage.until(tomorrow, time(10, 1))
        assert ((await stage.alert()).state, await stage.tier()) == ("open", "red")


async def test_an_open_amber_of_the_last_report_makes_the_next_missed_one_a_step_graver() -> None:
    async with ward_round(D13, time(7)) as stage:
        await stage.until(D13, time(8, 5))
        await stage.say("36.6")
        await stage.press(Do.ANSWER, "axillary")
        await stage.well(stop="Q5.value")
        await stage.press(Do.ANSWER, "2")
        await stage.well()
        assert await stage.tier() == "amber 4"
        await stage.reached()
        await stage.until(D13 + timedelta(days=1), time(8, 1))
        assert await stage.tier() == "amber 1"


async def test_who_blocks_the_bot_is_telephoned_at_once() -> None:
    async with ward_round(D13, time(14)) as stage:
        stage.phone.block()
        await stage.act()
        assert await stage.tier() == "amber 4"
        assert stage.got(stage.coordinator, "机器人发不到参与者那里", "请马上打电话")


async def test_who_blocks_the_bot_in_the_first_72_hours_is_telephoned_within_the_hour() -> None:
    async with ward_round(D8, time(14)) as stage:
        stage.phone.block()
        await stage.act()
        assert await stage.tier() == "amber 1"
