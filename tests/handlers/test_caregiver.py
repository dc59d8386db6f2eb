"""A caregiver: invited by a link, with a consent of their own, answering for the participant."""

from datetime import timedelta
from random import Random

import pytest

from bot.sandbox.crew import Patient
from bot.screens.taps import read_tap
from bot.services.people import who
from bot.storage import answers, audit, checkins
from handlers.participant import CAREGIVER_TAPS
from tests.handlers.conftest import keys


async def invited(stage, participant):
    """Let the participant invite a daughter, and return the code of the link."""
    await stage.act(participant.command("caregiver"))
    await stage.act(participant.tap("＋ 邀请一位家人"))
    await stage.act(participant.tap("子女"))
    return participant.last.text.split("start=")[1].split()[0]


async def joined(stage, participant, language="中文", name="小王"):
    """Let the daughter join, in a language, and agree to both."""
    person = stage.world.add_person(name)
    await stage.act(person.start(await invited(stage, participant)))
    await stage.act(person.tap(language))
    await stage.act(person.tap("join:care_sensitive"))
    for kind in ("sensitive", "abroad"):
        await stage.act(person.tap(f"consent:{kind}:1:yes"))
    return person


async def until_asked(stage):
    """Push the clock to the first check-in."""
    until = stage.clock.now() + timedelta(days=6)
    while (event := await stage.app.next_event_at()) is not None and event <= until:
        stage.clock.set(max(event, stage.clock.now()))
        await stage.act()
        async with stage.app.study.db.begin() as tx:
            if await checkins.all_open(tx, 1):
                return


async def kept(stage):
    """Return every answer of the participant, in order."""
    async with stage.app.study.db.begin() as tx:
        found = [await answers.ever(tx, each.id) for each in await checkins.since(tx, 1, answers.NEVER)]
    return [answer for some in found for answer in some]


@pytest.mark.parametrize(
    ("language", "thanks"),
    [("中文", "谢谢您帮忙"), ("English", "Thank you for helping"), ("中文 + English", "谢谢您帮忙")],
)
async def test_a_caregiver_joins_with_a_consent_of_their_own(stage, language, thanks):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang, language)
    assert any(thanks in each.text for each in daughter.messages)
    assert "stop" in [name for name, _ in daughter.menu]
    assert "withdraw" not in [name for name, _ in daughter.menu]
    assert any("caregiver has joined" in each.text for each in lin.messages)
    await stage.act(wang.command("caregiver"))
    assert "子女：已加入" in wang.last.text


async def test_a_caregiver_sees_who_else_helps_by_what_they_are_and_not_by_name(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.command("start"))
    assert "现在只有您一位家人在帮忙" in daughter.last.text
    husband = stage.world.add_person("老李")
    await stage.act(wang.command("caregiver"))
    await stage.act(wang.tap("＋ 邀请一位家人"))
    await stage.act(wang.tap("配偶"))
    await stage.act(husband.start(wang.last.text.split("start=")[1].split()[0]))
    await stage.act(daughter.command("start"))
    assert "现在只有您一位家人在帮忙" in daughter.last.text, "who has not agreed does not help yet"
    await stage.act(husband.tap("English"))
    await stage.act(husband.tap("join:care_sensitive"))
    for kind in ("sensitive", "abroad"):
        await stage.act(husband.tap(f"consent:{kind}:1:yes"))
    assert any("Also helping: their child." in each.text for each in husband.messages)
    await stage.act(daughter.command("start"))
    assert "一起帮忙的还有：对方的配偶。" in daughter.last.text
    assert "老李" not in daughter.last.text


async def test_before_agreeing_a_caregiver_sees_nothing_but_that(stage):
    wang = await stage.participant()
    daughter = stage.world.add_person("小王")
    await stage.act(daughter.start(await invited(stage, wang)))
    await stage.act(daughter.tap("中文"))
    assert "有人请您帮忙" in daughter.last.text
    await stage.act(daughter.command("report"))
    assert "有人请您帮忙" in daughter.last.text


async def test_the_link_works_once_and_for_nobody_else(stage):
    wang = await stage.participant()
    code = await invited(stage, wang)
    first, second = stage.world.add_person("小王"), stage.world.add_person("别人")
    await stage.act(first.start(code))
    await stage.act(second.start(code))
    assert "不能使用" in second.last.text
    await stage.act(wang.start(code))
    assert (await stage.row(wang)).spoken_for_by is None


async def test_both_get_the_check_in_and_an_answer_of_the_caregiver_is_marked(stage):
    await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await until_asked(stage)
    assert "第 1 题" in wang.last.text
    assert "第 1 题" in daughter.last.text
    await stage.act(daughter.say("36.7"))
    await stage.act(daughter.tap("腋下"))
    found = await kept(stage)
    assert {each.answered_by for each in found} == {"caregiver"}
    assert "第 2 题" in wang.last.text
    await stage.act(wang.tap("没有"))
    assert "第 3 题" in wang.last.text
    assert {each.answered_by for each in await kept(stage)} == {"caregiver", "self"}


async def test_an_alarming_answer_of_the_caregiver_helps_both_and_the_page_says_who_answered(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.command("report"))
    await stage.act(daughter.say("39.2"))
    await stage.act(daughter.tap("腋下"))
    for person in (wang, daughter):
        assert any("请马上看这条消息" in each.text for each in person.messages)
    page = next(each for each in lin.messages if "RED · 001" in each.text)
    assert "answered by the caregiver" in page.text


