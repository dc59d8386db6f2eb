"""A participant's days: the start, visits, reminders, questions and their answers."""

from datetime import date, datetime, time, timedelta

from bot.domain.people import Role
from bot.services.trail import SYSTEM
from bot.services.visits import infusions, visits
from bot.storage import participants
from tests.scenarios.theatre import ZONE
from tests.screens.book import Book
from tests.screens.play import PNG, Play, play

P, C = "participant", "coordinator"


async def row(house: Play, code: str = "001"):
    """Return the participant as the database has them."""
    async with house.stage.study.db.begin() as tx:
        found = await participants.by_code(tx, code)
    assert found is not None
    return found


async def home(book: Book) -> None:
    """The start, the commands, and what leads on from each."""
    async with play(book) as house:
        await house.coordinator()
        wang = await house.participant()
        house.part(P, "首页和常用的几样 | The start, and what it leads to")
        await house.say(wang, "/start")
        house.see((wang, P, "/start"))
        await house.say(wang, "/contact")
        house.see((wang, P, "/contact"))
        await house.say(wang, "/help")
        house.see((wang, P, "/help"))
        await house.say(wang, "/language")
        house.see((wang, P, "/language"))
        await house.tap(wang, "data:lang:both")
        house.see((wang, P, "选了双语 | Has chosen both languages"))
        await house.say(wang, "/language")
        await house.tap(wang, f"data:lang:{book.locale}")
        house.forget()
        await house.say(wang, "/start")
        await house.tap(wang, "button.reminders")
        house.see((wang, P, "提醒时间 | Reminder times"))
        await house.tap(wang, "remind.button")
        house.see((wang, P, "改一个提醒 | Changes one"))
        await house.tap(wang, "19:00")
        house.see((wang, P, "改到 19:00 | Changed to 19:00"))
        await house.say(wang, "/alerts")
        house.see((wang, P, "打了工作人员的命令 | Types a command of the staff"))


async def plan(book: Book) -> None:
    """Visits: the line of time, one visit, the calendar, another day."""
    async with play(book) as house:
        lin = await house.coordinator()
        wang = await house.participant()
        await house.jump(date(2026, 12, 14), time(9))
        began = datetime(2026, 12, 4, 9, tzinfo=ZONE)
        await infusions.record(
            house.stage.study, SYSTEM, await row(house), "D1", began, began + timedelta(hours=4)
        )
        house.part(P, "访视 | Visits")
        house.part(C, "参与者来不了 | A participant cannot come")
        await house.say(wang, "/visits")
        house.see((wang, P, "/visits"))
        await house.tap(wang, "data:visit:D14")
        house.see((wang, P, "点开一次访视 | Opens one visit"))
        await house.tap(wang, "visits.button_calendar")
        house.see((wang, P, "加到手机日历 | Adds it to the calendar"))
        await house.say(wang, "/visits")
        await house.tap(wang, "visits.button_coming")
        house.see((wang, P, "“我会来” | “I will come”"))
        await house.tap(wang, "visits.button_cannot")
        house.see(
            (wang, P, "“我来不了” | “I cannot come”"),
            (lin, C, "参与者来不了 | A participant cannot come"),
        )
        await house.tap(wang, "data:prop:D14:2026-12-17:2026-12-16")
        house.see(
            (wang, P, "选了另一天 | Has chosen another day"),
            (lin, C, "参与者想换日子 | A participant asks for another day"),
        )
        await house.tap(lin, "proposal.button_accept")
        house.see(
            (wang, P, "换好了 | The day is changed"),
            (lin, C, "同意换日子 | Accepts the day"),
        )
        await house.tap(wang, "visits.button_cannot")
        await house.tap(wang, "data:prop:D14:2026-12-16:2026-12-18")
        house.forget()
        await house.tap(lin, "proposal.button_call")
        house.see((wang, P, "研究团队会打电话 | The team will call"), (lin, C, "我来打电话 | I will call"))
        await house.say(wang, "/visits")
        await house.tap(wang, "visits.button_cannot", "data:prop:D14:2026-12-16:none")
        house.see((wang, P, "哪天都不行 | No day fits"), (lin, C, "哪天都不行 | No day fits"))
        await visits.move(
            house.stage.study, SYSTEM, await row(house), "D14", date(2026, 12, 15), None, "site"
        )
        await house.stage.settle()
        house.see((wang, P, "研究中心改了日子 | The site has moved it"))
    async with play(book) as house:
        await house.coordinator()
        wang = await house.participant()
        house.forget()
        await house.say(wang, "/visits")
        await house.tap(wang, "visits.button_cannot")
        house.see((wang, P, "输液的日子来不了 | Cannot come to an infusion"))


