"""What happens when a participant writes words: they are kept, heard, and bring help or a question."""

from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from bot.domain.people import ParticipantStatus, Role
from bot.services.talk.words import keep_words
from bot.storage import alerts, answers, checkins, findings, participants, receipts, staff, texts_in
from bot.texts import LOCALES
from tests.handlers.conftest import labels

EMERGENCY_ZH = "请马上看这条消息"


async def live(stage):
    async with stage.app.study.db.begin() as tx:
        return await alerts.all_live(tx)


async def rules(stage, alert):
    async with stage.app.study.db.begin() as tx:
        return {each.what.rule: each.what.tier for each in await findings.of_alert(tx, alert.id)}


async def unseen(stage):
    async with stage.app.study.db.begin() as tx:
        return [each.text for each in await texts_in.unseen(tx)]


def received(person):
    return [each.text for each in person.messages if each.from_bot]


def emergencies(person, first=EMERGENCY_ZH):
    return [text for text in received(person) if text.startswith(first)]


async def until(stage, **by):
    """Push the clock through every event of the bot."""
    target = stage.clock.now() + timedelta(**by)
    while (event := await stage.app.next_event_at()) is not None and event <= target:
        stage.clock.set(event)
        await stage.act()
    stage.clock.set(target)
    await stage.act()


@pytest.mark.parametrize(
    ("language", "words", "first", "named"),
    [
        ("中文", "喘不上气", EMERGENCY_ZH, "trouble breathing"),
        ("中文", "唔够气呀", EMERGENCY_ZH, "trouble breathing"),
        ("English", "I have chest pain and I passed out", "Please read this message now", "chest pain"),
    ],
)
async def test_words_of_danger_page_at_once_and_bring_the_emergency_text(
    stage, language, words, first, named
):
    lin = await stage.coordinator()
    person = await stage.participant(language)
    await stage.act(person.say(words))
    [emergency] = emergencies(person, first)
    assert "120" in emergency
    [alert] = await live(stage)
    assert (alert.tier, alert.state) == ("red", "open")
    [page] = [text for text in received(lin) if "Wrote: " in text]
    assert named in page
    assert not any(words in text or "TEXT:" in text for text in received(lin))
    assert await unseen(stage) == [words]


def notes_of_words(person):
    return [text for text in received(person) if "messages queue" in text]


async def test_who_is_paged_for_words_gets_no_work_message_about_them_and_the_others_do(stage):
    on_duty, other = await stage.coordinator("Lin"), await stage.coordinator("Hu")
    async with stage.app.study.db.begin() as tx:
        [first, _] = await staff.active_with_roles(tx, [Role.COORDINATOR])
    wang = await stage.participant()
    await stage.act(wang.say("今天天气很好"))
    assert [len(notes_of_words(each)) for each in (on_duty, other)] == [1, 1]
    await stage.act(wang.say("喘不上气"))
    pages = [sum("Wrote: " in text for text in received(each)) for each in (on_duty, other)]
    assert pages == [1, 1], f"{first.name} and the other one are both first on the chain"
    assert [len(notes_of_words(each)) for each in (on_duty, other)] == [1, 1]
    await stage.act(on_duty.tap("✋ I take it"))
    await stage.act(wang.say("我有点冷"))
    assert len(notes_of_words(other)) == 2, "nobody pages her now: the work message does"
    assert len(notes_of_words(on_duty)) == 1, "the news comes to him as a page"


async def test_whoever_is_paged_reads_the_words_on_the_page_a_physician_too(stage):
    song = await stage.coordinator("Song", Role.SUB_INVESTIGATOR)
    wang = await stage.participant()
    await stage.act(wang.say("喘不上气"))
    await until(stage, minutes=10)
    page = [each for each in song.messages if "Wrote: trouble breathing" in each.text][-1]
    await stage.act(song.tap("📝 Read their words"))
    words = song.message(page.id)
    assert "喘不上气" in words.text
    assert words.protected
    async with stage.app.study.db.begin() as tx:
        receipt = await receipts.get(tx, 1)
    assert receipt is not None
    assert receipt.state == "read"
    await stage.act(song.tap("‹ Back"))
    assert "Wrote: trouble breathing" in song.message(page.id).text
    assert await unseen(stage) == ["喘不上气"], "the coordinators still owe an answer"


