"""Who is on call, writing to many, and what the program tells staff about itself; the second channel."""

from datetime import date, time, timedelta

from bot.domain.people import Role
from bot.services.operation import operating, selftest
from bot.transport.board import Board
from tests.screens.book import Book
from tests.screens.play import NAMES, TODAY, play

C, D, X, P = "coordinator", "investigator", "second-channel", "participant"
MONDAY = date(2026, 12, 7)
TROUBLES = ("poll", "conflict", "tick", "delivery", "database", "disk", "backup", "alert", "inbox", "paused")
ZH, EN = "周五门诊改到二楼。", "On Friday the clinic is on floor 2."


async def rota(book: Book) -> None:
    """A week of duty: planned, swapped, handed over, a gap found."""
    async with play(book, MONDAY, time(9)) as house:
        lin = await house.coordinator()
        zhao = await house.staff(NAMES[house.locale][2], Role.SUB_INVESTIGATOR, house.locale)
        house.part(D, "值班 | On call")
        house.part(C, "值班 | On call")
        await house.say(zhao, "/oncall")
        house.see((zhao, D, "/oncall，没有人值班 | /oncall, nobody is on"))
        await house.tap(zhao, "oncall.button_hours")
        house.see((zhao, D, "值班几个小时 | On call for some hours"))
        await house.tap(zhao, "oncall.for_hours")
        house.see((zhao, D, "选了几小时 | Has chosen"))
        await house.tap(zhao, "oncall.button_leave")
        house.see((zhao, D, "结束值班 | Leaves duty"))
        await house.tap(zhao, "oncall.button_take")
        house.see((zhao, D, "“我来值班” | “I am on call now”"))
        await house.tap(zhao, "oncall.button_leave")
        await house.say(lin, "/oncall")
        await house.tap(lin, "oncall.button_week")
        house.see((lin, C, "值班表 | The rota"))
        await house.tap(lin, "oncall.button_whole")
        house.see((lin, C, "整周 | The whole week"))
        await house.tap(lin, NAMES[house.locale][2])
        house.see((lin, C, "排好了一周 | A week is filled"))
        await house.say(zhao, "/oncall")
        await house.tap(zhao, "oncall.button_week")
        await house.tap(zhao, "data:duty:day:2026-12-09")
        house.see((zhao, D, "自己的一班 | One's own duty day"))
        await house.tap(zhao, "oncall.button_swap")
        house.see((zhao, D, "请同事换班 | Asks a colleague"))
        await house.tap(zhao, "data:duty:swap")
        house.see((zhao, D, "已经问了 | Asked"), (lin, C, "同事请您换班 | A colleague asks for a swap"))
        await house.tap(lin, "oncall.button_yes")
        house.see((lin, C, "接下这一班 | Takes the day"), (zhao, D, "同事接下了 | The colleague takes it"))
        await house.jump(date(2026, 12, 9), time(8, 1))
        house.see((lin, C, "早上八点接班 | Comes on duty at 08:00"))
        await house.jump(date(2026, 12, 12), time(8, 1))
        house.see((lin, C, "值班表要排空了 | The end of the rota comes into sight"))


