"""A day of a participant and a coordinator, in each language: reminded, asked, answered, moved."""

from datetime import date, datetime, time

import pytest

from bot.domain.people import Role
from tests.scenarios.theatre import ZONE, theatre

DAY1 = date(2026, 12, 4)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x01" * 2 + b"\x08\x02\x00\x00\x00"
WORDS = {
    "zh_CN": {
        "cannot": "我来不了",
        "day": "12月16日周三",
        "moved": "已经改到 12月16日周三",
        "waiting": "还没有人看",
        "read": "研究团队已看过",
        "answered": "已回复",
        "photo": "照片收到了",
        "reminder": "随访：来院提醒",
        "answer": "可以少量喝。",
    },
    "en": {
        "cannot": "I cannot come",
        "day": "Wed, Dec 16",
        "moved": "it is now on Wed, Dec 16",
        "waiting": "nobody has read it yet",
        "read": "the study team has read it",
        "answered": "answered, see the message below",
        "photo": "The staff will look at it",
        "reminder": "Suifang: about an appointment",
        "answer": "A little is fine.",
    },
}


def said(language, key):
    """Return what must stand on the phone: in one language, or in both."""
    return [WORDS[each][key] for each in (("zh_CN", "en") if language == "both" else (language,))]


def label(language, key):
    return " · ".join(said(language, key))


@pytest.mark.parametrize("language", ["zh_CN", "en", "both"])
async def test_a_question_a_photo_another_day_and_a_later_reminder(language):
    async with theatre(date(2026, 12, 1)) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        wang = await house.joins("王", await house.enrol("001", DAY1, language), language)

        async def does(deed):
            await house.stage.settle()
            return deed

        def shows(message_id, key):
            text = wang.message(message_id).text
            assert all(words in text for words in said(language, key)), (key, text)

        async def jump(on, at):
            # Nobody answers check-ins here: what they would set off is told elsewhere.
            house.stage.clock.set(datetime.combine(on, at, ZONE))
            await house.stage.settle()

        await jump(date(2026, 12, 14), time(10))
        await does(wang.say("可以喝茶吗? may I drink tea?"))
        question = wang.last.id
        shows(question, "waiting")
        await jump(date(2026, 12, 14), time(10, 32))
        await does(lin.command("messages"))
        await does(lin.tap("001"))
        shows(question, "read")
        assert "10:32" in wang.message(question).text
        await does(lin.say("可以少量喝。 A little is fine.", reply_to=lin.last.id))
        await does(lin.tap("✅ Send"))
        shows(question, "answered")
        assert "A little is fine." in wang.last.text

        await does(wang.send_photo(PNG))
        shows(wang.last.id, "photo")
        await does(lin.tap("Open the messages"))
        await does(lin.tap(next(each for each in _labels(lin) if "[photo]" in each)))
        assert lin.last.attachment is not None
        assert lin.last.protected

        # The evening before, an hour later than the protocol has it.
        await does(wang.forge("rem:day_before:1900", wang.last.id))
        await does(wang.command("visits"))
        await does(wang.tap(label(language, "cannot")))
        shown = wang.last.id
        day = next(each for each in _labels(wang) if said(language, "day")[0] in each)
        await does(wang.tap(day, shown))
        await does(lin.tap("Accept Dec 16"))
        told = [text for _, text in house.letters(wang)]
        assert any(all(words in text for words in said(language, "moved")) for text in told)
        for hour in (18, 19):
            await jump(date(2026, 12, 15), time(hour))
        reminders = [at for at, text in house.letters(wang) if said(language, "reminder")[0] in text]
        assert [(at.day, at.hour) for at in reminders][-1] == (15, 19)


def _labels(person):
    return [button.label for row in person.last.buttons for button in row]
