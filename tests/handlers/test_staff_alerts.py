"""An alert in the hands of staff: paged, taken, reached, closed, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Role
from bot.services import visits
from bot.services.trail import SYSTEM
from tests.handlers.conftest import labels

NK_ENDED = datetime(2026, 12, 7, 4, 0, tzinfo=UTC)
FEVER_AT = datetime(2026, 12, 9, 3, 0, tzinfo=UTC)


def toasts(person):
    return [toast.text for toast in person.toasts]


def pages(person):
    return [each for each in person.messages if each.from_bot and "RED · 001" in each.text.split("\n")[0]]


@pytest.fixture
async def lin(stage):
    return await stage.coordinator()


@pytest.fixture
async def zhao(stage):
    return await stage.coordinator("Zhao", Role.SUB_INVESTIGATOR)


@pytest.fixture
async def wang(stage):
    """A participant two days after the first NK infusion."""
    person = await stage.participant()
    row = await stage.row(person)
    for visit, ended in (("D1", NK_ENDED - timedelta(days=3)), ("D4", NK_ENDED)):
        stage.clock.set(ended + timedelta(hours=1))
        await visits.record_infusion(stage.app.study, SYSTEM, row, visit, ended - timedelta(hours=3), ended)
    stage.clock.set(FEVER_AT)
    await stage.act()
    return person


async def fever(stage, wang):
    await stage.act(wang.press_key("🩺 现在报告"))
    form = wang.last
    await stage.act(wang.say("38.6"))
    await stage.act(wang.tap("腋下", form.id))


async def test_show(stage, lin, zhao, wang):
    await stage.act(zhao.command("oncall"))
    print(zhao.last.text, labels(zhao.last))
    await stage.act(zhao.tap("I am on call now"))
    print(zhao.last.text, labels(zhao.last), toasts(zhao))
    await fever(stage, wang)
    for p in (wang, lin, zhao):
        print("-----", p.last.text, labels(p.last))
    await stage.act(lin.tap("✋ I take it"))
    for p in (lin, zhao):
        print("-----", p.last.text, labels(p.last), toasts(p)[-1:])
    await stage.act(lin.tap("☎️ Reached them"))
    print(lin.last.text, labels(lin.last))
    await stage.act(lin.tap("by phone"))
    print(lin.last.text, labels(lin.last))
    await stage.act(lin.tap("Close…"))
    print(toasts(lin)[-1])
    await stage.act(zhao.tap("Close…"))
    print(zhao.last.text, labels(zhao.last))
    await stage.act(zhao.tap("40 Admitted, or stay prolonged"))
    print(zhao.last.text, labels(zhao.last))
    await stage.act(zhao.tap("Yes"))
    print(zhao.last.text, labels(zhao.last))
    page = zhao.last
    await stage.act(zhao.tap("✏️ Note"))
    print(zhao.last.text, labels(zhao.last))
    await stage.act(zhao.say("went in by <taxi>"))
    print(zhao.message(page.id).text, labels(zhao.message(page.id)))
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    print(zhao.message(page.id).text, labels(zhao.message(page.id)), toasts(zhao)[-1])
    print(lin.last.text)
    await stage.act(zhao.tap("History", page.id))
    print(zhao.message(page.id).text)
    await stage.act(zhao.command("alerts"))
    print(zhao.last.text, labels(zhao.last))
    assert 0
