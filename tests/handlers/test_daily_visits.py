"""My visits: the line of time, one visit, the calendar, another day; and no screen without a way on."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from bot.services.trail import SYSTEM
from bot.services.visits import infusions, visits
from bot.storage import audit, proposals
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts

AFTER_TREATMENT = datetime(2026, 12, 14, 1, 0, tzinfo=UTC)


@pytest.fixture
async def wang(stage):
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    return wang


async def opened(stage, person, label="第14天随访"):
    await stage.act(person.command("visits"))
    button = next(each for each in labels(person.last) if label in each)
    await stage.act(person.tap(button))
    return person.last.id


def events(stage, person):
    files = [each.attachment for each in person.messages if each.attachment]
    contents = [stage.world.files.content(each.file_id) for each in files]
    return [icalendar.Calendar.from_ical(each).walk("VEVENT")[0] for each in contents]


async def test_the_line_of_time_shows_what_was_and_what_comes(stage, wang):
    row = await stage.row(wang)
    await infusions.record(
        stage.app.study,
        SYSTEM,
        row,
        "D1",
        datetime(2026, 12, 4, 1, tzinfo=UTC),
        datetime(2026, 12, 4, 5, tzinfo=UTC),
    )
    await stage.act(wang.command("visits"))
    text = wang.last.text
    assert text.index("已经过去的") < text.index("第1天") < text.index("下一次") < text.index("第14天随访")
    assert "第1天：第一次输液，已完成" in text
    assert "第8天：细胞输液，还没有登记" in text
    assert "回首页" in labels(wang.last)


async def test_one_visit_has_its_window_the_way_there_and_a_way_back(stage, wang):
    shown = await opened(stage, wang)
    text = wang.message(shown).text
    assert "从 12月15日周二 到 12月19日周六 都可以" in text
    assert "怎么走" in text
    assert "地铁云桥站" in text
    urls = [each.url for row in wang.message(shown).buttons for each in row if each.url]
    assert urls == [stage.app.study.site.map_url]
    await stage.act(wang.tap("返回我的访视", shown))
    assert "下一次" in wang.message(shown).text


async def test_the_calendar_file_keeps_its_name_and_counts_up_when_the_visit_moves(stage, wang):
    shown = await opened(stage, wang)
    for _ in range(2):
        await stage.act(wang.tap("加到手机日历", shown))
    await visits.move(
        stage.app.study, SYSTEM, await stage.row(wang), "D14", date(2026, 12, 18), None, "holiday"
    )
    await stage.act(wang.tap("加到手机日历", shown))
    first, again, moved = events(stage, wang)
    assert first["UID"] == again["UID"] == moved["UID"]
    assert [each["SEQUENCE"] for each in (first, again, moved)] == [0, 0, 1]
    assert moved["DTSTART"].dt.date() == date(2026, 12, 18)
    last = next(each for each in reversed(wang.messages) if each.attachment)
    assert not last.protected
    assert last.attachment.name == "appointment.ics"


async def cannot(stage, person, label="我来不了"):
    await stage.act(person.command("visits"))
    await stage.act(person.tap(label))
    return person.last.id


async def test_another_day_is_offered_asked_for_accepted_and_told(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    days = [each for each in labels(wang.message(shown)) if "月" in each]
    # The window is 15 to 19 December; the 17th is the day that does not suit, the 19th a Saturday.
    assert days == ["12月16日周三", "12月18日周五", "12月15日周二", "12月19日周六"]
    assert "Other days inside the window were offered" in lin.last.text
    await stage.act(wang.tap("12月16日周三", shown))
    assert "还没有定下来" in wang.message(shown).text
    assert "asks for another day" in lin.last.text
    assert "asks for Wed, Dec 16" in lin.last.text
    wish = lin.last.id
    await stage.act(lin.tap("Accept Dec 16", wish))
    assert "Accepted by Lin" in lin.message(wish).text
    told = next(each for each in wang.messages if "可以，已经改到 12月16日周三" in each.text)
    assert "加到手机日历" in labels(told)
    row = await stage.row(wang)
    moved = {each.visit_type: each.on for each in await visits.upcoming(stage.app.study, row)}
    assert moved["D14"] == date(2026, 12, 16)
    async with stage.app.study.db.begin() as tx:
        trail = [entry for entry in await audit.page(tx) if entry.action == "move_visit"]
    assert trail[-1].reason
    await stage.act(wang.tap("我会来", told.id))
    assert "✓ 我会来" in labels(wang.message(told.id))


async def test_of_two_coordinators_one_accepts_and_the_other_is_told_who(stage):
    lin, hu = await stage.coordinator(), await stage.coordinator("Hu")
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("12月18日周五", shown))
    lin.tap("Accept Dec 18")
    hu.tap("I will call")
    await stage.act()
    assert "Accepted by Lin" in hu.last.text
    assert toasts(hu)[-1] == "That was noted already."
    assert sum("已经改到" in each.text for each in wang.messages) == 1


async def test_a_wish_that_was_changed_counts_as_the_last_one(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("12月18日周五", shown))
    first = lin.last.id
    await stage.act(wang.tap("12月16日周三", shown))
    await stage.act(lin.tap("Accept Dec 18", first))
    assert "Nothing to do any more" in lin.message(first).text
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        waiting = await proposals.waiting(tx, row.id, "D14")
    assert waiting is not None
    assert waiting.to_on == date(2026, 12, 16)


async def test_the_coordinator_can_call_instead(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("12月18日周五", shown))
    await stage.act(lin.tap("I will call"))
    assert "会打电话和您另约" in wang.last.text
    assert "Lin calls" in lin.last.text


async def test_the_coordinator_can_choose_another_day(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("12月18日周五", shown))
    await stage.act(lin.tap("Other day"))
    assert "001" in lin.last.text
    assert any("Day 14" in each for each in labels(lin.last))
    row = await stage.row(wang)
    await visits.move(stage.app.study, SYSTEM, row, "D14", date(2026, 12, 15), None, "the site needs it")
    await stage.act()
    assert any(each.text.startswith("这次访视改到了 12月15日周二") for each in wang.messages)


async def test_where_no_day_fits_the_site_calls(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    stage.clock.set(AFTER_TREATMENT)
    await stage.act()
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("这些日子都不行", shown))
    assert "研究团队会打电话" in wang.message(shown).text
    assert "none of the days inside the window fits" in lin.last.text
    await stage.act(wang.tap("还是按原来的日子来", shown))
    assert "✓ 我会来" in labels(wang.message(shown))
    assert "after all" in lin.last.text


async def test_an_infusion_offers_no_day(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    shown = await cannot(stage, wang)
    assert not any("月" in each and "第" not in each for each in labels(wang.message(shown))[:2])
    assert "研究团队会打电话" in wang.message(shown).text
    assert "Please phone the participant" in lin.last.text


async def test_a_day_that_is_past_by_now_is_not_asked_for(stage, wang):
    shown = await cannot(stage, wang)
    stage.clock.set(AFTER_TREATMENT + timedelta(days=2))
    await stage.act(wang.tap("12月16日周三", shown))
    assert "这一天不能选了" in toasts(wang)[-1]
    assert "12月18日周五" in labels(wang.message(shown))


@pytest.mark.parametrize(
    "data", ["prop:D14:2026-12-17:2027-01-20", "prop:D14:x:none", "visit:D99", "ics:D99"]
)
async def test_a_forged_day_or_visit_changes_nothing(stage, wang, data):
    await stage.act(wang.forge(data, wang.last.id))
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        assert await proposals.waiting(tx, row.id, "D14") is None
    assert toasts(wang)[-1]


async def test_a_participant_cannot_accept_their_own_wish(stage, wang):
    shown = await cannot(stage, wang)
    await stage.act(wang.tap("12月16日周三", shown))
    await stage.act(wang.forge("propst:accept:1", shown))
    assert toasts(wang)[-1] == "您不能进行这项操作。"


async def test_every_screen_leads_home_and_home_leads_everywhere(stage, wang):
    await stage.act(wang.command("start"))
    ways = labels(wang.last)
    for label in ("🩺 现在报告", "📅 我的访视", "☎️ 联系我们", "提醒时间", "怎么用"):
        assert label in ways
    await stage.act(wang.tap("怎么用"))
    assert "回首页" in labels(wang.last)
    await stage.act(wang.tap("回首页"))
    await stage.act(wang.tap("语言 Language"))
    assert any("回首页" in each for each in labels(wang.last))
    for command in ("visits", "contact", "help", "language"):
        await stage.act(wang.command(command))
        assert any("回首页" in each for each in labels(wang.last)), command
