"""What a participant does from day to day: visits, check-ins, words, and other people's buttons."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Select

from bot.domain.people import ParticipantStatus
from bot.screens.taps import Do, tap
from bot.services.trail import SYSTEM
from bot.services.visits import infusions, visits
from bot.storage import links, participants, texts_in
from bot.storage.db import Tx
from handlers.common import whose
from tests.handlers.conftest import labels


def toasts(person):
    return [toast.text for toast in person.toasts]


async def unseen(stage):
    async with stage.app.study.db.begin() as tx:
        return [each.text for each in await texts_in.unseen(tx)]


@pytest.fixture
async def wang(stage):
    return await stage.participant()


async def test_i_cannot_come_reaches_the_coordinator_and_can_be_changed(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.tap("我来不了"))
    assert "研究团队会打电话" in wang.last.text
    assert "✓ 我来不了" in labels(wang.last)
    assert "001 cannot come" in lin.last.text
    assert toasts(wang)[-1].startswith("记下了")
    await stage.act(wang.tap("我会来"))
    assert "✓ 我会来" in labels(wang.last)
    assert "after all" in lin.last.text


async def test_an_old_button_of_a_moved_visit_says_so(stage, wang):
    row = await stage.row(wang)
    reminder = wang.last
    await visits.move(stage.app.study, SYSTEM, row, "D1", date(2026, 12, 8), None, "fever")
    await stage.act(wang.tap("我会来", reminder.id))
    assert "改到了 12月8日周二" in wang.message(reminder.id).text
    assert (await stage.row(wang)).day1_on == date(2026, 12, 8)


async def test_a_reminder_arrives_with_its_buttons(stage, wang):
    stage.clock.set(datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
    await stage.act()
    assert wang.last.text.splitlines()[0] == "随访：来院提醒"
    assert labels(wang.last)[:2] == ["我会来", "我来不了"]


async def test_a_check_in_is_one_message_answered_in_chinese(stage, wang):
    await stage.act(wang.press_key("🩺 现在报告"))
    form = wang.last
    assert form.protected
    assert "体温" in form.text
    await stage.act(wang.say("36度6"))
    assert "哪里量" in wang.message(form.id).text or "在哪" in wang.message(form.id).text
    await stage.act(wang.tap("腋下", form.id))
    shown = wang.message(form.id)
    assert "发抖" in shown.text
    assert labels(shown)[:2] == ["有", "没有"] or "没有" in " ".join(labels(shown))
    await stage.act(wang.tap("‹ 上一题", form.id))
    assert "腋下" in labels(wang.message(form.id))
    assert wang.last.id == form.id + 1 or not wang.last.from_bot or wang.last.id == form.id


async def test_a_fever_after_nk_brings_the_emergency_text_before_anything_else(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    row = await stage.row(wang)
    for visit, day in (("D1", 4), ("D4", 7)):
        at = datetime(2026, 12, day, 1, 0, tzinfo=UTC)
        stage.clock.set(at + timedelta(hours=4))
        await infusions.record(stage.app.study, SYSTEM, row, visit, at, at + timedelta(hours=3))
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.act(wang.say("38度5"))
    await stage.act(wang.tap("腋下", form.id))
    texts = [each.text for each in wang.messages if each.from_bot]
    assert any(text.startswith("请马上看这条消息") and "急诊" in text for text in texts)
    assert any("001" in each.text for each in lin.messages)
    assert "发抖" in wang.message(form.id).text


async def test_pressing_twice_is_kind_and_counts_once(stage, wang):
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.act(wang.say("36.6"))
    button = next(b for row in wang.message(form.id).buttons for b in row if b.label == "腋下")
    wang.forge(button.data, form.id)
    await stage.act(wang.forge(button.data, form.id))
    assert toasts(wang)[-1] == "已经到下一题了。要改答案请点“上一题”。"
    assert "发抖" in wang.message(form.id).text


async def test_a_button_of_somebody_else_does_nothing(stage, wang):
    grace = await stage.participant("English", "Grace", code="002")
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.act(wang.say("36.6"))
    before = wang.message(form.id).text
    button = next(b for row in wang.message(form.id).buttons for b in row if b.label == "腋下")
    await stage.act(grace.forge(button.data, grace.last.id))
    assert toasts(grace)[-1] == "This button is out of date. Nothing was changed."
    assert wang.message(form.id).text == before


@pytest.mark.parametrize(
    "data",
    [
        "",
        "nonsense",
        "ans",
        "ans:x:y:z",
        "ans:1:1:Q1.value:39",
        "take:1",
        "come:D99:2026-12-04",
        "come:D1:x",
        "lang:fr",
    ],
)
async def test_forged_data_changes_nothing_and_is_answered_kindly(stage, wang, data):
    row = await stage.row(wang)
    await stage.act(wang.forge(data or "0", wang.last.id))
    assert await stage.row(wang) == row
    assert toasts(wang)[-1]


async def test_a_stranger_who_presses_is_told_that_it_is_not_for_them(stage, wang):
    stranger = stage.world.add_person("某人")
    await stage.act(stranger.start())
    await stage.act(stranger.forge(tap(Do.OPEN_VISITS), stranger.last.id))
    assert "不是给您用的" in toasts(stranger)[-1]


async def test_a_participant_cannot_press_what_is_for_staff(stage, wang):
    await stage.act(wang.forge(tap(Do.TAKE, 1), wang.last.id))
    assert toasts(wang)[-1] == "您不能进行这项操作。"


async def test_words_are_kept_and_answered_with_where_help_is(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("昨天晚上没睡好"))
    assert "不会马上有人看" in wang.last.text
    assert "120" in wang.last.text
    assert "🩺 现在报告" in labels(wang.last)
    assert await unseen(stage) == ["昨天晚上没睡好"]
    assert "messages queue" in lin.last.text
    assert "没睡好" not in lin.last.text


async def test_words_beside_a_temperature_are_kept_and_the_temperature_counts(stage, wang):
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.act(wang.say("36.6,就是有点累"))
    assert "腋下" in labels(wang.message(form.id))
    assert await unseen(stage) == ["36.6,就是有点累"]


async def test_a_corrected_message_is_kept_as_well(stage, wang):
    sent = wang.say("头有点痛")
    await stage.act()
    await stage.act(wang.edit(sent, "头很痛"))
    assert await unseen(stage) == ["头有点痛", "头很痛"]


async def test_words_behind_a_command_are_kept(stage, wang):
    await stage.act(wang.command("visits", "我不舒服"))
    assert await unseen(stage) == ["/visits 我不舒服"]


async def test_contact_shows_every_way_to_reach_help(stage, wang):
    await stage.act(wang.press_key("☎️ 联系我们"))
    site = stage.app.study.site
    for words in (site.phones.site, site.phones.emergency, site.name.zh_CN, site.address.zh_CN):
        assert words in wang.last.text


async def test_a_press_after_150_seconds_is_done_although_no_toast_can_be_shown(stage, wang):
    before = toasts(wang)
    wang.tap("我会来")
    await stage.app.intake.poll_once()
    stage.clock.set(stage.clock.now() + timedelta(seconds=200))
    await stage.act()
    assert "✓ 我会来" in labels(wang.last)
    assert toasts(wang) == before


async def test_in_a_group_nothing_is_answered(stage, wang):
    group = stage.world.add_group("Family", [wang])
    before = len(stage.world.calls)
    await stage.act(wang.command("visits", chat=group.id))
    await stage.act(wang.say("38.5", chat=group.id))
    sent = [call for call in list(stage.world.calls)[before:] if call.method == "sendMessage"]
    assert sent == []


@pytest.mark.parametrize("speaker", [1087968824, 777000])
async def test_telegrams_own_users_are_nobody(stage, wang, speaker):
    async with stage.app.study.db.begin() as tx:
        # Even if a link were ever made for one of them.
        assert (
            await links.link(tx, (await participants.all_(tx))[0].ref, speaker, stage.clock.now()) == "linked"
        )
    assert await whose(stage.app.study, speaker) is None


async def test_a_deleted_form_is_sent_anew_when_an_answer_is_typed(stage, wang):
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.app.application.bot.delete_message(wang.id, form.id)
    await stage.act(wang.say("36.6"))
    assert wang.last.id != form.id
    assert "腋下" in labels(wang.last)
    await stage.act(wang.tap("腋下"))
    assert "发抖" in wang.last.text


async def test_after_the_study_a_report_shows_where_help_is(stage, wang):
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        await participants.set_status(tx, row.id, ParticipantStatus.COMPLETED, stage.clock.now())
    await stage.act(wang.press_key("🩺 现在报告"))
    assert stage.app.study.site.phones.site in wang.last.text


async def test_a_tap_looks_the_presser_up_once_and_reads_its_sheet_once(stage, monkeypatch):
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    await stage.act(wang.say("36.6"))
    statements = counted(monkeypatch)
    await stage.act(wang.tap("腋下"))
    assert "第 2 题" in wang.last.text
    # Who presses, then the participant as the transaction finds them, and the sheet; the ticks come after.
    tapped = statements[statements.index("links") : statements.index("visits") + 1]
    assert tapped == ["links", "participants", "checkins", "participants", "answers", "checkins", "visits"]
    for table in ("links", "answers", "visits"):
        assert statements.count(table) == 1, table


def counted(monkeypatch):
    """Return a list that names the table of each SELECT from now on."""
    seen = []
    run = Tx.execute

    async def noted(self, statement, values=None):
        if isinstance(statement, Select):
            seen.append(cast(Any, statement.get_final_froms()[0]).name)
        return await run(self, statement, values)

    monkeypatch.setattr(Tx, "execute", noted)
    return seen


async def test_after_the_end_of_the_study_the_start_says_so_and_offers_no_report(stage):
    wang = await stage.participant()
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        await participants.set_status(tx, row.id, ParticipantStatus.COMPLETED, stage.clock.now())
    before = len(wang.messages)
    await stage.act(wang.command("start"))
    shown = [each for each in wang.messages[before:] if each.from_bot]
    assert len(shown) == 1
    assert "随访全部结束了" in shown[0].text
    assert "120" in shown[0].text
    assert not any("报告" in label for label in labels(shown[0]))
