"""A coordinator writes to many: narrowed, timed, interrupted by a crash; nobody gets a second copy."""

from datetime import date, time, timedelta

from bot.domain.people import Role
from bot.storage import dispatch, outbox
from bot.storage.outbox import BROADCAST
from tests.scenarios.theatre import theatre

ZH, EN = "周五门诊改到二楼。", "On Friday the clinic is on floor 2."
TODAY = date(2026, 12, 1)


def copies(house, person, text):
    return sum(text in each for _, each in house.letters(person))


async def test_a_broadcast_goes_out_at_its_time_to_those_who_are_meant_and_to_nobody_twice():
    async with theatre(TODAY) as house:
        lin = await house.staff("小林", Role.COORDINATOR, "zh_CN")
        near = await house.enrol("001", TODAY + timedelta(days=2), "zh_CN")
        far = await house.enrol("002", TODAY + timedelta(days=20), "en")
        wang, kevin = await house.joins("王", near, "zh_CN"), await house.joins("Kevin", far, "en")
        lin.command("broadcast")
        await house.stage.settle()
        shown = lin.last.id
        for deed in (ZH, EN):
            lin.say(deed)
            await house.stage.settle()
        for label in ("3 天内有访视", "✅ 就发给这些人（1）", "🕒 定时发送", "12月2日周三", "10:00"):
            lin.tap(label, shown)
            await house.stage.settle()
        lin.tap("✅ 12月2日 10:00 发送", shown)
        await house.stage.settle()
        await house.until(TODAY + timedelta(days=1), time(9, 59))
        assert copies(house, wang, ZH) == 0
        await house.until(TODAY + timedelta(days=1), time(10, 1))
        assert (copies(house, wang, ZH), copies(house, kevin, EN)) == (1, 0)
        assert "已送达 1 / 1" in lin.message(shown).text


async def test_a_crash_in_the_middle_sends_nobody_a_second_copy_and_says_who_is_uncertain():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        people = [
            await house.joins(code, await house.enrol(code, TODAY + timedelta(days=9), "en"), "en")
            for code in ("001", "002", "003")
        ]
        lin.command("broadcast")
        await house.stage.settle()
        shown = lin.last.id
        for deed in (ZH, EN):
            lin.say(deed)
            await house.stage.settle()
        lin.tap("All participants (3)", shown)
        await house.stage.settle()
        lin.tap("✅ Send to 3 people", shown)
        # The press is handled; then the program dies with one letter in hand, and starts anew.
        app, db = house.stage.app, house.stage.study.db
        await app.intake.poll_once()
        await app.intake.drain()
        now = house.stage.clock.now()
        async with db.begin() as tx:
            [in_hand] = [
                each
                for each in await dispatch.claim(tx, now, 1, timedelta(minutes=1))
                if each.priority == BROADCAST
            ]
        await app.delivery.release_leases()
        await house.stage.settle()
        assert in_hand.to is not None
        assert sorted(copies(house, each, EN) for each in people) == [0, 1, 1]
        assert "Delivered: 2 of 3" in lin.message(shown).text
        assert "uncertain, not sent again (1): 001" in lin.message(shown).text
        await house.until(TODAY + timedelta(days=2), time(12))
        assert sorted(copies(house, each, EN) for each in people) == [0, 1, 1]
        async with db.begin() as tx:
            assert (await outbox.counts(tx)).get("sending", 0) == 0
