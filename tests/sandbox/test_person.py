"""What a person can do with a phone, and what it shows."""

import pytest

from bot.sandbox.accounts import Event
from bot.sandbox.person import CannotDo, Toast
from bot.sandbox.shown import Button

KEYS = {
    "inline_keyboard": [
        [{"text": "好", "callback_data": "yes"}, {"text": "不", "callback_data": "no"}],
        [{"text": "地图", "url": "https://a.b/"}],
    ]
}


@pytest.fixture(autouse=True)
def _no_limits(world):
    world.limits.chat_per_second = None


@pytest.fixture
def send(ask, wang):
    async def send(text, **params):
        return (await ask("sendMessage", chat_id=wang.id, text=text, **params))["result"]["message_id"]

    return send


async def test_start_sends_its_payload_and_opens_the_chat(world):
    person = world.add_person("李")
    assert not person.account.started
    person.start("AbC_-9")
    message = world.updates.head(1)[0]["message"]
    assert (message["text"], message["entities"][0]["type"]) == ("/start AbC_-9", "bot_command")
    assert person.account.started


@pytest.mark.parametrize("payload", ["a b", "x" * 65, "码", "a.b"])
def test_a_start_payload_that_telegram_does_not_pass_on_cannot_be_used(wang, payload):
    with pytest.raises(CannotDo):
        wang.start(payload)


async def test_the_phone_shows_who_wrote_what_and_how(send, wang):
    wang.say("你好 <b>")
    await send("<b>请</b>回答", parse_mode="HTML", reply_markup=KEYS)
    mine, theirs = wang.messages[-2:]
    assert (mine.mine, mine.from_bot, mine.html) == (True, False, "你好 &lt;b&gt;")
    assert (theirs.mine, theirs.from_bot, theirs.html) == (False, True, "<b>请</b>回答")
    assert theirs.buttons == [
        [Button("好", "yes"), Button("不", "no")],
        [Button("地图", url="https://a.b/")],
    ]


async def test_a_button_is_pressed_by_its_label_or_data_on_the_newest_message_that_has_it(send, wang, world):
    old = await send("一", reply_markup=KEYS)
    new = await send("二", reply_markup=KEYS)
    wang.tap("好")
    wang.tap("no", old)
    presses = [update["callback_query"] for update in world.updates.head(9)]
    assert [(press["data"], press["message"]["message_id"]) for press in presses] == [
        ("yes", new),
        ("no", old),
    ]
    assert {press["from"]["id"] for press in presses} == {wang.id}


async def test_what_the_phone_does_not_offer_cannot_be_done(send, wang):
    await send("一", reply_markup=KEYS)
    for impossible in (
        lambda: wang.tap("是"),
        lambda: wang.tap("地图"),
        lambda: wang.press_key("报告"),
        lambda: wang.say("  "),
        lambda: wang.message(999),
        lambda: wang.edit(wang.last.id, "二"),
        lambda: wang.say("x", chat=-1),
    ):
        with pytest.raises(CannotDo):
            impossible()


async def test_a_forged_button_reaches_the_bot_and_one_of_a_deleted_message_does_not(ask, send, wang, world):
    sent = await send("一", reply_markup=KEYS)
    assert wang.forge("everything", sent)
    await ask("deleteMessage", chat_id=wang.id, message_id=sent)
    assert wang.forge("yes", sent) is None
    with pytest.raises(CannotDo):
        wang.tap("好")
    assert [update["callback_query"]["data"] for update in world.updates.head(9)] == ["everything"]


async def test_toasts_and_alerts_are_shown_and_empty_answers_are_not(ask, send, wang):
    await send("一", reply_markup=KEYS)
    first, second = wang.tap("好"), wang.tap("不")
    await ask("answerCallbackQuery", callback_query_id=first)
    await ask("answerCallbackQuery", callback_query_id=second, text="已处理", show_alert=True)
    assert wang.toasts == [Toast("已处理", True, second)]