async def test_the_emergency_text_comes_first_and_nothing_contradicts_it(stage):
    wang = await stage.participant()
    before = len(received(wang))
    await stage.act(wang.say("喘不上气"))
    new = received(wang)[before:]
    assert new[0].startswith(EMERGENCY_ZH)
    assert not any("不会马上有人看" in text for text in new)


async def test_a_wish_to_die_fires_the_rule_that_waits_for_it(stage):
    wang = await stage.participant()
    await stage.act(wang.say("我不想活了"))
    [alert] = await live(stage)
    assert "R12" in await rules(stage, alert)


async def test_a_reading_in_words_is_judged_by_the_rules(stage):
    wang = await stage.participant()
    await stage.act(wang.say("刚才量血氧88"))
    [alert] = await live(stage)
    found = await rules(stage, alert)
    assert alert.tier == "red"
    assert "red" in found.values()
    assert all(rule.startswith("R") for rule in found)


async def test_a_plain_denial_is_thanked_for_and_waits_in_the_queue(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("没发烧"))
    assert wang.last.text.startswith("谢谢")
    await until(stage, minutes=20)
    assert await live(stage) == []
    assert await unseen(stage) == ["没发烧"]
    assert any("messages queue" in text for text in received(lin))


async def test_what_was_is_asked_about_and_without_an_answer_a_human_is_called(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("昨晚有点发烧"))
    assert "我们想再问问您：体温" in wang.last.text
    assert labels(wang.last) == ["🩺 现在报告"]
    await until(stage, minutes=14)
    assert await live(stage) == []
    await until(stage, minutes=1)
    [alert] = await live(stage)
    assert (alert.tier, alert.hours) == ("amber", 4)
    assert await rules(stage, alert) == {"TEXT:fever": "amber"}
    page = next(text for text in received(lin) if "Wrote: fever (word list" in text)
    assert "no complete answer within 15 minutes" in page
    assert not any("昨晚有点发烧" in text for text in received(lin))
    assert emergencies(wang) == []
    await until(stage, minutes=20)
    assert len(await live(stage)) == 1


async def test_the_question_outlives_the_program(stage):
    wang = await stage.participant()
    await stage.act(wang.say("昨晚有点发烧"))
    async with stage.app.study.db.begin() as tx:
        rows = (await tx.execute(sql("SELECT items, state FROM asked_texts"))).all()
    assert [row.state for row in rows] == ["waiting"]
    assert "Q1" in rows[0].items


async def test_who_answers_what_was_asked_raises_no_alert(stage):
    wang = await stage.participant()
    await stage.act(wang.say("有点拉肚子"))
    row = await stage.row(wang)
    assert "拉稀" in wang.last.text
    await stage.act(wang.tap("🩺 现在报告"))
    checkin_id = await open_checkin(stage, row)
    await answered(stage, checkin_id, "Q14", 0)
    await until(stage, minutes=20)
    assert await live(stage) == []


async def test_who_answers_something_else_is_called_all_the_same(stage):
    wang = await stage.participant()
    await stage.act(wang.say("有点拉肚子"))
    row = await stage.row(wang)
    await stage.act(wang.tap("🩺 现在报告"))
    await stage.act(wang.say("36.6"))
    await answered(stage, await open_checkin(stage, row), "Q2", False)
    await until(stage, minutes=20)
    assert [alert.tier for alert in await live(stage)] == ["amber"]


async def open_checkin(stage, row):
    async with stage.app.study.db.begin() as tx:
        found = await checkins.current_for(tx, row.id)
    assert found is not None
    return found.id


async def answered(stage, checkin_id, item, value):
    async with stage.app.study.db.begin() as tx:
        await answers.add(
            tx,
            checkin_id=checkin_id,
            item=item,
            value=value,
            now=stage.clock.now(),
            answered_by="self",
            first=True,
        )


@pytest.mark.parametrize(("asked_before", "outcome"), [(True, "kept"), (False, "asked")])
async def test_a_forms_own_free_words_bring_up_only_what_it_has_not_asked(stage, asked_before, outcome):
    wang = await stage.participant()
    row = await stage.row(wang)
    await stage.act(wang.command("report"))
    checkin_id = await open_checkin(stage, row)
    await answered(stage, checkin_id, "Q22", {"value": True, "tags": ["feel_worse"]})
    if asked_before:
        await answered(stage, checkin_id, "Q14", 1)
    async with stage.app.study.db.begin() as tx:
        form = await checkins.get(tx, checkin_id)
        assert form is not None
        await checkins.advance(tx, form, current_item="Q22.text")
    said = await keep_words(stage.app.study, row, "有点拉肚子", 991)
    assert said.outcome == outcome


