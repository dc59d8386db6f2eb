"""A coordinator's day: the digest, today, a person's card, the curve, and a number that does not stay."""

from datetime import date, time, timedelta

from bot.domain.people import Role
from tests.scenarios.theatre import theatre

TODAY = date(2026, 12, 1)


async def test_the_morning_leads_from_the_digest_to_a_person_and_their_telephone():
    async with theatre(TODAY) as house:
        lin = await house.staff("小林", Role.COORDINATOR, "zh_CN")
        zhao = await house.staff("Zhao", Role.PI, "en", on_call=True)
        wang = await house.joins("王", await house.enrol("001", TODAY + timedelta(days=2), "zh_CN"), "zh_CN")
        await house.until(TODAY + timedelta(days=1), time(7, 59))
        assert not any("早上好" in text for _, text in house.letters(lin))
        await house.until(TODAY + timedelta(days=1), time(8, 1))
        digests = [text for _, text in house.letters(lin) if "早上好" in text]
        assert len(digests) == 1
        assert "还没有确认来不来：001" in digests[0]
        assert not any("Good morning" in text for _, text in house.letters(zhao))
        lin.tap("👤 001")
        await house.stage.settle()
        card = lin.last
        assert "001" in card.text
        lin.tap("☎️ 登记电话", card.id)
        await house.stage.settle()
        asked = lin.last
        typed = lin.say("138 0000 0000")
        await house.stage.settle()
        assert typed is not None
        assert lin.message(typed).deleted
        lin.tap("✅ 保存", asked.id)
        await house.stage.settle()
        assert "138" not in lin.message(asked.id).text
        zhao.command("participant", "001")
        await house.stage.settle()
        shown = zhao.last
        zhao.tap("📞 Show the number", shown.id)
        await house.stage.settle()
        assert "+86 138 0000 0000" in zhao.message(shown.id).text
        await house.until(TODAY + timedelta(days=1), time(8, 8))
        assert "138" not in zhao.message(shown.id).text
        assert "Participant 001" in zhao.message(shown.id).text
        assert not any("138" in text for _, text in house.letters(wang))
        await house.until(TODAY + timedelta(days=2), time(7, 59))
        assert len([text for _, text in house.letters(lin) if "早上好" in text]) == 1


async def test_who_blocks_the_bot_is_on_the_list_of_those_to_telephone():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        wang = await house.joins("王", await house.enrol("001", TODAY + timedelta(days=9), "zh_CN"), "zh_CN")
        wang.block()
        await house.stage.settle()
        lin.command("today")
        await house.stage.settle()
        assert "Cannot be reached here, please telephone: 001" in lin.last.text
        lin.tap("👤 001")
        await house.stage.settle()
        assert "Please telephone" in lin.last.text


async def test_the_card_tells_what_was_done_in_plain_words():
    async with theatre(TODAY) as house:
        lin = await house.staff("小林", Role.COORDINATOR, "zh_CN")
        await house.joins("王", await house.enrol("001", TODAY + timedelta(days=2), "zh_CN"), "zh_CN")
        lin.command("participant", "001")
        await house.stage.settle()
        card = lin.last
        lin.tap("🧾 经过", card.id)
        await house.stage.settle()
        told = lin.message(card.id).text
        assert "12月1日 09:00（UTC 01:00）· 入组登记 · 系统" in told
        assert "· 表示同意 · 001" in told
        assert "NK010" not in told