async def test_a_key_of_the_reply_keyboard_says_its_label_or_shares_the_phone(send, wang, world):
    keys = [[{"text": "报告"}], [{"text": "电话", "request_contact": True}]]
    await send("一", reply_markup={"keyboard": keys})
    wang.press_key("报告")
    wang.press_key("电话")
    said, shared = (update["message"] for update in world.updates.head(9))
    assert said["text"] == "报告"
    assert shared["contact"] == {"phone_number": "+8613900000000", "first_name": "王", "user_id": wang.id}


async def test_a_text_over_the_limit_goes_as_several_messages(wang, world):
    wang.say("😀" * 2048 + "尾")
    assert [update["message"]["text"] for update in world.updates.head(9)] == ["😀" * 2048, "尾"]


async def test_blocking_is_told_and_writing_needs_an_unblock(wang, world):
    wang.block()
    wang.block()
    with pytest.raises(CannotDo):
        wang.say("一")
    wang.start()
    told = [update for update in world.updates.head(9) if "my_chat_member" in update]
    statuses = [update["my_chat_member"]["new_chat_member"]["status"] for update in told]
    assert statuses == ["kicked", "member"]
    assert world.updates.head(9)[-1]["message"]["text"] == "/start"


async def test_without_network_nothing_new_is_shown_and_what_is_done_waits(ask, send, wang, world):
    old = await send("一", reply_markup=KEYS)
    query = wang.tap("好")
    wang.offline()
    before = wang.messages
    assert wang.say("二") is None
    assert wang.tap("不") is None
    await ask("answerCallbackQuery", callback_query_id=query, text="missed")
    await ask("editMessageText", chat_id=wang.id, message_id=old, text="改")
    await send("三", reply_markup={"keyboard": [[{"text": "报告"}]]})
    assert (wang.messages, wang.reply_keyboard, wang.toasts) == (before, [], [])
    assert world.pending_updates() == 1
    wang.online()
    assert [message.text for message in wang.messages[-3:]] == ["改", "三", "二"]
    assert wang.reply_keyboard == [[{"text": "报告"}]]
    later = [update.get("message", update.get("callback_query")) for update in world.updates.head(9)[1:]]
    assert [later[0]["text"], later[1]["data"]] == ["二", "no"]


async def test_the_menu_is_that_of_the_person_s_scope_and_language(ask, wang, world):
    english = world.add_person("Ann", language_code="en")
    await ask("setMyCommands", commands=[{"command": "help", "description": "帮助"}], language_code="zh")
    await ask("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    assert (wang.menu, english.menu) == ([("help", "帮助")], [("help", "Help")])
    scope = {"type": "all_private_chats"}
    await ask("setMyCommands", commands=[{"command": "visits", "description": "Visits"}], scope=scope)
    assert wang.menu == english.menu == [("visits", "Visits")]


async def test_what_happens_is_told_to_those_who_listen(send, wang, world):
    heard: list[tuple[str, int | None]] = []
    hush = world.listen(lambda event: heard.append((event.kind, event.chat_id)))
    wang.say("一")
    await send("二")
    hush()
    wang.say("三")
    assert heard == [("message", wang.id), ("update", None), ("message", wang.id), ("call", None)]


async def test_a_phone_hears_of_toasts_that_say_nothing_too(ask, send, wang, world):
    heard: list[Event] = []
    world.listen(heard.append)
    await send("一", reply_markup=KEYS)
    await ask("answerCallbackQuery", callback_query_id=wang.tap("好"))
    assert [event.data["text"] for event in heard if event.kind == "toast"] == [""]


async def test_a_reply_quotes_what_it_answers(send, wang, world):
    sent = await send("一")
    answer = wang.say("二", reply_to=sent)
    wang.say("三", reply_to=answer)
    quoted = [update["message"]["reply_to_message"] for update in world.updates.head(9)]
    assert [message["text"] for message in quoted] == ["一", "二"]
    assert "reply_to_message" not in quoted[1]


def test_the_same_person_is_not_added_twice(world, wang):
    assert world.add_person("另", user_id=wang.id).account is wang.account
    assert [person.id for person in world.people] == [wang.id]
    with pytest.raises(KeyError):
        world.person(1)
