"""What comes seldom: an eve inside the hours of the infusion before, an undone record, waits, the end."""

from datetime import date, datetime, time, timedelta

from bot.domain.people import Participant
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.services.visits import outcomes
from bot.storage import participants
from tests.scenarios.theatre import ZONE
from tests.screens.book import Book
from tests.screens.duty import EN, ZH
from tests.screens.forms import DAY1, INFUSIONS, treated
from tests.screens.play import NAMES, Play, play

P, C = "participant", "coordinator"


async def row(house: Play) -> Participant:
    """Return participant 001 as the database has them."""
    async with house.stage.study.db.begin() as tx:
        found = await participants.by_code(tx, "001")
    assert found is not None
    return found


async def eve(book: Book) -> None:
    """The eve of an infusion inside the hours of the one before: the full form and the screen in one."""
    on = DAY1 + timedelta(days=4)
    async with play(book, on, time(18)) as house:
        _, wang = await treated(house, on, time(18))
        house.part(P, "两次输液之间的前一晚 | The eve between two infusions")
        await house.jump(on, time(19))
        house.see((wang, P, "19:00：两份合成一份 | 19:00: two forms in one"))
        await house.say(wang, "36.6")
        await house.tap(wang, "data:ans")
        async for step in house.well(wang):
            if step == "Q20.choices" or step.startswith("screen"):
                house.see((wang, P, f"答完 {step} | After {step}"))
        house.see((wang, P, "答完了 | All answered"))


async def undo(book: Book) -> None:
    """A recorded infusion that was a mistake."""
    async with play(book, DAY1, time(14)) as house:
        lin, _ = await treated(house, DAY1, time(14))
        house.part(C, "撤销输注记录 | An infusion recorded by mistake")
        await house.say(lin, "/infusion 001")
        house.see((lin, C, "/infusion 001"))
        await house.tap(lin, "infusion.visit_done")
        house.see((lin, C, "选了已登记的那次 | Chooses the one that is recorded"))
        await house.tap(lin, "infusion.button_undo")
        house.see((lin, C, "撤销：原因 | Undo: why"))
        await house.tap(lin, "infusion.why_entry")
        house.see((lin, C, "撤销：会变的 | Undo: what follows"))
        await house.tap(lin, "infusion.confirm")
        house.see((lin, C, "撤销了 | Undone"))


async def waits(book: Book) -> None:
    """A broadcast with a time: another time, sent now; one that is paused, goes on, and is stopped."""
    async with play(book) as house:
        lin = await house.coordinator()
        await house.participant()
        house.part(C, "群发通知：定时、暂停 | Broadcasts: timed, paused")
        await written(house, lin)
        await house.tap(lin, "broadcast.add_time")
        await house.say(lin, "2026-12-02 09:00")
        house.forget()
        await house.tap(lin, "broadcast.confirm_later")
        house.see((lin, C, "等到时间 | Waits for its time"))
        await house.tap(lin, "broadcast.button_retime")
        house.see((lin, C, "改时间 | Another time"))
        await house.say(lin, "2026-12-02 10:00")
        house.see((lin, C, "核对新的时间 | The new time"))
        await house.tap(lin, "broadcast.confirm_time")
        house.see((lin, C, "时间改好了 | The time is changed"))
        await house.tap(lin, "broadcast.button_now")
        house.see((lin, C, "马上发 | Sent now"))
        await written(house, lin)
        house.forget()
        for wanted in ("broadcast.confirm", "broadcast.button_pause"):
            message, button = house.find(lin, wanted)
            lin.forge(button.data or "", message.id)
            await house.stage.app.intake.poll_once()
            await house.stage.app.intake.drain()
        await house.stage.settle()
        house.see((lin, C, "还没发出就暂停了 | Paused before it went out"))
        await house.tap(lin, "broadcast.button_stop")
        house.see((lin, C, "停止了 | Stopped"))


async def written(house: Play, lin) -> None:
    """Write a broadcast to everyone, up to its preview."""
    await house.say(lin, "/broadcast", ZH, EN)
    await house.tap(lin, "broadcast.choice")


async def end(book: Book) -> None:
    """Monthly reminders, one more blood tube, and the end of the study."""
    async with play(book, DAY1 + timedelta(days=8), time(9)) as house:
        lin = await house.coordinator()
        flags = frozenset({"CONTRACEPTION", "NO_GAMETE_DONATION"})
        signed_on, language = DAY1 - timedelta(days=5), house.locale
        request = EnrolRequest("001", "NK010", 2.5e9, DAY1, signed_on, language, flags=flags)
        enrolled = await enrolment.enrol(house.stage.study, SYSTEM, request)
        for visit, after in INFUSIONS.items():
            ended = datetime.combine(DAY1 + timedelta(days=after), time(11), ZONE)
            await house.infusion("001", visit, ended - timedelta(hours=2), ended)
        wang = await house.joins(NAMES[language][0], enrolled, language)
        house.part(P, "每月的提醒，和研究结束 | Month by month, and the end")
        house.part(C, "研究结束 | The end of a study")
        await house.jump(date(2027, 1, 8), time(10))
        house.see((wang, P, "每月一次，私下 | Once a month, in private"))
        await house.jump(date(2027, 12, 1), time(12))
        await outcomes.settle(house.stage.study, SYSTEM, await row(house), "M12", "done")
        house.forget()
        await house.say(lin, "/complete")
        await house.tap(lin, "001")
        house.see((lin, C, "最后一次访视做完了 | The last visit is done"))
        await house.tap(lin, "complete.confirm")
        house.see((lin, C, "结束了 | It is over"), (wang, P, "研究结束 | The end"))
        await house.say(wang, "/start")
        house.see((wang, P, "结束以后 /start | /start after the end"))


SCENES = (eve, undo, waits, end)
