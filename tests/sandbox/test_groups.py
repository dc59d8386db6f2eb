"""Groups: who is in them, what the bot reads of them, and how one becomes a supergroup."""

import pytest

from bot.sandbox.accounts import BotIdentity
from bot.sandbox.groups import reads
from bot.sandbox.person import CannotDo

BUTTON = {"inline_keyboard": [[{"text": "我来", "callback_data": "take"}]]}


@pytest.fixture
def li(world):
    return world.add_person("李")


@pytest.fixture
def group(world, wang, li):
    return world.add_group("值班", [wang, li], kind="group")


def texts(world):
    return [update["message"].get("text") for update in world.updates.head(99) if "message" in update]


async def test_the_bot_is_told_that_it_was_added(world, group, wang):
    update = world.updates.head(9)[0]["my_chat_member"]
    assert (update["chat"]["id"], update["from"]["id"]) == (group.id, wang.id)
    statuses = [update[key]["status"] for key in ("old_chat_member", "new_chat_member")]
    assert statuses == ["left", "member"]


async def test_in_privacy_mode_the_bot_reads_what_is_meant_for_it(ask, world, group, li, wang):
    sent = await ask("sendMessage", chat_id=group.id, text="呼叫")
    li.say("闲聊", chat=group.id)
    li.say("/alerts", chat=group.id)
    li.say("/alerts@another_bot", chat=group.id)
    li.command("today@suifang_sandbox_bot", chat=group.id)
    li.say("@suifang_sandbox_bot 在吗", chat=group.id)
    li.say("好", chat=group.id, reply_to=sent["result"]["message_id"])
    assert texts(world) == ["/alerts", "/today@suifang_sandbox_bot", "@suifang_sandbox_bot 在吗", "好"]
    world.move_bot(group, "administrator")
    li.say("闲聊", chat=group.id)
    assert texts(world)[-1] == "闲聊"
    letter = world.letter(group.id, wang.chat(group.id)[1].id)
    assert reads(BotIdentity(reads_all_group_messages=True), world.add_group("x", [wang]), letter)


async def test_members_see_the_group_and_press_its_buttons(ask, world, group, wang, li):
    await ask("sendMessage", chat_id=group.id, text="呼叫", reply_markup=BUTTON)
    assert [message.text for message in li.chat(group.id)] == [
        message.text for message in wang.chat(group.id)
    ]
    li.tap("我来", chat=group.id)
    press = world.updates.head(9)[-1]["callback_query"]
    assert (press["from"]["id"], press["message"]["chat"]["id"]) == (li.id, group.id)
    with pytest.raises(CannotDo):
        world.add_person("外").say("进来", chat=group.id)


async def test_a_group_that_became_a_supergroup_tells_its_new_id(ask, world, group, li):
    target = world.migrate(group)
    answer = await ask("sendMessage", chat_id=group.id, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": target.id}
    told = [update["message"] for update in world.updates.head(9) if "message" in update]
    assert [told[0]["migrate_to_chat_id"], told[1]["migrate_from_chat_id"]] == [target.id, group.id]
    assert (await ask("sendMessage", chat_id=target.id, text="x"))["result"]["message_id"] == 2
    li.say("/alerts", chat=target.id)
    assert texts(world)[-1] == "/alerts"


@pytest.mark.parametrize(
    ("kind", "status", "description"),
    [
        ("group", "kicked", "Forbidden: bot was kicked from the group chat"),
        ("supergroup", "kicked", "Forbidden: bot was kicked from the supergroup chat"),
        ("supergroup", "left", "Forbidden: bot is not a member of the supergroup chat"),
    ],
)
async def test_a_group_without_the_bot_is_a_403(ask, world, wang, kind, status, description):
    group = world.add_group("x", [wang], kind=kind)
    world.move_bot(group, status)
    answer = await ask("sendMessage", chat_id=group.id, text="x")
    assert (answer["error_code"], answer["description"]) == (403, description)
    assert (await ask("getChat", chat_id=group.id))["error_code"] == 403
    wang.say("/alerts", chat=group.id)
    assert texts(world) == []


async def test_a_member_may_not_pin_or_delete_what_others_wrote(ask, world, group, li):
    sent = (await ask("sendMessage", chat_id=group.id, text="x"))["result"]["message_id"]
    theirs = li.say("x", chat=group.id)
    pin = await ask("pinChatMessage", chat_id=group.id, message_id=sent)
    assert pin["description"] == "Bad Request: not enough rights to manage pinned messages in the chat"
    delete = await ask("deleteMessage", chat_id=group.id, message_id=theirs)
    assert delete["description"] == "Bad Request: message can't be deleted"
    world.move_bot(group, "administrator")
    assert (await ask("pinChatMessage", chat_id=group.id, message_id=sent))["ok"]
    assert (await ask("deleteMessage", chat_id=group.id, message_id=theirs))["ok"]


async def test_a_group_takes_twenty_messages_a_minute(ask, world, group, clock):
    answers = []
    for _ in range(21):
        await clock.sleep(1)
        answers.append(await ask("sendMessage", chat_id=group.id, text="x"))
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    assert answers[-1]["parameters"] == {"retry_after": 40}


async def test_a_menu_button_belongs_to_a_private_chat(ask, group):
    answer = await ask("getChatMenuButton", chat_id=group.id)
    assert answer["description"] == "Bad Request: chat must be private"


async def test_who_is_not_in_a_group_has_left_it(ask, world, group):
    other = world.add_person("外")
    answer = await ask("getChatMember", chat_id=group.id, user_id=other.id)
    assert answer["result"]["status"] == "left"