async def cast(book: Book) -> None:
    """/broadcast, each step, and what became of it."""
    async with play(book) as house:
        lin = await house.coordinator()
        wang = await house.participant()
        await house.enrol("005", TODAY + timedelta(days=9), house.locale)
        house.part(C, "群发通知 | Broadcasts")
        house.part(P, "群发通知 | Broadcasts")
        await house.say(lin, "/broadcast")
        house.see((lin, C, "/broadcast"))
        await house.say(lin, ZH)
        house.see((lin, C, "中文写好了 | The Chinese text is there"))
        await house.say(lin, EN)
        house.see((lin, C, "英文写好了：发给谁 | The English one, too: to whom"))
        await house.tap(lin, "broadcast.choice")
        house.see((lin, C, "核对 | The preview"))
        await house.tap(lin, "broadcast.add_time")
        house.see((lin, C, "定时 | At a time"))
        await house.tap(lin, "broadcast.back_at_once")
        await house.tap(lin, "broadcast.add_file")
        house.see((lin, C, "加附件 | A file with it"))
        await house.tap(lin, "broadcast.no_file")
        house.forget()
        await house.tap(lin, "broadcast.confirm")
        house.see((lin, C, "发出 | Sent"), (wang, P, "研究团队的通知 | A message of the study team"))
        await house.tap(lin, "broadcast.button_fates")
        house.see((lin, C, "每个人的情况 | What became of each"))
        await house.say(lin, "/broadcasts")
        house.see((lin, C, "/broadcasts"))
        house.stage.study.site.__dict__["broadcast_approval"] = True
        zhao = await house.staff(NAMES[house.locale][2], Role.PI, house.locale)
        house.part(D, "群发通知 | Broadcasts")
        await house.say(lin, "/broadcast")
        await house.say(lin, ZH, EN)
        await house.tap(lin, "broadcast.choice")
        house.forget()
        await house.tap(lin, "broadcast.confirm_approval")
        house.see((lin, C, "等人批准 | Waits for approval"), (zhao, D, "请您批准 | Asks for approval"))
        await house.tap(zhao, "broadcast.button_approve")
        house.see((zhao, D, "批准了 | Approved"), (lin, C, "同事批准了 | A colleague has approved"))


async def second(book: Book) -> None:
    """What goes out over the second channel."""
    async with play(book, at=time(20), second=True) as house:
        await house.coordinator()
        await house.physician()
        wang = await house.participant(day1_on=TODAY + timedelta(days=9))
        house.part(X, "第二通道（邮件、短信……） | The second channel (mail, SMS, …)")
        await house.say(wang, {"zh_CN": "喘不上气", "en": "I cannot breathe"}[book.locale])
        await house.wait(minutes=10)
        texts = house.stage.gateway.texts
        book.plain(X, "红色预警没有人接手 | A RED page that nobody has taken", texts[:1])


async def program(book: Book) -> None:
    """What the program says about itself: trouble and its end, the pinned state, the test that nobody saw."""
    async with play(book, at=time(9, 31), second=True) as house:
        lin = await house.coordinator()
        zhao = await house.physician()
        study, since = house.stage.study, house.stage.clock.now()
        house.part(C, "程序自己的消息 | About the program itself")
        for code in TROUBLES:
            await operating.tell_of_trouble(study, code, since, since)
        await house.stage.settle()
        house.see((lin, C, "程序有问题（每一种） | The program is not well (each kind)"))
        await operating.tell_of_recovery(study, "disk", since, since)
        await operating.tell_of_jump(study, 400)
        await house.stage.settle()
        house.see((lin, C, "恢复了；时钟跳了 | It is well again; the clock has jumped"))
        await Board(study, house.stage.app.application.bot).renew(())
        house.see((lin, C, "置顶的状态 | The pinned state"))
        await Board(study, house.stage.app.application.bot).renew(("disk",))
        house.see((lin, C, "置顶的状态：有问题 | The pinned state: not all is well"))
        before = len(house.stage.gateway.texts)
        house.part(D, "每天的测试 | The daily test")
        await selftest.tick(study)
        await house.stage.settle()
        house.see((zhao, D, "每天的测试呼叫 | The daily test of the page"))
        await house.jump(TODAY, time(10, 32))
        await selftest.tick(study)
        await house.stage.settle()
        # They go out side by side, in no order.
        told = sorted(house.stage.gateway.texts[:before])
        book.plain(X, "程序有问题 | The program is not well", told)
        await house.tap(zhao, "selftest.button")
        house.see((zhao, D, "看到了 | Seen"))
        late = house.stage.gateway.texts[before:]
        book.plain(X, "一小时没有人确认测试 | Nobody has confirmed the test for an hour", late)


SCENES = (rota, cast, second, program)
