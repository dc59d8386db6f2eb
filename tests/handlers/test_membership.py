"""Somebody blocks the bot, or lets it write again."""

from tests.handlers.conftest import Stage


async def test_a_participant_who_blocks_the_bot_is_told_to_the_coordinator_at_once(stage: Stage) -> None:
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.block())
    assert "001 cannot be reached" in lin.last.text
    assert "Please phone the participant now" in lin.last.text
    await stage.act(wang.unblock())
    assert "001 can be reached in the chat again" in lin.last.text


async def test_a_stranger_who_blocks_the_bot_is_told_to_nobody(stage: Stage) -> None:
    lin = await stage.coordinator()
    before = len(lin.messages)
    stranger = stage.world.add_person("Nobody")
    await stage.act(stranger.start())
    await stage.act(stranger.block())
    assert len(lin.messages) == before
