"""Two coordinators at one site: a table enrols, a colleague approves, both tap one button, data go out."""

import csv
import io
import zipfile
from datetime import date, time, timedelta

from bot.domain.people import Role
from bot.storage import participants
from tests.scenarios.theatre import Theatre, theatre

TODAY = date(2026, 12, 1)
ZH, EN = "周五门诊改到二楼。", "On Friday the clinic is on floor 2."
TABLE = (
    "code,arm,dose,day1,icf,language\n"
    "001,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN\n"
    "002,NK010,2.5e9,2026-12-05,2026-11-20,en\n"
)


async def deeds(house: Theatre, person, *labels, on=None):
    """Tap one label after the other; what begins with “say ” is typed, with “/” a command."""
    for label in labels:
        if label.startswith("/"):
            person.command(label[1:])
        elif label.startswith("say "):
            person.say(label[4:])
        else:
            person.tap(label, on)
        await house.stage.settle()
    return person.last.id


async def two(house):
    lin = await house.staff("小林", Role.COORDINATOR, "zh_CN")
    return lin, await house.staff("Mary", Role.COORDINATOR, "en")


async def drafted(house, lin, everyone):
    """Write a broadcast to everyone, up to its last step; return the message that shows it."""
    shown = await deeds(house, lin, "/broadcast")
    await deeds(house, lin, f"say {ZH}", f"say {EN}")
    await deeds(house, lin, everyone, on=shown)
    return shown


async def before_delivery(house, deed):
    """Let the bot hear what somebody has just done, while nothing goes out."""
    await house.stage.app.intake.poll_once()
    await house.stage.app.intake.drain()


def copies(house, person, text):
    return sum(text in each for _, each in house.letters(person))


async def test_a_table_with_a_slip_enrols_nobody_and_mended_it_brings_people_in():
    async with theatre(TODAY) as house:
        lin, mary = await two(house)
        mary.send_document(TABLE.replace("2.5e9,2026-12-05", "9e9,2026-12-05").encode(), "people.csv")
        await house.stage.settle()
        shown = mary.last
        assert "Line 3" in shown.text
        assert "2 people would be enrolled" not in shown.text
        mary.send_document(TABLE.encode(), "people.csv")
        await house.stage.settle()
        await deeds(house, mary, "✅ Enrol 2 people", on=shown.id)
        assert "2 people are enrolled" in mary.message(shown.id).text
        # The same file from the other desk changes nothing.
        lin.send_document(TABLE.encode(), "people.csv")
        await house.stage.settle()
        assert "✅" not in str(lin.last.buttons)
        await deeds(house, lin, "✕ 取消")
        async with house.stage.study.db.begin() as tx:
            known = await participants.by_code(tx, "002")
        assert known is not None
        kevin = await house.joins("Kevin", known, "en")
        await house.until(date(2026, 12, 4), time(19, 30))
        assert copies(house, kevin, "Suifang: ") > 2


async def test_a_broadcast_waits_for_a_colleague_is_paused_and_reaches_everyone_once():
    async with theatre(TODAY) as house:
        lin, mary = await two(house)
        house.stage.study.site.__dict__["broadcast_approval"] = True
        wang = await house.joins("王", await house.enrol("001", TODAY + timedelta(days=9), "zh_CN"), "zh_CN")
        kevin = await house.joins("Kevin", await house.enrol("002", TODAY + timedelta(days=9), "en"), "en")
        shown = await drafted(house, lin, "所有参与者（2）")
        await deeds(house, lin, "✅ 提交批准", on=shown)
        assert "小林 asks you to approve" in mary.last.text
        assert copies(house, wang, ZH) == 0
        # Approved, and held back by its author before the first letter has left.
        await before_delivery(house, mary.tap("✅ Approve"))
        await before_delivery(house, lin.command("broadcasts"))
        await before_delivery(house, lin.tap("1"))
        here = lin.last.id
        await before_delivery(house, lin.tap("⏸ 暂停"))
        await house.stage.settle()
        assert [copies(house, wang, ZH), copies(house, kevin, EN)] == [0, 0]
        assert "已暂停" in lin.message(here).text
        await deeds(house, lin, "▶️ 继续发送", on=here)
        assert [copies(house, wang, ZH), copies(house, kevin, EN)] == [1, 1]
        assert any("Mary 已批准您的群发通知 1" in each for _, each in house.letters(lin))
        assert "已送达 2 / 2" in lin.message(here).text


