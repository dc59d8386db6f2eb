"""A caregiver comes and goes; a participant sees what is stored about them, and leaves: then it is silent."""

from datetime import date, datetime, time, timedelta

import pytest

from bot.services.people import who
from bot.storage import answers, checkins, participants
from tests.scenarios.test_joining_and_contact import TODAY, heard, taps
from tests.scenarios.test_visits_and_words import jump, opened
from tests.scenarios.theatre import ZONE, theatre


async def helped(house, wang, agree="中文"):
    """Let the participant invite a daughter, who agrees to both."""
    await house.does(wang.command("caregiver"))
    await house.does(wang.forge("care:invite:child", wang.last.id))
    code = wang.last.text.split("start=")[1].split()[0]
    daughter = house.stage.world.add_person("小王")
    await house.does(daughter.start(code))
    await taps(house, daughter, agree)
    await house.does(daughter.tap("join:care_sensitive"))
    for kind in ("sensitive", "abroad"):
        await house.does(daughter.tap(f"consent:{kind}:1:yes"))
    return daughter


async def given(house):
    async with house.stage.study.db.begin() as tx:
        known = await participants.by_code(tx, "001")
        assert known is not None
        found = [
            await answers.ever(tx, each.id) for each in await checkins.since(tx, known.id, answers.NEVER)
        ]
    return [each for some in found for each in some]


async def test_a_caregiver_gets_the_reminders_answers_marked_and_is_removed():
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, "zh_CN", "en")
        daughter = await helped(house, wang, "English")
        assert heard(house, lin, "001's caregiver has joined")
        await jump(house, date(2026, 12, 3), time(18))
        assert heard(house, wang, "随访：来院提醒")
        assert heard(house, daughter, "Suifang: about")
        await house.does(wang.command("report"))
        await house.does(daughter.command("report"))
        await house.does(daughter.say("36.7"))
        await taps(house, daughter, "Armpit")
        assert {each.answered_by for each in await given(house)} == {"caregiver"}
        await house.does(wang.command("caregiver"))
        await taps(house, wang, "✗ 取消：子女", "是的，取消")
        assert await who(house.stage.study, daughter.id) is None
        silent = len(house.letters(daughter))
        await jump(house, date(2026, 12, 4), time(7))
        assert len(house.letters(daughter)) == silent


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "您写的话"), ("en", "What you wrote")])
async def test_privacy_gives_a_file_with_all_that_is_stored(language, words):
    async with theatre(TODAY) as house:
        _, wang = await opened(house, language)
        await house.does(wang.say("May I drink tea?"))
        await house.does(wang.command("privacy"))
        await house.does(wang.tap("priv:file"))
        attachment = wang.last.attachment
        assert attachment is not None
        page = house.stage.world.files.content(attachment.file_id).decode()
        assert words in page
        assert "May I drink tea?" in page


async def leaves(house, person):
    await house.does(person.command("withdraw"))
    await house.does(person.tap("leave:bot"))
    await house.does(person.tap("leave:bot_yes"))


@pytest.mark.parametrize(
    ("language", "receipt"), [("zh_CN", "回执"), ("en", "your receipt"), ("both", "回执")]
)
async def test_who_withdraws_gets_a_receipt_and_thirty_days_of_silence(language, receipt):
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, language, "en")
        await leaves(house, wang)
        assert any(receipt in each.text and "001" in each.text for each in wang.messages)
        assert heard(house, lin, "001 has stopped the bot")
        said = len(house.letters(wang))
        for days in range(1, 31):
            for hour in (8, 19):
                house.stage.clock.set(datetime.combine(TODAY + timedelta(days=days), time(hour), ZONE))
                await house.stage.settle()
        assert len(house.letters(wang)) == said


async def test_who_thinks_again_stays():
    async with theatre(TODAY) as house:
        lin, grace = await opened(house, "en", "en")
        await house.does(grace.command("withdraw"))
        await house.does(grace.tap("leave:bot"))
        await taps(house, grace, "‹ Let me think again")
        assert await who(house.stage.study, grace.id) is not None
        await jump(house, date(2026, 12, 3), time(18))
        assert heard(house, grace, "Suifang: about an appointment")
        assert not heard(house, lin, "stopped the bot")
