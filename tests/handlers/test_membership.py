"""Somebody blocks the bot, or lets it write again."""

from tests.handlers.conftest import Stage


async def test_a_participant_who_blocks_the_bot_is_told_to_the_coordinator_at_once(stage: Stage) -> None:
    lin = await stage.coordinator()
    wang = await stage.participant()
    wang.block()
    await stage.act()
    assert "🟠 AMBER 4 h · 001" in lin.last.text
    assert "The bot cannot reach the participant" in lin.last.text
    assert "Please telephone now" in lin.last.text
    wang.unblock()
    await stage.act()
    assert "001 can be reached in the chat again" in lin.last.text


async def test_a_stranger_who_blocks_the_bot_is_told_to_nobody(stage: Stage) -> None:
    lin = await stage.coordinator()
    before = len(lin.messages)
    stranger = stage.world.add_person("Nobody")
    await stage.act(stranger.start())
    stranger.block()
    await stage.act()
    assert len(lin.messages) == before
