"""A participant joins, refuses, is lost and found again: what they see, what the site hears."""

from datetime import date, datetime, time

from bot.domain.people import Role
from bot.services.participation import enrolment
from bot.services.trail import SYSTEM
from tests.scenarios.theatre import ZONE, theatre

TODAY, DAY1 = date(2026, 12, 1), date(2026, 12, 4)


def heard(house, person, *words):
    """Return what a phone was sent that holds all of these words."""
    return [text for _, text in house.letters(person) if all(word in text for word in words)]


async def taps(house, person, *labels):
    for label in labels:
        await house.does(person.tap(label))


async def invited(house, code, language):
    enrolled = await house.enrol(code, DAY1, language)
    return (await enrolment.invite(house.stage.study, SYSTEM, enrolled)).code


async def test_somebody_reads_every_page_and_gives_both_consents():
    async with theatre(TODAY) as house:
        lin = await house.staff("林小禾", Role.COORDINATOR, "zh_CN")
        wang = house.stage.world.add_person("王")
        await house.does(wang.start(await invited(house, "001", "zh_CN")))
        await taps(house, wang, "中文", "谁会看到，什么时候看", "下一步 ›")
        for kind in ("sensitive", "abroad"):
            assert "我同意" in str(wang.last.buttons)
            for page in ("看详细内容", "接着看：您的权利"):
                before = wang.last.text
                await taps(house, wang, page)
                assert wang.last.text != before
            await taps(house, wang, "‹ 返回", "‹ 返回")
            await house.does(wang.tap(f"consent:{kind}:1:yes"))
        assert heard(house, wang, "下一次")
        await taps(house, wang, "✓ 收到了")
        await house.until(TODAY, time(12))
        assert heard(house, lin, "001", "已同意")
        assert not heard(house, lin, "没有点")


async def test_who_refuses_goes_to_the_phone_list_and_may_change_their_mind():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        grace = house.stage.world.add_person("Grace")
        await house.does(grace.start(await invited(house, "001", "en")))
        await taps(house, grace, "English", "Next ›", "I do not agree")
        assert heard(house, lin, "001 does not agree", "phone list")
        await house.does(lin.command("today"))
        await taps(house, lin, "📞 Phone list (1)")
        assert "001" in lin.last.text
        silent = len(house.letters(grace))
        await house.until(date(2026, 12, 3), time(21))
        assert len(house.letters(grace)) == silent
        await taps(house, grace, "Let me look again", "I agree", "I agree")
        assert heard(house, grace, "Next\n")
        await house.does(lin.command("today"))
        assert "Phone list (1)" not in str(lin.last.buttons)


async def test_a_test_message_that_nobody_taps_is_a_reason_to_telephone():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        wang = house.stage.world.add_person("王")
        await house.does(wang.start(await invited(house, "001", "both")))
        await house.does(wang.tap("lang:both"))
        await house.does(wang.tap("join:sensitive"))
        for kind in ("sensitive", "abroad"):
            await house.does(wang.tap(f"consent:{kind}:1:yes"))
        assert "✓ 收到了 · Got it" in str(wang.last.buttons)
        await house.until(TODAY, time(9, 29))
        assert not heard(house, lin, "has not tapped")
        await house.until(TODAY, time(9, 31))
        assert len(heard(house, lin, "001 has not tapped", "phone")) == 1
        await taps(house, wang, "✓ 收到了 · Got it")
        assert heard(house, lin, "001 has tapped")


async def test_who_blocks_the_bot_is_telephoned_and_comes_back_with_a_new_code():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        enrolled = await house.enrol("001", DAY1, "zh_CN")
        wang = await house.joins("王", enrolled, "zh_CN")
        wang.block()
        await house.stage.settle()
        [page] = heard(house, lin, "AMBER 4 h · 001")
        assert "cannot reach the participant" in page
        code = (await enrolment.invite(house.stage.study, SYSTEM, enrolled)).code
        await house.does(wang.start(code))
        await house.does(wang.command("visits"))
        assert "下一次" in wang.last.text
        house.stage.clock.set(datetime(2026, 12, 3, 18, tzinfo=ZONE))
        await house.stage.settle()
        assert heard(house, wang, "随访：来院提醒")


async def test_a_lost_account_is_found_out_by_what_it_cannot_be_sent():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        enrolled = await house.enrol("001", DAY1, "en")
        lost = await house.joins("Grace", enrolled, "en")
        lost.deactivate()
        house.stage.clock.set(datetime(2026, 12, 3, 18, 1, tzinfo=ZONE))
        await house.stage.settle()
        assert len(heard(house, lin, "AMBER 4 h · 001")) == 1
        code = (await enrolment.invite(house.stage.study, SYSTEM, enrolled)).code
        found = house.stage.world.add_person("Grace's new phone")
        await house.does(found.start(code))
        await taps(house, found, "✓ Got it")
        assert heard(house, lin, "001 has joined again")
        house.stage.clock.set(datetime(2026, 12, 4, 7, tzinfo=ZONE))
        await house.stage.settle()
        assert heard(house, found, "Suifang: about an appointment")


async def test_a_wrong_person_is_ended_by_one_tap_and_one_second_thought():
    async with theatre(TODAY) as house:
        lin = await house.staff("林小禾", Role.COORDINATOR, "zh_CN")
        stranger = await house.joins("陌生人", await house.enrol("001", DAY1, "zh_CN"), "zh_CN")
        await taps(house, lin, "✗ 不是本人", "✗ 不是本人：马上断开")
        assert "不再与本研究关联" in stranger.last.text
        silent = len(house.letters(stranger))
        code = lin.last.text.split("start=")[1].split()[0]
        wang = house.stage.world.add_person("王")
        await house.does(wang.start(code))
        await taps(house, wang, "中文", "我同意", "我同意", "✓ 收到了")
        await house.until(DAY1, time(7))
        assert heard(house, wang, "随访：来院提醒")
        assert len(house.letters(stranger)) == silent
