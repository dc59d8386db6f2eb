"""Alerts: what the participant is told, and the page in the hands of staff, from taken to closed."""

from datetime import time, timedelta

from bot.domain.people import Role
from tests.screens.book import Book
from tests.screens.forms import D13, D60, treated
from tests.screens.play import PNG, play

P, C, D = "participant", "coordinator", "investigator"


async def red(book: Book) -> None:
    """A fever after cells: emergency text, page, taken, reached, closed as a potential SAE."""
    async with play(book, D13, time(7)) as house:
        lin, wang = await treated(house, D13, time(7))
        zhao = await house.physician()
        house.part(P, "令人担心的回答 | An alarming answer")
        house.part(C, "预警 | Alerts")
        house.part(D, "预警 | Alerts")
        await house.jump(D13, time(8))
        house.forget()
        await house.say(wang, "38.6")
        house.see(
            (wang, P, "发烧：马上收到 | A fever: sent at once"),
            (zhao, D, "红色呼叫 | A RED page"),
        )
        await house.wait(minutes=5)
        house.see((zhao, D, "五分钟没有人接 | Nobody took it within five minutes"))
        await house.wait(minutes=5)
        house.see((wang, P, "十分钟后再问 | Asked again after ten minutes"))
        await house.tap(wang, "asked.button_no")
        house.see(
            (wang, P, "“还没有” | “Not yet”"),
            (zhao, D, "参与者还没有得到帮助 | The participant has not reached help"),
        )
        await house.tap(zhao, "alert.button_take")
        house.see((zhao, D, "“我来处理” | “I take it”"), (lin, C, "别人接手了 | A colleague has taken it"))
        await house.tap(lin, "alert.button_log")
        house.see((lin, C, "经过 | The history"))
        await house.tap(zhao, "alert.button_tried")
        house.see((zhao, D, "“没人接” | “No answer”"))
        await house.tap(zhao, "tried.participant")
        house.see((zhao, D, "记下：参与者没接 | Noted: the participant did not answer"))
        await house.tap(zhao, "alert.button_close")
        house.see((zhao, D, "没联系上就想关闭 | To close without contact"))
        await house.tap(zhao, "alert.button_back", "lower.button")
        house.see((zhao, D, "提议降级 | Proposes a downgrade"))
        await house.tap(zhao, "lower.hours")
        house.see((zhao, D, "选了级别 | Has chosen a tier"))
        await house.say(zhao, {"zh_CN": "刚泡了热水澡，现在 36.9", "en": "a hot bath, 36.9 now"}[book.locale])
        house.see(
            (zhao, D, "写了理由 | Has given the reason"),
            (lin, C, "同事提议降级 | A colleague proposes a downgrade"),
        )
        await house.tap(lin, "lower.button_decline")
        house.see((lin, C, "维持原级 | Keeps the tier"))
        await house.wait(minutes=6)
        house.see((zhao, D, "到时还没联系上 | Not reached in time"))
        await house.tap(zhao, "alert.button_reached")
        house.see((zhao, D, "“已联系上” | “Reached them”"))
        await house.tap(zhao, "alert.how_phone")
        house.see(
            (zhao, D, "电话联系上 | Reached by phone"),
            (lin, C, "同事联系上了 | A colleague has reached them"),
        )
        await house.tap(lin, "alert.button_close")
        house.see((lin, C, "协调员不能关闭 | A coordinator cannot close"))
        await house.tap(zhao, "alert.button_close")
        house.see((zhao, D, "关闭：结局 | Close: the outcome"))
        await house.tap(zhao, "40")
        house.see((zhao, D, "关闭：不良事件？ | Close: an adverse event?"))
        await house.tap(zhao, "close.yes")
        house.see((zhao, D, "关闭：再看一次？ | Close: look again?"))
        await house.tap(zhao, "close.check_4h")
        house.see((zhao, D, "关闭：已知吗？ | Close: known?"))
        await house.tap(zhao, "close.known_no")
        house.see((zhao, D, "关闭：核对 | Close: the summary"))
        await house.tap(zhao, "close.button_note")
        house.see((zhao, D, "关闭：备注 | Close: the note"))
        await house.say(
            zhao, {"zh_CN": "家人送急诊，收住院", "en": "brought in by the family, admitted"}[book.locale]
        )
        house.see((zhao, D, "备注写好了 | The note is there"))
        await house.tap(zhao, "close.button_confirm")
        house.see(
            (zhao, D, "关闭了：可能是 SAE | Closed: a potential SAE"),
            (lin, C, "医生关闭了 | A physician has closed it"),
        )
        await house.tap(zhao, "alert.button_log")
        house.see((zhao, D, "经过 | The history"))
        await house.tap(zhao, "alert.button_back")
        await house.say(zhao, "/alerts")
        house.see((zhao, D, "/alerts"))
        await house.tap(zhao, "alerts.filter_closed")
        house.see((zhao, D, "/alerts › 已关闭 | /alerts › closed"))
        await house.tap(zhao, "alerts.whose")
        house.see((zhao, D, "/alerts › 某一位 | /alerts › of one participant"))
        await house.tap(zhao, "alert.button_back", "alerts.times")
        house.see((zhao, D, "/alerts › 时间 | /alerts › times"))
        await house.jump(D13, time(12, 20))
        house.see((zhao, D, "四小时后：再看一次 | Four hours later: look again"))
        await house.jump(D13 + timedelta(days=1), time(7))
        house.see((zhao, D, "SAE 表格还没登记 | The SAE form is not recorded yet"))
        await house.tap(zhao, "alert.button_sae_sent")
        house.see((zhao, D, "表格已报出 | The form is sent"))