async def test_a_refused_one_reaches_nobody_and_its_author_is_told():
    async with theatre(TODAY) as house:
        lin, mary = await two(house)
        house.stage.study.site.__dict__["broadcast_approval"] = True
        wang = await house.joins("王", await house.enrol("001", TODAY + timedelta(days=9), "zh_CN"), "zh_CN")
        shown = await drafted(house, lin, "所有参与者（1）")
        await deeds(house, lin, "✅ 提交批准", on=shown)
        await deeds(house, mary, "✕ Do not send")
        assert any("Mary 没有批准您的群发通知 1" in each for _, each in house.letters(lin))
        assert copies(house, wang, ZH) == 0
        assert "0 / 0" not in lin.message(shown).text


async def test_both_open_one_question_and_the_second_sees_what_the_first_said():
    async with theatre(TODAY) as house:
        lin, mary = await two(house)
        wang = await house.joins("王", await house.enrol("001", TODAY + timedelta(days=9), "zh_CN"), "zh_CN")
        await deeds(
            house,
            lin,
            "/messages",
            "常用回复",
            "新增",
            "say 请八点半到。",
            "say Please come at 8:30.",
            "保存",
        )
        await deeds(house, wang, "say 请问几点到")
        for each in (lin, mary):
            await deeds(house, each, "/messages", "001")
        await deeds(house, mary, "Answer")
        asked = mary.last.id
        await deeds(house, lin, "回复", "请八点半到。", "✅ 发送")
        await deeds(house, mary, "Please come at 8:30.", on=asked)
        assert "小林 has answered this on Dec 1 09:00" in mary.message(asked).text
        await deeds(house, mary, "✕ Cancel", on=asked)
        assert copies(house, wang, "请八点半到。") == 1
        # The button under the older list is stale: it says so, and nothing is sent.
        await deeds(house, mary, "✅ Send", on=asked) if "✅ Send" in str(
            mary.message(asked).buttons
        ) else None
        assert copies(house, wang, "Please come at 8:30.") == 0


async def test_an_alert_that_one_has_taken_is_no_longer_the_others():
    async with theatre(TODAY) as house:
        lin, mary = await two(house)
        wang = await house.joins("王", await house.enrol("001", TODAY, "zh_CN"), "zh_CN")
        await deeds(house, wang, "say 喘不上气")
        stale = next(each for each in reversed(mary.messages) if "RED · 001" in each.text)
        take = next(each for row in stale.buttons for each in row if "take" in each.label).data
        await deeds(house, lin, "✋ 我来处理")
        mary.forge(take, stale.id)
        await house.stage.settle()
        assert "小林" in mary.toasts[-1].text
        assert "小林 has it" in mary.message(stale.id).text


async def test_the_data_go_out_as_tables_with_the_answers_and_without_anybodys_words():
    async with theatre(TODAY) as house:
        lin, _ = await two(house)
        wang = await house.joins("王", await house.enrol("001", TODAY - timedelta(days=4), "zh_CN"), "zh_CN")
        await deeds(house, wang, "say 请问可以喝茶吗", "/report", "say 38.9", "腋下")
        await deeds(house, lin, "/export", "CSV 表格（zip）")
        kept = zipfile.ZipFile(io.BytesIO(house.stage.world.files.content(lin.last.document.file_id)))
        tables = {name.rpartition("/")[2]: kept.read(name).decode("utf-8-sig") for name in kept.namelist()}
        answers = list(csv.DictReader(io.StringIO(tables["answers.csv"])))
        assert ("001", "Q1", "38.9") in {(row["subject"], row["item"], row["value"]) for row in answers}
        assert [row["tier"] for row in csv.DictReader(io.StringIO(tables["alerts.csv"]))] == ["red"]
        assert "喝茶" not in "".join(tables.values())
        assert "王" not in "".join(tables.values())
