"""Joining in the chat: the link, the language, the notice, the consent, and the next visit."""

from datetime import timedelta

from bot.domain.people import ParticipantStatus
from tests.handlers.conftest import keys, labels


async def test_a_chinese_reader_joins_by_the_link_and_sees_the_next_visit(stage):
    coordinator = await stage.coordinator()
    invitation = await stage.enrol()
    wang = stage.world.add_person("王")
    await stage.act(wang.start(invitation.code))
    assert labels(wang.last) == ["中文", "English", "中文 + English"]
    await stage.act(wang.tap("中文"))
    assert "第 2 步，共 5 步" in wang.last.text
    assert "不是急救服务" in wang.last.text
    assert "120" in wang.last.text
    await stage.act(wang.tap("下一步 ›"))
    assert "敏感个人信息" in wang.last.text
    assert labels(wang.last) == ["我同意", "我不同意", "看详细内容", "‹ 返回"]
    await stage.act(wang.tap("我同意"))
    assert (await stage.row(wang)).status is ParticipantStatus.JOINED
    assert "端到端" in wang.last.text
    assert labels(wang.last) == ["我同意", "我不同意", "看详细内容", "‹ 返回"]
    await stage.act(wang.tap("我同意"))
    receipt, plan, test = wang.messages[-4], wang.messages[-2], wang.last
    assert receipt.text.count("✓") == 2
    assert "下一次" in plan.text
    assert "12月4日周五 08:30" in plan.text
    assert "🩺 现在报告" in labels(plan)
    assert labels(test) == ["✓ 收到了"]
    await stage.act(wang.tap("✓ 收到了"))
    assert "消息能送到" in wang.last.text
    assert keys(wang) == ["🩺 现在报告", "📅 我的访视", "☎️ 联系我们", "🌐 语言"]
    assert ("visits", "我的访视") in wang.menu
    assert (await stage.row(wang)).status is ParticipantStatus.ACTIVE
    assert any("001 has joined" in each.text for each in coordinator.messages)
    assert any("agreed" in each.text for each in coordinator.messages)


async def test_an_english_reader_joins_in_english(stage):
    grace = await stage.participant("English", "Grace")
    plan = grace.last.text
    assert "Next\n" in plan
    assert "Fri, Dec 4, 08:30" in plan
    assert keys(grace)[0] == "🩺 Report now"
    assert (await stage.row(grace)).language == "en"


async def test_a_reader_of_both_gets_both(stage):
    kevin = await stage.participant("中文 + English", "Kevin")
    plan = kevin.last.text
    assert "下一次" in plan
    assert "Next\n" in plan
    assert keys(kevin)[0] == "🩺 现在报告 · Report now"


async def test_wrong_used_and_expired_codes_get_the_same_kind_line_and_tell_nobody(stage):
    coordinator = await stage.coordinator()
    used = await stage.enrol()
    wang, song = stage.world.add_person("王"), stage.world.add_person("宋")
    await stage.act(wang.start(used.code))
    before = len(coordinator.messages)
    await stage.act(song.start("AAAAAAAAAAAAAAAAAAAAAA"))
    wrong = song.last.text
    await stage.act(song.start(used.code))
    assert song.last.text == wrong
    expired = await stage.enrol(code="002")
    stage.clock.set(stage.clock.now() + timedelta(hours=73))
    await stage.act(song.start(expired.code))
    assert song.last.text == wrong
    assert stage.app.study.site.phones.site in wrong
    assert "120" in wrong
    told = [each.text for each in coordinator.messages[before:]]
    # The day's own digest is not about them.
    assert [text for text in told if not text.startswith("Good morning")] == []


async def test_a_refusal_is_taken_kindly_and_can_be_taken_back(stage):
    coordinator = await stage.coordinator()
    invitation = await stage.enrol()
    wang = stage.world.add_person("王")
    await stage.act(wang.start(invitation.code))
    await stage.act(wang.tap("中文"))
    await stage.act(wang.tap("下一步 ›"))
    await stage.act(wang.tap("我不同意"))
    assert "不影响您参加研究" in wang.last.text
    assert any("phone list" in each.text for each in coordinator.messages)
    await stage.act(wang.tap("我想再看看"))
    assert labels(wang.last)[:2] == ["我同意", "我不同意"]
    await stage.act(wang.tap("我同意"))
    await stage.act(wang.tap("我不同意"))
    assert "不影响您参加研究" in wang.last.text
    await stage.act(wang.start())
    assert "端到端" in wang.last.text
    await stage.act(wang.tap("我同意"))
    assert (await stage.row(wang)).consented_at is not None


async def test_reporting_before_the_consent_shows_where_help_is_and_the_notice(stage):
    invitation = await stage.enrol()
    wang = stage.world.add_person("王")
    await stage.act(wang.start(invitation.code))
    await stage.act(wang.tap("中文"))
    await stage.act(wang.command("report"))
    assert "请不要等" in wang.messages[-2].text
    assert "随访机器人是什么" in wang.last.text


async def test_a_stranger_gets_one_line_in_both_languages(stage):
    stranger = stage.world.add_person("某人")
    await stage.act(stranger.start())
    for words in ("邀请", "invitation", "120"):
        assert words in stranger.last.text
    await stage.act(stranger.say("我发烧了"))
    await stage.act(stranger.command("alerts"))
    await stage.act(stranger.send_sticker())
    assert {each.text for each in stranger.messages if each.from_bot} == {stranger.last.text}
    assert stranger.menu == []


async def test_joining_again_on_another_phone_makes_the_old_phone_a_stranger(stage):
    wang = await stage.participant()
    invitation = await stage.invite_again("001")
    second = stage.world.add_person("王二")
    await stage.act(second.start(invitation.code))
    assert labels(second.messages[-2]) == ["中文", "English", "中文 + English"]
    assert labels(second.last) == ["✓ 收到了"]
    assert "不再与本研究关联" in wang.last.text
    assert wang.menu == []
    assert wang.reply_keyboard == []
    await stage.act(wang.command("visits"))
    assert "邀请" in wang.last.text


async def test_start_without_a_code_shows_somebody_known_where_things_stand(stage):
    wang = await stage.participant()
    await stage.act(wang.start())
    assert "下一次" in wang.last.text
    lin = await stage.coordinator()
    await stage.act(lin.start())
    assert "Lin" in lin.last.text


async def test_staff_join_by_their_code_and_get_their_own_menu(stage):
    lin = await stage.coordinator()
    assert "Welcome" in lin.messages[1].text
    names = [name for name, _ in lin.menu]
    assert "help" in names
    assert "report" not in names


async def test_the_language_can_be_changed_at_any_time_and_keys_and_menu_follow(stage):
    wang = await stage.participant()
    await stage.act(wang.press_key("🌐 语言"))
    await stage.act(wang.tap("English"))
    assert keys(wang)[0] == "🩺 Report now"
    assert ("visits", "My visits") in wang.menu
    await stage.act(wang.press_key("📅 My visits"))
    assert "Next\n" in wang.last.text


async def test_help_lists_what_a_person_may_do_and_nothing_else(stage):
    wang = await stage.participant()
    await stage.act(wang.command("help"))
    assert "/report" in wang.last.text
    assert "/broadcast" not in wang.last.text
    await stage.act(wang.command("enrol"))
    assert "/report" in wang.last.text
