"""What a participant does and sends on an ordinary day, and what the site sees of it."""

from datetime import date, datetime, time, timedelta

import icalendar
import pytest

from bot.domain.people import Role
from tests.scenarios.test_daily_life import PNG
from tests.scenarios.test_joining_and_contact import heard, taps
from tests.scenarios.theatre import ZONE, theatre

TODAY, DAY1 = date(2026, 12, 1), date(2026, 12, 4)


async def jump(house, on, at):
    """Let time pass at once: nobody answers check-ins here."""
    house.stage.clock.set(datetime.combine(on, at, ZONE))
    await house.stage.settle()


async def opened(house, language, reads="zh_CN"):
    lin = await house.staff("Lin", Role.COORDINATOR, reads)
    return lin, await house.joins("王", await house.enrol("001", DAY1, language), language)


def files(house, person):
    sent = [each.attachment for each in person.messages if each.attachment and each.from_bot]
    return [house.stage.world.files.content(each.file_id) for each in sent]


@pytest.mark.parametrize(
    ("language", "visit", "coming", "noted", "calendar"),
    [
        ("zh_CN", "第14天随访", "我会来", "您说会来", "加到手机日历"),
        ("en", "Day 14", "I will come", "You said that you will come", "Add to my calendar"),
    ],
)
async def test_a_visit_is_looked_at_confirmed_and_put_into_the_calendar(
    language, visit, coming, noted, calendar
):
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, language, "en")
        await jump(house, date(2026, 12, 14), time(10))
        await house.does(wang.command("visits"))
        await taps(house, wang, coming)
        assert noted in wang.last.text
        await house.does(wang.command("visits"))
        label = next(b.label for row in wang.last.buttons for b in row if visit in b.label)
        await taps(house, wang, label)
        await taps(house, wang, next(b.label for r in wang.last.buttons for b in r if calendar in b.label))
        [event] = icalendar.Calendar.from_ical(files(house, wang)[-1]).walk("VEVENT")
        assert event["DTSTART"].dt.date() == date(2026, 12, 17)
        for word in ("NK", "rituximab", "001", "利妥昔", "细胞"):
            assert word not in files(house, wang)[-1].decode()
        assert not heard(house, lin, "cannot come")


async def test_a_photo_of_a_rash_reaches_staff_with_the_alert():
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, "zh_CN")
        await house.does(wang.send_photo(PNG, "喘不上气，身上起了红疹"))
        assert heard(house, wang, "请马上看这条消息", "120")
        page = next(each for each in lin.messages if "红色 · 001" in each.text)
        button = next(b for row in page.buttons for b in row if "🖼" in b.label or "照片" in b.label)
        await house.does(lin.tap(button.label, page.id))
        shown = next(each for each in reversed(lin.messages) if each.attachment)
        assert shown.protected


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("I cannot read this", "call 120")),
        ("zh_CN", ("我看不懂这个", "拨打 120")),
        ("both", ("我看不懂这个", "call 120")),
    ],
)
async def test_a_voice_message_and_a_sticker_get_a_kind_answer(language, words):
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, language, "en")
        for send in (wang.send_voice, wang.send_sticker):
            before = len(house.letters(wang))
            await house.does(send())
            _, answer = house.letters(wang)[before]
            assert all(word in answer for word in words)
        assert heard(house, lin, "001 sent something that the bot cannot read")


async def test_a_question_is_read_and_answered_and_its_author_sees_both():
    async with theatre(TODAY) as house:
        lin, kevin = await opened(house, "both", "en")
        await house.does(kevin.say("我可以喝茶吗? May I drink tea?"))
        question = kevin.last.id
        assert "还没有人看" in kevin.message(question).text
        assert "nobody has read it yet" in kevin.message(question).text
        await house.does(lin.command("messages"))
        await taps(house, lin, "001")
        assert "the study team has read it" in kevin.message(question).text
        await house.does(lin.say("可以少量喝。 A little is fine.", reply_to=lin.last.id))
        await taps(house, lin, "✅ Send")
        assert "answered" in kevin.message(question).text
        assert heard(house, kevin, "A little is fine.")


async def test_who_cannot_come_asks_for_a_day_and_hears_that_it_was_accepted():
    async with theatre(TODAY) as house:
        lin, wang = await opened(house, "en")
        await jump(house, date(2026, 12, 14), time(10))
        await house.does(wang.command("visits"))
        await taps(house, wang, "I cannot come")
        shown = wang.last.id
        await house.does(wang.tap("Wed, Dec 16", shown))
        await taps(
            house,
            lin,
            next(b.label for r in lin.last.buttons for b in r if "接受" in b.label or "同意" in b.label),
        )
        assert len(heard(house, wang, "it is now on Wed, Dec 16")) == 1
        await jump(house, date(2026, 12, 15), time(18))
        assert heard(house, wang, "Suifang: about an appointment")


async def test_a_reminder_comes_at_the_hour_that_was_chosen_and_at_no_other():
    async with theatre(TODAY) as house:
        _, grace = await opened(house, "en")
        await house.does(grace.command("start"))
        await taps(house, grace, "Reminder times")
        await house.does(grace.forge("rem:day_before:2000", grace.last.id))
        for hour in (18, 20):
            await jump(house, DAY1 - timedelta(days=1), time(hour))
        letters = [at.hour for at, text in house.letters(grace) if "Suifang: about an appointment" in text]
        assert letters == [20]