async def help_needed(book: Book) -> None:
    """RED without an infusion: 120, and the participant needs help."""
    async with play(book, D60, time(3)) as house:
        lin, wang = await treated(house, D60, time(3))
        zhao = await house.physician()
        await house.say(
            wang, {"zh_CN": "喘不上气，胸口疼", "en": "I cannot breathe, my chest hurts"}[book.locale]
        )
        house.see(
            (wang, P, "夜里写来：喘不上气 | Writes at night: cannot breathe"),
            (zhao, D, "夜里的红色呼叫，来自文字 | A RED page at night, from words"),
        )
        await house.wait(minutes=10)
        await house.tap(wang, "asked.button_help")
        house.see(
            (wang, P, "“我需要帮忙” | “I need help”"),
            (zhao, D, "参与者需要帮忙 | The participant needs help"),
        )
        await house.wait(minutes=10)
        await house.tap(wang, "asked.button_yes")
        house.see((wang, P, "“是的” | “Yes”"))
        await house.tap(lin, "alert.button_take")
        house.see((lin, C, "“我来处理” | “I take it”"), (zhao, D, "同事接手了 | A colleague has taken it"))
        await house.say(wang, "🙂")
        house.forget()
        await house.say(wang, {"zh_CN": "昨晚有点发烧", "en": "I had a bit of fever last night"}[book.locale])
        house.see((wang, P, "写来：昨晚有点发烧 | Writes: some fever last night"))


async def amber(book: Book) -> None:
    """An AMBER answer, and the note on it."""
    async with play(book, D60, time(9)) as house:
        lin, wang = await treated(house, D60, time(9))
        await house.physician()
        await house.tap(wang, "data:report")
        await house.say(wang, "36.6")
        await house.tap(wang, "data:ans")
        async for _ in house.well(wang, until="Q14.value"):
            pass
        await house.answer(wang, "4")
        async for _ in house.well(wang):
            pass
        house.see(
            (wang, P, "拉肚子四次：报告完 | Four loose stools: the end of the report"),
            (lin, C, "黄色呼叫 | An AMBER page"),
        )
        wang.send_photo(PNG)
        await house.stage.settle()
        house.see(
            (wang, P, "发来照片 | Sends a photo"), (lin, C, "参与者发来照片 | A participant sends a photo")
        )


async def empty_chain(book: Book) -> None:
    """Nobody on call, the participant unreachable, a page that cannot be delivered."""
    async with play(book, D60, time(9)) as house:
        lin, wang = await treated(house, D60, time(9))
        zhao = await house.physician(Role.SUB_INVESTIGATOR)
        zhao.block()
        await house.stage.settle()
        house.forget()
        await house.say(wang, {"zh_CN": "喘不上气", "en": "I cannot breathe"}[book.locale])
        house.see((lin, C, "给同事的呼叫没有送达 | A page to a colleague cannot be delivered"))
        await house.tap(lin, "alert.button_reached", "alert.how_phone")
        house.forget()
        wang.block()
        await house.stage.settle()
        house.see((lin, C, "参与者屏蔽了机器人 | A participant blocks the bot"))
        await house.say(lin, "/alerts")
        house.see((lin, C, "/alerts"))


SCENES = (red, help_needed, amber, empty_chain)
