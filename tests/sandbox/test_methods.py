"""PTB's own client through every method that the sandbox serves; the world checks each answer itself."""

import struct

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    LinkPreviewOptions,
    MenuButtonCommands,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from bot.sandbox.api_schema import schema
from bot.sandbox.limits import Limits

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 320, 200)
KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("好", callback_data="yes")]])


@pytest.fixture(autouse=True)
def _no_limits(world):
    world.limits.per_second = world.limits.chat_per_second = world.limits.group_per_minute = None


async def test_ptb_calls_every_method_and_each_answer_fits_the_schema(world, bot, wang, base_url):
    for part in (_says_who_it_is, _polls, _sends, _edits, _pins, _sets_up, _looks_around, _hooks):
        await part(world, bot, wang)
    called = {call.method for call in world.calls if call.ok}
    assert called == set(schema().methods)


async def _says_who_it_is(world, bot, wang):
    assert (await bot.get_me()).username == world.bot.username


async def _polls(world, bot, wang):
    wang.say("你好")
    first = await bot.get_updates(timeout=10, allowed_updates=["message", "callback_query"])
    assert [update.message.text for update in first] == ["你好"]
    assert await bot.get_updates(offset=first[-1].update_id + 1) == ()


async def _sends(world, bot, wang):
    sent = await bot.send_message(
        wang.id, "粗体 x", entities=[MessageEntity("bold", 0, 2)], protect_content=True, reply_markup=KEYS,
        link_preview_options=LinkPreviewOptions(is_disabled=True), disable_notification=True,
    )  # fmt: skip
    shown = wang.last
    assert (shown.html, shown.protected, shown.silent, shown.labels) == ("<b>粗体</b> x", True, True, ["好"])
    await bot.send_message(wang.id, "再说", reply_parameters=ReplyParameters(sent.message_id))
    assert wang.last.reply_to == sent.message_id
    photo = await bot.send_photo(wang.id, PICTURE, caption="<i>二维码</i>", parse_mode="HTML")
    assert (photo.photo[0].width, photo.photo[0].height, wang.last.html) == (320, 200, "<i>二维码</i>")
    await bot.send_photo(wang.id, photo.photo[0].file_id)
    assert wang.last.photo.file_id == photo.photo[0].file_id
    document = await bot.send_document(wang.id, b"a,b\n", filename="表.csv")
    assert (document.document.file_name, wang.last.document.size) == ("表.csv", 4)
    album = await bot.send_media_group(
        wang.id, [InputMediaPhoto(PICTURE, caption="一"), InputMediaPhoto(PICTURE)]
    )
    assert len({message.media_group_id for message in album}) == 1
    assert wang.messages[-2].text == "一"
    await bot.send_location(wang.id, 31.2, 121.4)
    await bot.send_venue(wang.id, 31.2, 121.4, "医院", "路 1 号")
    assert wang.last.raw["venue"]["title"] == "医院"
    assert await bot.send_chat_action(wang.id, "typing")
    copied = await bot.copy_message(wang.id, wang.id, photo.message_id, caption="新的")
    assert wang.message(copied.message_id).text == "新的"
    forwarded = await bot.forward_message(wang.id, wang.id, document.message_id)
    assert forwarded.forward_origin.sender_user.id == world.bot.id
    await bot.send_message(wang.id, "选", reply_markup=ReplyKeyboardMarkup([[KeyboardButton("报告")]]))
    assert wang.reply_keyboard == [[{"text": "报告"}]]
    await bot.send_message(wang.id, "好", reply_markup=ReplyKeyboardRemove())
    assert wang.reply_keyboard == []


