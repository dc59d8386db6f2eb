"""Reminders that participants move for themselves, within what the protocol offers."""

from datetime import UTC, datetime

import pytest

from bot.storage import audit
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts


async def at(stage, hour, minute=0, day=3):
    """Let the clock stand at a time of Shanghai in December; Day 1 is the fourth."""
    stage.clock.set(datetime(2026, 12, day, hour - 8, minute, tzinfo=UTC))
    await stage.act()


def reminded(person):
    return [each for each in person.messages if each.from_bot and each.text.startswith("随访：来院提醒")]


async def test_the_reminder_of_the_day_before_comes_at_the_hour_that_was_chosen(stage):
    wang = await stage.participant()
    await at(stage, 12)
    before = len(reminded(wang))
    await stage.act(wang.command("start"))
    await stage.act(wang.tap("提醒时间"))
    shown = wang.last.id
    assert "来院前一天：18:00" in wang.message(shown).text
    assert "这关系到您的安全" in wang.message(shown).text
    await stage.act(wang.tap("来院前一天 18:00，改", shown))
    assert "✓ 18:00" in labels(wang.message(shown))
    await stage.act(wang.tap("20:00", shown))
    assert toasts(wang)[-1] == "改好了，以后 20:00 提醒。"
    assert "来院前一天：20:00" in wang.message(shown).text
    assert "回首页" in labels(wang.message(shown))
    await at(stage, 18, 30)
    assert len(reminded(wang)) == before
    await at(stage, 20)
    assert len(reminded(wang)) == before + 1
    async with stage.app.study.db.begin() as tx:
        entry = next(each for each in await audit.page(tx) if each.action == "reminder_time")
    assert (entry.before["at"], entry.after["at"]) == ("18:00", "20:00")


async def test_a_reminder_that_was_sent_is_not_sent_again_when_it_is_moved(stage):
    wang = await stage.participant()
    await at(stage, 18)
    count = len(reminded(wang))
    await stage.act(wang.command("start"))
    await stage.act(wang.forge("rem:day_before:2000", wang.last.id))
    await at(stage, 20)
    assert len(reminded(wang)) == count


@pytest.mark.parametrize(
    "data", ["rem:day_before:2300", "rem:nothing:1800", "rem:day_before:x", "rem:nothing"]
)
async def test_a_time_that_is_not_offered_changes_nothing(stage, data):
    wang = await stage.participant()
    await stage.act(wang.forge(data, wang.last.id))
    assert "过期" in toasts(wang)[-1]
    async with stage.app.study.db.begin() as tx:
        assert "reminder_time" not in [each.action for each in await audit.page(tx)]
