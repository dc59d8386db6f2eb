"""Questions and answers: threads, who has read what, replies, saved answers, files, and what is overdue."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.people import Role
from bot.storage import audit
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x01" * 2 + b"\x08\x02\x00\x00\x00"


async def opened(stage, staff, code="001"):
    await stage.act(staff.command("messages"))
    await stage.act(staff.tap(code))
    return staff.last.id


async def asked(stage, person, words="请问可以喝 <茶> 吗"):
    await stage.act(person.say(words))
    return person.last.id


async def test_a_question_says_when_a_human_has_read_it_and_that_it_is_answered(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    said = await asked(stage, wang)
    assert "还没有人看" in wang.message(said).text
    shown = await opened(stage, lin)
    assert "请问可以喝 <茶> 吗" in lin.message(shown).text
    assert lin.message(shown).protected
    assert "研究团队已看过（12月1日 09:00）" in wang.message(said).text
    await stage.act(lin.tap("Answer", shown))
    task = lin.last.id
    await stage.act(lin.say("可以，<少量>。"))
    assert "who reads 中文" in lin.message(task).text
    assert "可以，<少量>。" not in wang.last.text
    await stage.act(lin.tap("✅ Send", task))
    assert "可以，<少量>。" in wang.last.text
    assert "120" in wang.last.text
    assert "回首页" in labels(wang.last)
    assert "已回复" in wang.message(said).text
    await stage.act(lin.command("messages"))
    assert "No message is waiting" in lin.last.text


async def test_replying_to_the_thread_answers_it_after_a_look(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await asked(stage, wang)
    shown = await opened(stage, lin)
    await stage.act(lin.say("可以。", reply_to=shown))
    assert "可以。" in lin.last.text
    assert "✅ Send" in labels(lin.last)
    assert not any(each.text.endswith("可以。") for each in wang.messages if each.from_bot)
    await stage.act(lin.tap("✅ Send"))
    assert "可以。" in wang.last.text


async def test_what_somebody_wrote_who_has_left_the_study_is_read_and_not_answered(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await asked(stage, wang)
    shown = await opened(stage, lin)
    old = next(b.data for row in lin.message(shown).buttons for b in row if b.label == "Answer")
    await stage.act(wang.command("withdraw"))
    for label in ("退出研究", "是的，我想退出"):
        await stage.act(wang.tap(label))
    await stage.act(lin.command("today"))
    for label in ("📞 Phone list (1)", "001 has left", "Confirm: has left the study"):
        await stage.act(lin.tap(label))
    again = await opened(stage, lin)
    assert "Has left the study: read only" in lin.message(again).text
    assert labels(lin.message(again))[0] == "✓ Read"
    assert not {"Answer", "Whose task"} & set(labels(lin.message(again)))
    await stage.act(lin.forge(old, shown))
    assert "out of date" in toasts(lin)[-1]
    await stage.act(lin.tap("✓ Read", again))
    assert "No message is waiting" in lin.message(again).text


async def test_a_thread_shows_its_history_and_a_later_answer_is_possible(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    for n, words in enumerate(("第一问", "第二问")):
        await asked(stage, wang, words)
        shown = await opened(stage, lin)
        await stage.act(lin.say(f"答 {n}", reply_to=shown))
        await stage.act(lin.tap("✅ Send"))
    await stage.act(lin.command("messages"))
    await stage.act(lin.tap("Dealt with"))
    await stage.act(lin.tap("001"))
    text = lin.last.text
    assert [text.index(each) for each in ("第一问", "答 0", "第二问", "答 1")] == sorted(
        text.index(each) for each in ("第一问", "答 0", "第二问", "答 1")
    )
    await stage.act(lin.say("还有一点", reply_to=lin.last.id))
    await stage.act(lin.tap("✅ Send"))
    assert "还有一点" in wang.last.text


async def test_of_two_answers_at_once_the_second_is_told(stage):
    lin, hu = await stage.coordinator(), await stage.coordinator("Hu")
    wang = await stage.participant()
    await asked(stage, wang)
    for each in (lin, hu):
        shown = await opened(stage, each)
        await stage.act(each.say(f"answer of {each.account.first_name}", reply_to=shown))
    await stage.act(lin.tap("✅ Send"))
    await stage.act(hu.tap("✅ Send"))
    assert "colleague has answered" in hu.last.text
    assert "Lin has answered this on Dec 1" in hu.last.text
    assert sum("answer of" in each.text for each in wang.messages) == 1


async def test_who_answers_after_a_colleague_sees_that_answer_before_sending(stage):
    lin, hu = await stage.coordinator(), await stage.coordinator("Hu")
    wang = await stage.participant()
    await asked(stage, wang)
    for each in (lin, hu):
        await opened(stage, each)
    await stage.act(hu.tap("Answer"))
    shown = hu.last.id
    assert "has answered" not in hu.last.text
    await stage.act(lin.say("at half past eight", reply_to=lin.last.id))
    await stage.act(lin.tap("✅ Send"))
    await stage.act(hu.say("at nine"))
    assert "Lin has answered this on Dec 1" in hu.message(shown).text
    assert "at half past eight" in hu.message(shown).text
    assert "at nine" not in wang.last.text


async def test_what_is_written_while_an_answer_is_typed_waits_on(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await asked(stage, wang, "第一问")
    shown = await opened(stage, lin)
    await stage.act(lin.say("答", reply_to=shown))
    later = await asked(stage, wang, "另外一件事")
    await stage.act(lin.tap("✅ Send"))
    assert "还没有人看" in wang.message(later).text
    await stage.act(lin.command("messages"))
    assert "001" in labels(lin.last)


async def test_putting_aside_twice_says_so(stage):
    lin, hu = await stage.coordinator(), await stage.coordinator("Hu")
    wang = await stage.participant()
    await asked(stage, wang, "你好")
    shown = [await opened(stage, each) for each in (lin, hu)]
    await stage.act(lin.tap("No answer needed", shown[0]))
    await stage.act(hu.tap("No answer needed", shown[1]))
    assert toasts(hu)[-1] != toasts(lin)[-1]
    assert "No message is waiting" in hu.last.text


async def test_the_longest_waiting_stands_first_and_a_thread_can_be_somebodys_task(stage):
    lin, hu = await stage.coordinator(), await stage.coordinator("Hu")
    wang = await stage.participant()
    grace = await stage.participant("English", "Grace", code="002")
    await asked(stage, grace, "May I swim?")
    stage.clock.set(stage.clock.now() + timedelta(minutes=10))
    await asked(stage, wang)
    await stage.act(lin.command("messages"))
    assert [each for each in labels(lin.last) if each.isdigit()] == ["002", "001"]
    shown = await opened(stage, lin, "002")
    await stage.act(lin.tap("Whose task", shown))
    await stage.act(lin.tap("Hu", shown))
    assert "Task of Hu" in lin.message(shown).text
    assert "now your task" in hu.last.text
    await stage.act(hu.tap("Open the messages"))
    assert "May I swim?" in hu.last.text
    await stage.act(hu.command("messages"))
    await stage.act(hu.tap("Mine"))
    assert [each for each in labels(hu.last) if each.isdigit()] == ["002"]


async def test_what_is_overdue_reminds_once_in_four_hours_until_it_is_answered(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await asked(stage, wang)
    notes = lambda: sum("are overdue" in each.text for each in lin.messages)  # noqa: E731
    start = stage.clock.now()
    for hours, count in ((3.9, 0), (4.1, 1), (7.9, 1), (8.2, 2)):
        stage.clock.set(start + timedelta(hours=hours))
        await stage.act()
        assert notes() == count, hours
    await stage.act(lin.command("messages"))
    assert "overdue 1" in lin.last.text
    await stage.act(lin.tap("Overdue"))
    await stage.act(lin.tap("001"))
    assert "Overdue" in lin.last.text
    await stage.act(lin.tap("No answer needed"))
    stage.clock.set(start + timedelta(hours=13))
    await stage.act()
    assert notes() == 2


async def test_a_saved_answer_goes_out_in_the_participants_language(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("messages"))
    await stage.act(lin.tap("Saved answers"))
    await stage.act(lin.tap("Add one"))
    task = lin.last.id
    await stage.act(lin.say("可以少量喝茶。"))
    await stage.act(lin.say("A little tea is fine."))
    await stage.act(lin.tap("Keep", task))
    people = [
        (await stage.participant(), {"可以少量喝茶。"}),
        (await stage.participant("English", "Grace", code="002"), {"A little tea is fine."}),
        (
            await stage.participant("中文 + English", "Kevin", code="003"),
            {"可以少量喝茶。", "A little tea is fine."},
        ),
    ]
    for person, wanted in people:
        await asked(stage, person, "茶? tea?")
        code = (await stage.row(person)).code
        shown = await opened(stage, lin, code)
        await stage.act(lin.tap("Answer", shown))
        await stage.act(lin.tap("A little tea is fine."))
        await stage.act(lin.tap("✅ Send"))
        said = {each for each in ("可以少量喝茶。", "A little tea is fine.") if each in person.last.text}
        assert said == wanted
    await stage.act(lin.command("messages"))
    await stage.act(lin.tap("Saved answers"))
    await stage.act(lin.tap("A little tea is fine."))
    await stage.act(lin.tap("Delete"))
    assert "None yet" in lin.last.text


async def test_words_stand_sealed_and_no_parameter_holds_them(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.send_photo(PNG, "请问这是什么字"))
    shown = await opened(stage, lin)
    await stage.act(lin.say("秘密的回答", reply_to=shown))
    await stage.act(lin.tap("✅ Send"))
    file_id = next(each.attachment.file_id for each in wang.messages if each.attachment)
    async with stage.app.study.db.begin() as tx:
        for table in ("outbox", "replies", "media", "receipts", "inbound_texts", "audit", "threads"):
            rows = str((await tx.execute(text(f"SELECT * FROM {table}"))).all())
            for words in ("秘密", "什么字", file_id):
                assert words not in rows, (table, words)


@pytest.mark.parametrize("language", ["中文", "English", "中文 + English"])
async def test_a_photo_reaches_who_opens_the_thread_and_nobody_can_send_it_on(stage, language):
    lin = await stage.coordinator()
    wang = await stage.participant(language)
    await stage.act(wang.send_photo(PNG))
    kept = {"中文": "照片收到了", "English": "the photo has arrived"}.get(language, "photo has arrived")
    assert kept in wang.last.text
    assert "sent a photo" in lin.last.text
    assert lin.last.attachment is None
    await stage.act(lin.tap("Open the messages"))
    button = next(each for each in labels(lin.last) if "photo" in each)
    await stage.act(lin.tap(button))
    assert lin.last.attachment is not None
    assert lin.last.attachment.kind == "photo"
    assert lin.last.protected
    assert "001" in lin.last.text
    async with stage.app.study.db.begin() as tx:
        assert [each.action for each in await audit.page(tx)].count("see_file") == 1


async def test_an_alarming_caption_is_heard_and_the_photo_comes_with_the_alert(stage):
    song = await stage.coordinator("Song")
    wang = await stage.participant()
    await stage.act(wang.send_photo(PNG, "皮肤脱皮，喘不上气"))
    assert any(each.text.startswith("请马上看这条消息") for each in wang.messages)
    page = next(each for each in reversed(song.messages) if "Photos and voice" in labels(each))
    await stage.act(song.tap("Photos and voice", page.id))
    assert song.last.attachment is not None
    assert song.last.attachment.kind == "photo"
    assert song.last.protected


@pytest.mark.parametrize("what", ["voice", "sticker", "document", "location"])
async def test_what_the_bot_cannot_read_gets_a_kind_answer_and_is_a_task(stage, what):
    lin = await stage.coordinator()
    wang = await stage.participant()
    deeds = {
        "voice": wang.send_voice,
        "sticker": wang.send_sticker,
        "document": lambda: wang.send_document(b"%PDF", "x.pdf"),
        "location": lambda: wang.send_location(31.2, 121.5),
    }
    deeds[what]()
    await stage.act()
    assert "我看不懂这个" in wang.last.text
    assert "还没有人看" in wang.last.text
    assert "🩺 现在报告" in labels(wang.last)
    assert "cannot read" in lin.last.text
    await stage.act(lin.tap("Open the messages"))
    before = len(lin.messages)
    await stage.act(lin.tap(next(each for each in labels(lin.last) if each.startswith("Show"))))
    assert len(lin.messages) == before + 1
    assert lin.last.protected


@pytest.mark.parametrize(
    "data",
    [
        "msg:open:99",
        "msg:answer:99",
        "msg:seen:99",
        "msg:list:x",
        "file:text:99",
        "saved:open:9",
        "msg:assign:1:99",
        "file:x:1",
    ],
)
async def test_forged_data_is_refused_kindly(stage, data):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await asked(stage, wang)
    await stage.act(lin.forge(data, lin.last.id))
    assert toasts(lin)[-1] or data == "msg:seen:99"
    await stage.act(wang.forge(data, wang.last.id))
    assert toasts(wang)[-1] == "您不能进行这项操作。"


async def test_a_physician_cannot_answer_but_sees_the_photo_of_an_alert(stage):
    song = await stage.coordinator("Song", Role.SUB_INVESTIGATOR)
    await stage.act(song.forge("msg:open:1", song.last.id))
    assert "not" in toasts(song)[-1].lower()
