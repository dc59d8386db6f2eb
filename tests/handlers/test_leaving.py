"""/privacy and /withdraw: all of one's data as a file, a second thought, a receipt, and silence."""

from datetime import timedelta

import pytest

from bot.domain.people import ParticipantStatus
from bot.services.participation.leaving import leave
from bot.services.people import who
from bot.storage import audit, outbox, participants, phones
from tests.handlers.conftest import keys, labels
from tests.scenarios.test_daily_life import PNG

SITE = "021-0000-0142"


async def sent_file(stage, person):
    """Ask for the file and return it as text."""
    await stage.act(person.command("privacy"))
    await stage.act(person.tap("priv:file"))
    attachment = person.last.attachment
    assert attachment is not None
    return stage.world.files.content(attachment.file_id).decode()


async def test_privacy_sends_a_file_with_answers_words_messages_and_consents(stage):
    await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    await stage.act(wang.say("36.6"))
    await stage.act(wang.tap("腋下"))
    await stage.act(wang.say("昨天晚上没睡好 <b>"))
    page = await sent_file(stage, wang)
    for words in (
        "研究编号：001",
        "36.6",
        "腋下",
        "昨天晚上没睡好 &lt;b&gt;",
        "收信测试",
        "健康信息",
        "数据出境",
    ):
        assert words in page, words
    assert "Lin" not in page
    assert "NK010" not in page


@pytest.mark.parametrize(
    ("language", "said"), [("English", "What you wrote"), ("中文 + English", "您写的话")]
)
async def test_the_file_is_in_the_readers_language(stage, language, said):
    person = await stage.participant(language, "Grace")
    page = await sent_file(stage, person)
    assert said in page
    assert ("您写的话" in page) == (language != "English")


async def test_stopping_the_bot_takes_a_second_thought_and_gives_a_receipt(stage):
    coordinator = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    assert "确定停用吗" in wang.last.text
    assert (await stage.row(wang)).status is ParticipantStatus.ACTIVE
    await stage.act(wang.tap("是的，停用"))
    receipt = wang.messages[-2]
    assert "回执" in receipt.text
    assert "研究编号：001" in receipt.text
    assert SITE in receipt.text
    assert labels(receipt) == []
    assert keys(wang) == []
    assert wang.menu == []
    assert await who(stage.app.study, wang.id) is None
    assert any("has stopped the bot" in each.text for each in coordinator.messages)


async def test_after_the_receipt_nothing_more_arrives(stage):
    await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    await stage.act(wang.tap("是的，停用"))
    before = len(wang.messages)
    until = stage.clock.now() + timedelta(days=6)
    while (event := await stage.app.next_event_at()) is not None and event <= until:
        stage.clock.set(max(event, stage.clock.now()))
        await stage.act()
    assert len(wang.messages) == before
    async with stage.app.study.db.begin() as tx:
        queued = [each for each in await outbox.latest(tx) if each.state == "queued"]
    assert [each for each in queued if each.to is not None and each.to.kind == "participant"] == []


async def test_thinking_again_changes_nothing(stage):
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("退出研究"))
    await stage.act(wang.tap("‹ 再想想"))
    assert "只停用机器人" in labels(wang.last)
    assert (await stage.row(wang)).status is ParticipantStatus.ACTIVE


async def test_the_wish_to_leave_is_called_about_and_recorded_by_staff(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("退出研究"))
    await stage.act(wang.tap("是的，我想退出"))
    assert any("wishes to leave" in each.text for each in lin.messages)
    await stage.act(lin.command("today"))
    await stage.act(lin.tap("📞 Phone list (1)"))
    assert "wishes to leave the study" in lin.last.text
    await stage.act(lin.tap("📞 Called 001"))
    assert "last called" in lin.last.text
    await stage.act(lin.tap("001 has left"))
    await stage.act(lin.tap("Confirm: has left the study"))
    assert "Nobody is on the list" in lin.last.text
    async with stage.app.study.db.begin() as tx:
        known = await participants.by_code(tx, "001")
    assert known is not None
    assert known.status is ParticipantStatus.WITHDRAWN
    assert known.withdrawn_at is not None


async def test_an_open_alert_stays_and_says_that_contact_is_by_phone(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("我喘不上气"))
    page = next(each for each in lin.messages if "RED · 001" in each.text)
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    await stage.act(wang.tap("是的，停用"))
    assert "by telephone only" in lin.message(page.id).text
    asked = len(wang.messages)
    stage.clock.set(stage.clock.now() + timedelta(minutes=11))
    await stage.act()
    assert len(wang.messages) == asked