async def reminded(book: Book) -> None:
    """Each kind of reminder."""
    async with play(book) as house:
        await house.coordinator()
        wang = await house.participant()
        house.part(P, "提醒 | Reminders")
        for on, at, words in (
            (date(2026, 12, 1), time(10), "前三天 | Three days before"),
            (date(2026, 12, 3), time(18), "前一天 | The day before"),
            (date(2026, 12, 4), time(7), "当天早上 | On the morning"),
        ):
            await house.stage.until(datetime.combine(on, at, ZONE))
            if house.touched.get(wang.id):
                house.see((wang, P, words))


async def talk(book: Book) -> None:
    """A question and its answer; a photo, a voice message, a sticker."""
    async with play(book) as house:
        lin = await house.coordinator()
        hu = await house.staff("Hu", Role.COORDINATOR, house.locale)
        wang = await house.participant()
        house.part(P, "提问、照片、语音 | Questions, photos, voice messages")
        house.part(C, "参与者的消息 | Messages of participants")
        await house.say(wang, {"zh_CN": "可以喝茶吗？", "en": "May I drink tea?"}[book.locale])
        house.see((wang, P, "提问 | Asks something"), (lin, C, "参与者写来了 | A participant has written"))
        await house.say(lin, "/messages")
        house.see((lin, C, "/messages"))
        await house.tap(lin, "001")
        house.see(
            (lin, C, "打开一位的消息 | Opens one thread"), (wang, P, "有人看过了 | Somebody has read it")
        )
        await house.tap(lin, "threads.button_assign")
        house.see((lin, C, "交给谁 | Whose task"))
        await house.tap(lin, "Hu")
        house.see((lin, C, "交给了同事 | Given to a colleague"), (hu, C, "同事交来的 | Given by a colleague"))
        await house.tap(lin, "messages.button_answer")
        house.see((lin, C, "回复 | Answers"))
        await house.say(lin, {"zh_CN": "可以，少量喝。", "en": "Yes, a little is fine."}[book.locale])
        house.see((lin, C, "核对回复 | Checks the answer"))
        await house.tap(lin, "messages.send")
        house.see((lin, C, "已发出 | Sent"), (wang, P, "收到回复 | The answer"))
        wang.send_photo(PNG)
        await house.stage.settle()
        house.see((wang, P, "发来照片 | Sends a photo"))
        wang.send_voice()
        await house.stage.settle()
        house.see((wang, P, "发来语音 | Sends a voice message"))
        wang.send_sticker()
        await house.stage.settle()
        house.see((wang, P, "发来表情贴纸 | Sends a sticker"))
        await house.wait(hours=4, minutes=1)
        house.see((lin, C, "超时未处理 | Overdue"))
        await house.say(lin, "/messages")
        await house.tap(lin, "001")
        house.see((lin, C, "有照片和语音的消息 | A thread with a photo and a voice message"))
        await house.tap(lin, "messages.button_seen")
        house.see((lin, C, "不用回复 | No answer needed"))
        await house.say(lin, "/messages")
        await house.tap(lin, "threads.button_saved")
        house.see((lin, C, "常用回复 | Saved answers"))
        await house.tap(lin, "saved.button_add")
        house.see((lin, C, "新增一条 | Adds one"))
        await house.say(lin, "可以，少量喝。")
        house.see((lin, C, "再写英文 | Then in English"))
        await house.say(lin, "Yes, a little is fine.")
        house.see((lin, C, "核对 | Checks it"))
        await house.tap(lin, "saved.keep")
        house.see((lin, C, "存好了 | Kept"))


SCENES = (home, plan, reminded, talk)
