"""Check-ins: every question of every form, re-asked, refused, measured again, and how each one ends."""

from datetime import date, datetime, time, timedelta

from bot.sandbox.person import Person
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from tests.scenarios.theatre import ZONE
from tests.screens.book import Book
from tests.screens.play import NAMES, Play, play

P, C = "participant", "coordinator"
DAY1 = date(2026, 12, 1)
INFUSIONS = {"D1": 0, "D4": 3, "D6": 5, "D8": 7}
D13, D60 = DAY1 + timedelta(days=12), date(2027, 1, 29)


async def treated(house: Play, until: date, at: time) -> tuple[Person, Person]:
    """A coordinator, and somebody whose infusions up to a day are recorded, at a time on the wall."""
    lin = await house.coordinator()
    signed_on = min(DAY1, until) - timedelta(days=5)
    request = EnrolRequest("001", "NK010", 2.5e9, DAY1, signed_on, house.locale)
    enrolled = await enrolment.enrol(house.stage.study, SYSTEM, request)
    for visit, after in INFUSIONS.items():
        ended = datetime.combine(DAY1 + timedelta(days=after), time(11), ZONE)
        if ended < datetime.combine(until, at, ZONE):
            await house.infusion("001", visit, ended - timedelta(hours=2), ended)
    wang = await house.joins(NAMES[house.locale][0], enrolled, house.locale)
    house.forget()
    return lin, wang


async def full(book: Book) -> None:
    """The full form, from the first question to the end, by somebody who is well."""
    async with play(book, D13, time(7)) as house:
        _, wang = await treated(house, D13, time(7))
        house.part(P, "健康报告：完整的一份 | The full check-in")
        await house.jump(D13, time(8))
        house.see((wang, P, "到时间了：第 1 题 | It is due: question 1"))
        await house.say(wang, {"zh_CN": "不太清楚", "en": "not sure"}[book.locale])
        house.see((wang, P, "打来的不是体温 | What is typed is no temperature"))
        await house.say(wang, "366")
        house.see((wang, P, "数字不可能 | The number cannot be"))
        await house.say(wang, "33")
        house.see((wang, P, "数字不太可能 | The number is unlikely"))
        await house.say(wang, "36.6")
        house.see((wang, P, "36.6"))
        number = 1
        async for step in house.well(wang):
            number += 1
            if house.touched.get(wang.id):
                house.see((wang, P, f"答完 {step} | After {step}"))
        await house.jump(D13 + timedelta(days=1), time(8))
        house.see((wang, P, "第二天：可以选“和上次一样” | The next day: “the same as last time” is offered"))
        await house.say(wang, "36.5")
        await house.tap(wang, "data:ans")
        house.see((wang, P, "体温以后 | After the temperature"))
        if any((b.data or "").startswith("same") for row in wang.last.buttons for b in row):
            await house.tap(wang, "data:same")
            house.see((wang, P, "和上次一样 | The same as last time"))


async def screen(book: Book) -> None:
    """The screen on the eve of an infusion, with an answer that means: stay at home for now."""
    async with play(book, DAY1 - timedelta(days=1), time(9)) as house:
        lin, wang = await treated(house, DAY1 - timedelta(days=1), time(9))
        house.part(P, "输液前的几个问题 | Before an infusion")
        await house.jump(DAY1 - timedelta(days=1), time(19))
        house.see((wang, P, "前一晚 19:00 | The eve, 19:00"))
        await house.say(wang, "36.6")
        await house.tap(wang, "data:ans")
        house.see((wang, P, "体温以后 | After the temperature"))
        async for step in house.well(wang):
            if house.touched.get(wang.id):
                house.see((wang, P, f"答完 {step} | After {step}"))
        await house.jump(DAY1, time(6, 30))
        await house.say(wang, "36.6")
        await house.tap(wang, "data:ans")
        async for _ in house.well(wang, until="screen.new_infection"):
            pass
        await house.answer(wang, "yes")
        house.forget()
        async for _ in house.well(wang):
            pass
        house.see(
            (wang, P, "早上：有新的感染 | In the morning: a new infection"),
            (lin, C, "输液前有新的情况 | Something new before an infusion"),
        )


async def temperature(book: Book) -> None:
    """The evening's temperature, high once, and asked for again after an hour."""
    async with play(book, D60, time(9)) as house:
        lin, wang = await treated(house, D60, time(9))
        house.part(P, "体温，和再量一次 | The temperature, and once more")
        await house.tap(wang, "data:report")
        await house.say(wang, "38.0")
        house.see((wang, P, "量得 38.0 | 38.0 degrees"))
        await house.tap(wang, "data:ans")
        house.see((wang, P, "腋下 | In the armpit"), (lin, C, "一次体温高 | One high temperature"))
        await house.wait(minutes=61)
        house.see((wang, P, "一小时后 | An hour later"))
        await house.say(wang, "36.9")
        house.see(
            (wang, P, "第二次正常 | The second one is normal"),
            (lin, C, "第二次体温正常 | The second temperature is normal"),
        )
    async with play(book, D60, time(9)) as house:
        lin, wang = await treated(house, D60, time(9))
        await house.tap(wang, "data:report")
        await house.say(wang, "36.6")
        await house.tap(wang, "data:ans")
        async for _ in house.well(wang, until="Q9.value"):
            pass
        house.forget()
        await house.say(wang, "88")
        house.see((wang, P, "血氧 88 | Oxygen 88"), (lin, C, "一次血氧低 | One low oxygen reading"))
        await house.wait(minutes=2.1)
        house.see((wang, P, "两分钟后 | Two minutes later"))
        await house.tap(wang, "again.cannot")
        house.see((wang, P, "现在量不了 | Cannot measure"), (lin, C, "没有复测 | No second reading"))


async def missed(book: Book) -> None:
    """A check-in that nobody answers."""
    d8 = DAY1 + timedelta(days=7)
    async with play(book, d8, time(18)) as house:
        lin, wang = await treated(house, d8, time(18))
        house.part(P, "没有回答 | Without an answer")
        await house.stage.until(datetime.combine(d8, time(19), ZONE))
        house.forget()
        await house.wait(minutes=31)
        house.see((wang, P, "半小时后：催问 | After half an hour: a nudge"))
        await house.wait(minutes=90)
        house.see((lin, C, "输液后两小时没有回答 | No answer for two hours after an infusion"))
        await house.wait(hours=2, minutes=2)
        house.see((wang, P, "四小时没有回答 | No answer for four hours"))


SCENES = (full, screen, temperature, missed)
