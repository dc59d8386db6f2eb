"""/alerts: open first, by age; by tier, state, participant, and one's own; and how quickly."""

import pytest

from bot.domain.people import Role
from bot.screens.alerts_list import Filters
from tests.handlers.conftest import labels


@pytest.fixture
async def lin(stage):
    return await stage.coordinator()


@pytest.fixture
async def zhao(stage):
    return await stage.coordinator("Zhao", Role.SUB_INVESTIGATOR)


async def alarm(stage, code, words):
    person = await stage.participant(name=code, code=code)
    await stage.act(person.say(words))
    return person


async def listed(stage, person, *presses):
    await stage.act(person.command("alerts"))
    for press in presses:
        await stage.act(person.tap(press))
    return [line for line in person.last.text.split("\n") if "·" in line]


@pytest.fixture
async def two(stage, lin, zhao):
    """A RED alert that Zhao has taken, and after it one that nobody has."""
    await alarm(stage, "001", "我喘不上气")
    await stage.act(zhao.command("alerts"))
    await stage.act(zhao.tap(labels(zhao.last)[0]))
    await stage.act(zhao.tap("✋ I take it", zhao.last.id))
    await alarm(stage, "002", "胸痛")


async def test_the_list_shows_the_oldest_first(stage, lin, two):
    found = await listed(stage, lin)
    assert [("001" in line, "002" in line) for line in found] == [(True, False), (False, True)]


async def test_the_list_is_filtered_by_tier_state_and_participant(stage, lin, two):
    assert len(await listed(stage, lin, "🔴 RED")) == 2
    assert "✓ 🔴 RED" in labels(lin.last)
    assert await listed(stage, lin, "🟠 AMBER") == []
    assert "None like that." in lin.last.text
    assert len(await listed(stage, lin, "🟠 AMBER", "All")) == 2
    [line] = await listed(stage, lin, "Nobody has it")
    assert "002" in line
    [line] = await listed(stage, lin, "Taken")
    assert "001" in line
    [line] = await listed(stage, lin, "👤 Of one…", "👤 002")
    assert "002" in line
    assert "✓ 👤 002" in labels(lin.last)


async def test_mine_are_those_that_i_have(stage, lin, zhao, two):
    assert await listed(stage, lin, "✋ Mine") == []
    [line] = await listed(stage, zhao, "✋ Mine")
    assert "001" in line


async def test_the_times_are_shown_by_tier_with_a_way_back(stage, lin, two):
    await stage.act(lin.command("alerts"))
    await stage.act(lin.tap("📊 Times"))
    assert "🔴 RED: taken after 0.0 min, reached after – (2 alerts)" in lin.last.text
    await stage.act(lin.tap("‹ Back"))
    assert "002" in lin.last.text


async def test_a_forged_filter_filters_nothing(stage, lin, two):
    await stage.act(lin.command("alerts"))
    await stage.act(lin.forge("alerts:z:q:y:;drop", lin.last.id))
    assert "001" in lin.last.text
    assert Filters.read(("r", "x", "m", "001")).args == ("r", "x", "m", "001")
