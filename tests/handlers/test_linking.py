"""Staff see which account joined: they confirm it, or end it at once."""

from bot.domain.people import Role
from bot.services.people import who
from tests.handlers.conftest import labels


async def test_staff_confirm_who_joined_and_the_account_is_forgotten(stage):
    lin = await stage.coordinator()
    await stage.participant()
    note = next(each for each in lin.messages if "001 has joined" in each.text)
    assert "Telegram account: 王" in note.text
    assert labels(note) == ["✓ It is them", "✗ Not them"]
    await stage.act(lin.tap("✓ It is them", note.id))
    assert "Lin has confirmed" in lin.message(note.id).text
    assert "王" not in lin.message(note.id).text


async def test_not_them_ends_the_link_voids_the_consents_and_makes_a_new_code(stage):
    lin = await stage.coordinator()
    stranger = await stage.participant()
    await stage.act(lin.tap("✗ Not them"))
    assert await who(stage.app.study, stranger.id) is not None
    await stage.act(lin.tap("✗ Not them: end it now"))
    assert await who(stage.app.study, stranger.id) is None
    assert "不再与本研究关联" in stranger.last.text
    assert stranger.menu == []
    assert "t.me" in lin.last.text
    code = lin.last.text.split("start=")[1].split()[0]
    wang = stage.world.add_person("王女士")
    await stage.act(wang.start(code))
    await stage.act(wang.tap("中文"))
    assert "我同意" in labels(wang.last)


async def test_a_second_press_says_who_was_first(stage):
    lin, zhao = await stage.coordinator(), await stage.coordinator("Zhao")
    await stage.participant()
    await stage.act(lin.tap("✓ It is them"))
    await stage.act(zhao.tap("✓ It is them"))
    note = next(each for each in zhao.messages if "001" in each.text and "confirmed" in each.text)
    assert "Lin has confirmed" in note.text


async def test_only_a_coordinator_may_say_so(stage):
    lin, song = await stage.coordinator(), await stage.coordinator("Song", Role.SUB_INVESTIGATOR)
    wang = await stage.participant()
    note = next(each for each in lin.messages if "001 has joined" in each.text)
    data = next(button.data for row in note.buttons for button in row if button.label == "✗ Not them")
    await stage.act(song.forge(data.replace("no", "end"), song.last.id))
    assert await who(stage.app.study, wang.id) is not None


async def test_joining_again_shows_both_accounts(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    invitation = await stage.invite_again("001")
    second = stage.world.add_person("王二")
    await stage.act(second.start(invitation.code))
    note = next(each for each in lin.messages if "joined again" in each.text)
    assert f"New account: 王二, ending in {str(second.id)[-4:]}" in note.text
    assert f"ending in {str(wang.id)[-4:]}" in note.text