@pytest.mark.parametrize("words", ["以前想过自杀", "I thought about suicide years ago"])
async def test_where_no_question_fits_a_human_asks_at_once(stage, words):
    wang = await stage.participant()
    await stage.act(wang.say(words))
    [alert] = await live(stage)
    assert (alert.tier, alert.hours) == ("amber", 4)
    assert "研究团队已经收到通知" in wang.last.text


async def test_what_is_over_is_asked_about_reading_and_medicine(stage):
    wang = await stage.participant()
    await stage.act(wang.say("退烧了"))
    assert "体温" in wang.last.text
    assert "退烧药" in wang.last.text


async def test_the_same_update_twice_is_one_text_and_one_alert(stage):
    wang = await stage.participant()
    row = await stage.row(wang)
    for _ in range(2):
        said = await keep_words(stage.app.study, row, "喘不上气", 990)
        await stage.act()
        assert said.outcome == "red"
    assert len(await live(stage)) == 1
    assert len(emergencies(wang)) == 1
    assert await unseen(stage) == ["喘不上气"]


async def test_words_of_danger_act_while_a_check_in_is_open_and_it_stays(stage):
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    form = wang.last
    await stage.act(wang.say("喘不上气"))
    assert len(emergencies(wang)) == 1
    assert [alert.tier for alert in await live(stage)] == ["red"]
    await stage.act(wang.say("36.6"))
    assert "腋下" in labels(wang.message(form.id))


async def test_a_reading_that_answers_another_question_is_heard(stage):
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    await stage.act(wang.say("血氧88"))
    assert [alert.tier for alert in await live(stage)] == ["red"]
    assert len(emergencies(wang)) == 1


async def test_a_mistyped_reading_is_only_asked_again(stage):
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    await stage.act(wang.say("3.65"))
    assert await unseen(stage) == []


async def test_a_corrected_message_is_heard_as_well(stage):
    wang = await stage.participant()
    sent = wang.say("你好")
    await stage.act()
    await stage.act(wang.edit(sent, "喘不上气"))
    assert len(emergencies(wang)) == 1


async def test_what_is_private_is_not_named_to_anybody(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("我怀孕了"))
    await until(stage, minutes=20)
    [alert] = await live(stage)
    assert set(await rules(stage, alert)) == {"TEXT:private"}
    assert not any("regnan" in text for text in received(lin))


async def test_words_of_danger_after_contact_start_the_chain_anew(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("喘不上气"))
    await stage.act(lin.tap("☎️ Reached them"))
    await stage.act(lin.tap("by phone"))
    [alert] = await live(stage)
    assert alert.state == "contacted"
    before = len(received(lin))
    await until(stage, minutes=30)
    await stage.act(wang.say("又喘不上气了"))
    [alert] = await live(stage)
    assert alert.state == "open"
    assert any("Wrote: trouble breathing" in text for text in received(lin)[before:])


@pytest.mark.parametrize(
    ("status", "words", "tiers"),
    [
        (ParticipantStatus.JOINED, "有点发烧", ["amber"]),
        (ParticipantStatus.COMPLETED, "有点发烧", []),
        (ParticipantStatus.COMPLETED, "喘不上气", ["red"]),
        (ParticipantStatus.WITHDRAWN, "喘不上气", ["red"]),
    ],
)
async def test_who_cannot_be_asked_is_helped_all_the_same(stage, status, words, tiers):
    wang = await stage.participant()
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        await participants.set_status(tx, row.id, status, stage.clock.now())
    await stage.act(wang.say(words))
    assert [alert.tier for alert in await live(stage)] == tiers
    assert await unseen(stage) == [words]


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_hazard_can_be_named_in_both_languages(stage, locale):
    words = stage.app.study.protocol.words
    wanted = {f"hazard.{name}" for name in (*words.hazards, *words.readings, "unclear")}
    assert wanted <= stage.app.study.texts.keys(locale)


async def test_a_reading_of_something_else_is_not_taken_for_a_doubtful_temperature(stage):
    wang = await stage.participant()
    await stage.act(wang.command("report"))
    await stage.act(wang.say("脉搏88"))
    await until(stage, minutes=16)
    assert await live(stage) == []
