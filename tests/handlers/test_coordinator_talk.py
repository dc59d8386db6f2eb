"""Writing to many, and answering one, over HTTP."""

from datetime import UTC, datetime

from bot.domain.people import Role
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts

ZH, EN = "周五门诊改到二楼 <B>。", "On Friday the clinic is on floor 2 & 3."


async def write(stage, lin, *deeds):
    await stage.act(lin.command("broadcast"))
    shown = lin.last.id
    for text in (ZH, EN):
        await stage.act(lin.say(text))
    for deed in deeds:
        await stage.act(lin.tap(deed, shown))
    return shown


async def test_a_broadcast_reaches_each_in_their_language_and_the_message_tells_the_result(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    grace = await stage.participant("English", "Grace", code="002")
    kevin = await stage.participant("中文 + English", "Kevin", code="003")
    blocked = await stage.participant("English", "Bo", code="004")
    await stage.enrol(code="005")
    shown = await write(stage, lin, "All participants (4)")
    preview = lin.message(shown).text
    for words in ("(4/4)", ZH, EN, "It can reach 4 people", "1 more cannot get it"):
        assert words in preview
    blocked.block()
    await stage.act(lin.tap("✅ Send to 4 people", shown))
    assert ZH in wang.last.text
    assert EN not in wang.last.text
    assert EN in grace.last.text
    assert ZH in kevin.last.text
    assert EN in kevin.last.text
    result = lin.message(shown).text
    for words in ("done", "Delivered: 3 of 4", "not joined yet (1): 005", "blocked the bot", "004"):
        assert words in result
    assert labels(lin.message(shown)) == ["👥 Each person"]
    await stage.act(lin.tap("👥 Each person", shown))
    for words in ("delivered (3): 001, 002, 003", "blocked the bot", "(1): 004", "not joined yet (1): 005"):
        assert words in lin.message(shown).text
    await stage.act(lin.tap("← Back", shown))
    await stage.act(lin.command("broadcasts"))
    assert "done · 3/4 · On Friday the clinic" in lin.last.text
    await stage.act(lin.tap("1"))
    assert "Delivered: 3 of 4" in lin.last.text


async def test_a_double_press_sends_once(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    shown = await write(stage, lin, "All participants (1)")
    confirm = next(b.data for row in lin.message(shown).buttons for b in row if "Send to 1" in b.label)
    lin.forge(confirm, shown)
    lin.forge(confirm, shown)
    await stage.act()
    assert sum(ZH in each.text for each in wang.messages) == 1
    assert "Delivered: 1 of 1" in lin.message(shown).text
    assert "Everyone got it" in lin.message(shown).text


async def test_what_was_typed_can_be_kept_when_going_back(stage):
    lin = await stage.coordinator()
    await stage.participant()
    shown = await write(stage, lin, "← Back", "← Back")
    assert ZH in lin.message(shown).text
    for deed in ("✅ Keep this", "✅ Keep this", "All participants (1)"):
        await stage.act(lin.tap(deed, shown))
    assert EN in lin.message(shown).text


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


async def test_a_picture_goes_with_the_text_below_it_and_a_document_before_a_long_text(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    shown = await write(stage, lin, "All participants (1)", "📎 Add a picture or document")
    assert "Send the picture or document here" in lin.message(shown).text
    await stage.act(lin.send_photo(PNG))
    assert "with a picture" in lin.message(shown).text
    await stage.act(lin.tap("✅ Send to 1 person", shown))
    assert wang.last.kind == "photo"
    assert ZH in wang.last.text
    await stage.act(lin.command("broadcast"))
    shown = lin.last.id
    for text in ("周五停水。" * 300, EN):
        await stage.act(lin.say(text))
    for deed in ("All participants (1)", "📎 Add a picture or document"):
        await stage.act(lin.tap(deed, shown))
    await stage.act(lin.send_document(b"%PDF-1.4", "map.pdf"))
    await stage.act(lin.tap("✅ Send to 1 person", shown))
    document, letter = [each for each in wang.messages if each.from_bot][-2:]
    assert document.kind == "document"
    assert "周五停水" not in document.text
    assert "周五停水" in letter.text
    assert "Delivered: 1 of 1" in lin.message(shown).text


async def test_a_picture_that_nobody_asked_for_changes_nothing(stage):
    lin = await stage.coordinator()
    await stage.participant()
    shown = await write(stage, lin)
    await stage.act(lin.send_photo(PNG))
    assert "wants no picture" in lin.message(shown).text
    await stage.act(lin.send_voice())
    assert "Broadcast (3/4)" in lin.message(shown).text
    assert "/broadcast" in lin.last.text


async def test_a_colleague_approves_and_the_author_sees_it(stage):
    # As the site file would have it: the site is frozen, and the bot is already running.
    stage.app.study.site.__dict__["broadcast_approval"] = True
    lin, wang = await stage.coordinator(), await stage.participant()
    zhao = await stage.coordinator("Zhao", Role.PI)
    shown = await write(stage, lin, "All participants (1)", "✅ Ask for approval")
    assert "waiting for approval" in lin.message(shown).text
    assert ZH not in wang.last.text
    plea = zhao.last
    assert "Lin asks you to approve" in plea.text
    await stage.act(lin.forge(plea.buttons[0][0].data, shown))
    assert toasts(lin)[-1] == "You cannot do this."
    assert ZH not in wang.last.text
    await stage.act(zhao.tap("✅ Approve", plea.id))
    assert ZH in wang.last.text
    assert "Approved by Zhao" in lin.message(shown).text
    assert labels(zhao.message(plea.id)) == []
    assert "done" in lin.message(shown).text


async def test_a_broadcast_is_followed_in_the_message_that_was_pressed_last(stage):
    lin, _ = await stage.coordinator(), await stage.participant()
    first = await write(stage, lin, "All participants (1)", "🕒 Send at a time", "Wed, Dec 2", "09:00")
    await stage.act(lin.tap("✅ Send on Dec 2 09:00", first))
    await stage.act(lin.tap("🕒 Another time", first))
    second = lin.last.id
    await stage.act(lin.say("2026-12-02 10:00"))
    await stage.act(lin.tap("✅ Keep this time", second))
    assert labels(lin.message(first)) == []
    await stage.act(lin.command("broadcasts"))
    third = lin.last.id
    await stage.act(lin.tap("1", third))
    assert labels(lin.message(second)) == []
    await stage.act(lin.tap("📨 Send now", third))
    assert "Broadcast 1: done" in lin.message(third).text
    assert "Delivered: 1 of 1" in lin.message(third).text


async def test_one_with_a_time_goes_out_by_itself(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    shown = await write(stage, lin, "All participants (1)", "🕒 Send at a time", "Wed, Dec 2", "09:00")
    await stage.act(lin.tap("✅ Send on Dec 2 09:00", shown))
    assert "scheduled" in lin.message(shown).text
    await stage.act(lin.tap("🕒 Another time", shown))
    asked = lin.last
    await stage.act(lin.say("2026-12-02 10:00"))
    await stage.act(lin.tap("✅ Keep this time", asked.id))
    assert ZH not in wang.last.text
    at = await stage.app.next_event_at()
    while at is not None and at <= datetime(2026, 12, 2, 2, 0, tzinfo=UTC):
        stage.clock.set(max(at, stage.clock.now()))
        await stage.act()
        at = await stage.app.next_event_at()
    assert any(ZH in each.text for each in wang.messages)