async def test_the_graver_of_two_answers_counts(stage):
    await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(wang.command("report"))
    await stage.act(wang.say("39.2"))
    await stage.act(wang.tap("腋下"))
    await stage.act(daughter.command("report"))
    await stage.act(daughter.tap("‹ 上一题"))
    await stage.act(daughter.tap("‹ 上一题"))
    await stage.act(daughter.say("36.6"))
    async with stage.app.study.db.begin() as tx:
        checkin = await checkins.current_for(tx, 1)
        assert checkin is not None
        live = (await answers.current(tx, checkin.id))["Q1"]
    assert (live.value["value"], live.answered_by) == (39.2, "self")
    assert any(each.answered_by == "caregiver" for each in await kept(stage))


async def test_words_of_a_caregiver_about_him_are_not_taken_for_another_persons(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.say("我爸爸发烧了"))
    assert any("AMBER" in each.text for each in lin.messages)


async def test_the_participant_removes_a_caregiver_who_is_a_stranger_at_once(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(wang.command("caregiver"))
    await stage.act(wang.tap("✗ 取消：子女"))
    await stage.act(wang.tap("是的，取消"))
    assert await who(stage.app.study, daughter.id) is None
    assert "不再与研究关联" in daughter.last.text
    assert keys(daughter) == []
    assert any("no longer helps" in each.text for each in lin.messages)


async def test_stop_ends_it_for_the_caregiver_alone(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.command("stop"))
    await stage.act(daughter.tap("是的，不再帮忙"))
    assert await who(stage.app.study, daughter.id) is None
    assert (await stage.row(wang)).status == "active"


async def test_a_caregiver_cannot_leave_for_the_participant_or_read_their_file(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    for data in ("leave:bot_yes", "priv:file", "care:invite:child"):
        await stage.act(daughter.forge(data, daughter.last.id))
    await stage.act(daughter.command("withdraw"))
    assert (await stage.row(wang)).status == "active"
    assert all(each.attachment is None for each in daughter.messages)


async def test_who_leaves_takes_the_caregiver_along(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(wang.command("withdraw"))
    await stage.act(wang.tap("只停用机器人"))
    await stage.act(wang.tap("是的，停用"))
    assert await who(stage.app.study, daughter.id) is None


async def test_a_caregiver_confirms_a_visit_and_the_trail_says_that_it_was_them(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.command("visits"))
    await stage.act(daughter.tap("我会来"))
    assert "✓ 您说会来" in daughter.last.text
    async with stage.app.study.db.begin() as tx:
        entry = next(each for each in await audit.page(tx) if each.action == "attendance")
    assert (entry.actor_kind, entry.after["attendance"]) == ("caregiver", "coming")
    await stage.act(wang.command("visits"))
    assert "✓ 您说会来" in wang.last.text


async def test_a_caregiver_says_that_they_cannot_come_and_the_coordinators_hear_it(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(daughter.command("visits"))
    await stage.act(daughter.tap("我来不了"))
    assert any("001 cannot come" in each.text for each in lin.messages)


async def test_a_caregiver_measures_again_for_them_and_it_is_marked(stage):
    await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang, "English")
    await stage.act(wang.command("report"))
    async with stage.app.study.db.begin() as tx:
        form = await checkins.current_for(tx, 1)
        assert form is not None
        await checkins.advance(tx, form, current_item="Q9.value")
    await stage.act(wang.say("90"))
    stage.clock.set(stage.clock.now() + timedelta(minutes=2))
    await stage.act()
    assert any("measure once more" in each.text for each in daughter.messages)
    await stage.act(daughter.say("97"))
    [last] = [each for each in await kept(stage) if each.item == "Q9"][-1:]
    assert (last.value["repeat"], last.answered_by) == ({"value": 97}, "caregiver")


async def test_a_caregiver_is_asked_whether_help_was_reached_and_may_say_so(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await stage.act(wang.say("我喘不上气"))
    for minutes in (5, 5, 1):
        stage.clock.set(stage.clock.now() + timedelta(minutes=minutes))
        await stage.act()
    asked = next(
        each for each in daughter.messages if any("help" in (b.data or "") for r in each.buttons for b in r)
    )
    answer = next(b for row in asked.buttons for b in row if (b.data or "").endswith("yes"))
    await stage.act(daughter.tap(answer.label, asked.id))
    async with stage.app.study.db.begin() as tx:
        entry = next(each for each in await audit.page(tx) if each.action == "help_answer")
    assert entry.actor_kind == "caregiver"
    assert any("120" in each.text or "help" in each.text for each in lin.messages)


async def test_a_form_that_the_participant_answers_ends_on_the_caregivers_phone_too(stage):
    await stage.coordinator()
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    await until_asked(stage)
    copy = daughter.last
    assert "第 1 题" in copy.text
    answering = Patient(wang, Random(1))
    while answering.act(stage.clock.now()):
        await stage.act()
    assert "题，共" not in wang.last.text
    assert daughter.message(copy.id).edited
    assert "题，共" not in daughter.message(copy.id).text
    assert not any((b.data or "").startswith("ans") for r in daughter.message(copy.id).buttons for b in r)


async def test_a_caregiver_is_offered_no_button_that_would_only_say_no(stage):
    wang = await stage.participant()
    daughter = await joined(stage, wang)
    for command in ("visits", "help", "contact", "start"):
        await stage.act(daughter.command(command))
        pressed = [button.data for row in daughter.last.buttons for button in row if button.data]
        assert pressed
        assert [data for data in pressed if read_tap(data).do not in CAREGIVER_TAPS] == []
        assert not {"rem", "priv:show", "care:list"} & set(pressed), command