async def test_a_new_code_brings_back_who_stopped_and_both_consents_are_asked_anew(stage):
    await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    await stage.act(wang.tap("是的，停用"))
    invitation = await stage.invite_again("001")
    await stage.act(wang.start(invitation.code))
    await stage.act(wang.tap("中文"))
    assert "健康信息" in wang.last.text
    await stage.act(wang.tap("我同意"))
    await stage.act(wang.tap("我同意"))
    assert (await stage.row(wang)).status is ParticipantStatus.ACTIVE


async def test_a_button_of_before_does_nothing_afterwards(stage):
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    old = wang.last.id
    await stage.act(wang.tap("只停用机器人"))
    await stage.act(wang.tap("是的，停用"))
    before = len(wang.messages)
    await stage.act(wang.forge("leave:study_yes", old))
    assert len(wang.messages) == before


async def test_a_crash_after_the_decision_does_not_lose_the_receipt(stage):
    wang = await stage.participant()
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    asked = wang.last.id
    # The program dies right after the commit: nothing of the handler runs on.
    await leave(stage.app.study, await stage.row(wang), "bot", asked)
    assert "确定停用吗" in wang.message(asked).text
    assert await who(stage.app.study, wang.id) is None
    await stage.act()
    receipt = wang.message(asked)
    assert "回执" in receipt.text
    assert labels(receipt) == []
    await stage.act()
    assert sum("回执" in each.text for each in wang.messages) == 1


async def withdrawn_by_phone(stage, lin, reason):
    await stage.act(lin.command("participant", "001"))
    await stage.act(lin.tap("Has left the study (said by phone)"))
    await stage.act(lin.say(reason) if reason else lin.tap("No reason given"))
    await stage.act(lin.tap("📕 Record the withdrawal"))


@pytest.mark.parametrize("reason", ["moves to another city", ""])
async def test_staff_record_a_withdrawal_that_was_said_by_phone(stage, reason):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await withdrawn_by_phone(stage, lin, reason)
    assert await who(stage.app.study, wang.id) is None
    assert "您在电话里说要退出研究" in wang.last.text
    async with stage.app.study.db.begin() as tx:
        known = await participants.by_code(tx, "001")
        entry = next(each for each in await audit.page(tx) if each.action == "withdraw")
    assert known.status is ParticipantStatus.WITHDRAWN
    assert entry.reason == (reason or "none_given")


async def test_of_who_has_left_only_a_restricted_card_is_shown_and_each_look_is_kept(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("我喘不上气"))
    await stage.act(lin.command("participant", "001"))
    curve = next(b.data for row in lin.last.buttons for b in row if (b.data or "").startswith("curve"))
    await withdrawn_by_phone(stage, lin, "")
    await stage.act(lin.command("participant", "001"))
    card = lin.last
    assert "Withdrawn on Tue, Dec 1" in card.text
    assert "by telephone only" in card.text
    assert [each for each in labels(card) if "RED" not in each] == []
    for words in ("Day 1", "first infusion", "report"):
        assert words not in card.text.replace("reports and curve", "")
    before = len(lin.messages)
    await stage.act(lin.forge(curve, card.id))
    assert len(lin.messages) == before
    async with stage.app.study.db.begin() as tx:
        looks = [each for each in await audit.page(tx) if each.action == "see_withdrawn"]
    assert len(looks) == 1


async def test_the_file_also_holds_phone_caregivers_photos_replies_consents_and_that_there_are_notes(stage):
    lin = await stage.coordinator()
    wang = await stage.participant(flags=frozenset({"STEROID"}))
    await stage.act(wang.command("caregiver"))
    await stage.act(wang.forge("care:invite:child", wang.last.id))
    async with stage.app.study.db.begin() as tx:
        await phones.put(tx, 1, "+8613800000042", stage.clock.now())
    await stage.act(wang.send_photo(PNG))
    await stage.act(lin.command("messages"))
    await stage.act(lin.tap("001"))
    await stage.act(lin.say("好的，收到。", reply_to=lin.last.id))
    await stage.act(lin.tap("✅ Send"))
    page = await sent_file(stage, wang)
    for words in ("••••0042", "帮忙的家人：子女", "[照片]", "好的，收到。", "您的同意", "1 项和您的安全有关"):
        assert words in page, words
    for words in ("13800000042", "STEROID", "激素", "Lin"):
        assert words not in page, words