async def _edits(world, bot, wang):
    sent = await bot.send_message(wang.id, "一", reply_markup=KEYS)
    query = wang.tap("好")
    assert await bot.answer_callback_query(query, "谢谢", show_alert=True)
    assert wang.toasts[-1].text == "谢谢"
    assert wang.toasts[-1].alert
    edited = await bot.edit_message_text("二", wang.id, sent.message_id)
    assert (edited.text, edited.reply_markup, wang.last.edited) == ("二", None, True)
    await bot.edit_message_reply_markup(wang.id, sent.message_id, reply_markup=KEYS)
    assert wang.last.labels == ["好"]
    photo = await bot.send_photo(wang.id, PICTURE)
    await bot.edit_message_caption(wang.id, photo.message_id, caption="图")
    assert wang.last.text == "图"
    await bot.edit_message_media(InputMediaDocument(b"x", filename="x.txt"), wang.id, photo.message_id)
    assert (wang.last.kind, wang.last.text) == ("document", "")
    assert await bot.set_message_reaction(wang.id, sent.message_id, [ReactionTypeEmoji("👍")])
    assert wang.message(sent.message_id).reactions == ["👍"]
    assert await bot.delete_message(wang.id, sent.message_id)
    assert await bot.delete_messages(wang.id, [photo.message_id, 99_999])
    assert [wang.message(sent.message_id).deleted, wang.message(photo.message_id).deleted] == [True, True]


async def _pins(world, bot, wang):
    sent = await bot.send_message(wang.id, "状态")
    assert await bot.pin_chat_message(wang.id, sent.message_id)
    assert wang.pinned.text == "状态"
    assert (await bot.get_chat(wang.id)).pinned_message.message_id == sent.message_id
    assert await bot.unpin_chat_message(wang.id)
    assert wang.pinned is None
    await bot.pin_chat_message(wang.id, sent.message_id)
    assert await bot.unpin_all_chat_messages(wang.id)
    assert wang.pinned is None


async def _sets_up(world, bot, wang):
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("help", "帮助")], language_code="zh")
    assert wang.menu == [("help", "帮助")]
    here = BotCommandScopeChat(wang.id)
    await bot.set_my_commands([BotCommand("visits", "访视")], scope=here)
    assert wang.menu == [("visits", "访视")]
    assert [command.command for command in await bot.get_my_commands(scope=here)] == ["visits"]
    await bot.delete_my_commands(scope=here)
    assert wang.menu == [("help", "帮助")]
    await bot.set_my_name("随访")
    await bot.set_my_description("说明", language_code="zh")
    await bot.set_my_short_description("短")
    assert (await bot.get_my_name()).name == (await bot.get_me()).first_name == "随访"
    assert (await bot.get_my_description("zh")).description == "说明"
    assert (await bot.get_my_description()).description == ""
    assert (await bot.get_my_short_description("zh")).short_description == "短"
    await bot.set_chat_menu_button(wang.id, MenuButtonCommands())
    assert (await bot.get_chat_menu_button(wang.id)).type == "commands"


async def _looks_around(world, bot, wang):
    wang.send_document(b"content", "a.txt")
    update = (await bot.get_updates())[-1]
    file = await bot.get_file(update.message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"content"
    group = world.add_group("值班", [wang])
    assert (await bot.get_chat_member(group.id, wang.id)).status == "creator"
    assert (await bot.get_chat_member(group.id, world.bot.id)).status == "member"
    assert (await bot.get_chat(group.id)).title == "值班"
    assert await bot.leave_chat(group.id)
    assert group.bot_status == "left"


async def _hooks(world, bot, wang):
    assert await bot.set_webhook("https://example.invalid/hook", secret_token="s", drop_pending_updates=True)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://example.invalid/hook", 0)
    assert await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""


async def test_a_person_s_every_kind_of_message_reaches_the_bot(world, bot, wang):
    wang.send_photo(PICTURE, "看")
    wang.send_voice()
    wang.send_sticker()
    wang.send_contact()
    wang.send_contact("+100", "李")
    wang.send_location(1.0, 2.0)
    wang.edit(wang.say("一"), "二 /help")
    updates = await bot.get_updates()
    messages = [update.effective_message for update in updates]
    assert messages[0].caption == "看"
    assert messages[1].voice.mime_type == "audio/ogg"
    assert messages[2].sticker.emoji == "👍"
    assert [messages[3].contact.user_id, messages[4].contact.user_id] == [wang.id, None]
    assert messages[5].location.latitude == 1.0
    assert (updates[7].edited_message.text, updates[7].edited_message.edit_date is None) == (
        "二 /help",
        False,
    )


async def test_limits_can_be_lifted_and_set(world, bot, wang):
    world.limits.per_second = 2
    await bot.send_message(wang.id, "1")
    assert world.limits == Limits(2, None, 3, None)
