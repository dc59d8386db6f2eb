"""What Telegram refuses, in its own words, which the bot reads."""

import struct

import pytest

from bot.sandbox.api_schema import schema
from bot.sandbox.markup import parse_html
from bot.sandbox.refusals import Refusal

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 320, 200)


def keys(**button):
    return {"inline_keyboard": [[{"text": "好", **button}]]}


@pytest.fixture(autouse=True)
def _no_limits(world):
    world.limits.per_second = world.limits.chat_per_second = None


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\t"}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "\u3000\u200b\u2800"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x" * 32769}, "text is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"},
         'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
        ({"text": "x", "parse_mode": "MarkdownV2"},
         "unsupported parse_mode: the sandbox serves HTML, not MarkdownV2"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
         "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 1, "length": 1}]},
         "entity begins after the end of the text at UTF-16 offset 1"),
        ({"text": "x", "entities": [{"type": "bold", "offset": -1, "length": 1}]},
         "receive an entity with incorrect offset -1"),
        ({"text": "疼😀", "entities": [{"type": "bold", "offset": 2, "length": 1}]},
         "entity begins in a middle of a UTF-16 symbol at byte offset 7"),
        ({"text": "疼😀", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
         "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 7"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]}},
         "inline keyboard button text must be non-empty"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "x", "url": "tg://x"}]]}},
         "can't parse inline keyboard button: exactly one action must be specified"),
        ({"text": "x", "reply_markup": keys(callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keys(callback_data="随" * 22)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keys()},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": keys(url="not a url")},
         "inline keyboard button URL 'not a url' is invalid: Wrong HTTP URL"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "好", "callback_data": "x"}] * 9]}},
         "reply markup is too long"),
        ({"text": "x", "reply_markup": {"keyboard": [[]]}}, "reply keyboard must have at least one button"),
        ({"text": "x", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
        ({"text": "x", "chat_id": 12345}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ],
)  # fmt: skip
async def test_a_message_is_refused(ask, wang, params, description):
    answer = await ask("sendMessage", **{"chat_id": wang.id, **params})
    assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {description}")
    assert [message for message in wang.messages if message.from_bot] == []


@pytest.mark.parametrize(
    "params",
    [
        {"text": "x" * 4096},
        {"text": "😀" * 2048},
        {"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"},
        {"text": "x", "reply_markup": keys(callback_data="随" * 21 + "x")},
        {"text": "x", "reply_markup": {"inline_keyboard": []}},
        {"text": "x", "reply_parameters": {"message_id": 77, "allow_sending_without_reply": True}},
    ],
)
async def test_a_message_at_the_limit_is_taken(ask, wang, params):
    assert (await ask("sendMessage", chat_id=wang.id, **params))["ok"]


@pytest.mark.parametrize(
    ("make", "description"),
    [
        (lambda person: person.block(), "Forbidden: bot was blocked by the user"),
        (lambda person: person.deactivate(), "Forbidden: user is deactivated"),
    ],
)
async def test_who_is_out_of_reach_is_a_403(ask, wang, make, description):
    make(wang)
    answer = await ask("sendMessage", chat_id=wang.id, text="x")
    assert (answer["error_code"], answer["description"]) == (403, description)


async def test_who_never_pressed_start_cannot_be_written_to(ask, world):
    stranger = world.add_person("李")
    answer = await ask("sendMessage", chat_id=stranger.id, text="x")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    stranger.start()
    assert (await ask("sendMessage", chat_id=stranger.id, text="x"))["ok"]


@pytest.fixture
async def sent(ask, wang):
    """A text with a button."""
    answer = await ask("sendMessage", chat_id=wang.id, text="x", reply_markup=keys(callback_data="a"))
    return answer["result"]["message_id"]


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("editMessageText", {"text": "x", "reply_markup": keys(callback_data="a")},
         SAME),
        ("editMessageReplyMarkup", {"reply_markup": keys(callback_data="a")},
         SAME),
        ("editMessageText", {"text": ""}, "message text is empty"),
        ("editMessageText", {"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ("editMessageText", {"text": "\u200b"}, "text must be non-empty"),
        ("editMessageText", {"text": "y", "message_id": 999}, "message to edit not found"),
        ("editMessageText", {"text": "y", "message_id": 1}, "message can't be edited"),
        ("editMessageText", {"text": "y", "inline_message_id": "x"}, "MESSAGE_ID_INVALID"),
        ("editMessageCaption", {"caption": "y"}, "there is no caption in the message to edit"),
        ("editMessageMedia", {"media": {"type": "photo", "media": "none"}},
         "wrong file identifier/HTTP URL specified"),
        ("editMessageMedia", {"media": {"type": "video", "media": "none"}},
         "the sandbox serves photos and documents only"),
        ("deleteMessage", {"message_id": 999}, "message to delete not found"),
        ("deleteMessages", {"message_ids": []}, "message identifiers are not specified"),
        ("pinChatMessage", {"message_id": 999}, "message to pin not found"),
        ("unpinChatMessage", {}, "message to unpin not found"),
        ("copyMessage", {"message_id": 999}, "message to copy not found"),
        ("forwardMessage", {"message_id": 999}, "message to forward not found"),
        ("setMessageReaction", {"reaction": [{"type": "emoji", "emoji": "x"}]}, "REACTION_INVALID"),
        ("setMessageReaction", {"reaction": [{"type": "emoji", "emoji": "👍"}] * 2}, "REACTIONS_TOO_MANY"),
        ("sendChatAction", {"action": "singing"}, "wrong parameter action in request"),
        ("sendPhoto", {"photo": "none"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://example.invalid/x.jpg"}, "failed to get HTTP URL content"),
        ("sendPhoto", {"photo": "attach://none"}, "wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": "none"}, "wrong file identifier/HTTP URL specified"),
        ("sendMediaGroup", {"media": []}, "there are no messages to send"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "none"}]}, "group send failed"),
        ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong location specified"),
        ("sendVenue", {"latitude": 1, "longitude": 0, "title": "", "address": "x"},
         "title and address must be non-empty"),
        ("getChat", {"chat_id": 12345}, "chat not found"),
        ("getChatMember", {"user_id": 12345}, "user not found"),
        ("leaveChat", {}, "chat member status can't be changed in private chats"),
        ("getFile", {"file_id": "none"}, "invalid file_id"),
        ("setMyCommands", {"commands": [{"command": "Help", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "help", "description": ""}]},
         "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [{"command": "help", "description": "x"}] * 101},
         "BOT_COMMANDS_TOO_MUCH"),
        ("setMyCommands", {"commands": [], "language_code": "zh-hans"}, "invalid language code specified"),
        ("setMyDescription", {"description": "x" * 513}, "description is too long"),
        ("answerCallbackQuery", {"callback_query_id": "1"},
         "query is too old and response timeout expired or query ID is invalid"),
        ("setWebhook", {"url": "http://example.invalid"},
         "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://example.invalid", "secret_token": "a b"},
         "secret token contains unallowed characters"),
    ],
)  # fmt: skip
async def test_a_call_is_refused(ask, wang, sent, method, params, description):
    fields = {"chat_id": wang.id, "from_chat_id": wang.id, "message_id": sent}
    known = schema().methods[method]["fields"]
    given = {
        key: value for key, value in fields.items() if key in known and "inline_message_id" not in params
    }
    answer = await ask(method, **given | params)
    assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {description}")


async def test_a_message_with_a_reply_keyboard_can_never_be_edited(ask, wang):
    keyboard = {"keyboard": [[{"text": "报告"}]]}
    answer = await ask("sendMessage", chat_id=wang.id, text="x", reply_markup=keyboard)
    edit = await ask("editMessageText", chat_id=wang.id, message_id=answer["result"]["message_id"], text="y")
    assert edit["description"] == "Bad Request: message can't be edited"


async def test_a_query_is_answered_once_and_within_150_seconds(ask, wang, sent, clock):
    first, second, late = (wang.tap("a") for _ in range(3))
    assert (await ask("answerCallbackQuery", callback_query_id=first))["ok"]
    again = await ask("answerCallbackQuery", callback_query_id=first)
    assert "query is too old" in again["description"]
    assert (
        "MESSAGE_TOO_LONG"
        in (await ask("answerCallbackQuery", callback_query_id=second, text="x" * 201))["description"]
    )
    await clock.sleep(150)
    assert (await ask("answerCallbackQuery", callback_query_id=second))["ok"]
    await clock.sleep(1)
    assert "query is too old" in (await ask("answerCallbackQuery", callback_query_id=late))["description"]


async def test_a_message_older_than_48_hours_is_not_deleted(ask, wang, sent, clock):
    await clock.sleep(48 * 3600 + 1)
    answer = await ask("deleteMessage", chat_id=wang.id, message_id=sent)
    assert answer["description"] == "Bad Request: message can't be deleted for everyone"
    assert (await ask("deleteMessages", chat_id=wang.id, message_ids=[sent]))["ok"]
    assert not wang.message(sent).deleted


async def test_a_protected_message_is_not_forwarded(ask, wang):
    sent = (await ask("sendMessage", chat_id=wang.id, text="x", protect_content=True))["result"]
    answer = await ask("forwardMessage", chat_id=wang.id, from_chat_id=wang.id, message_id=sent["message_id"])
    assert answer["description"] == "Bad Request: message can't be forwarded"


async def test_a_notice_of_telegram_is_neither_copied_nor_edited(ask, wang, sent):
    await ask("pinChatMessage", chat_id=wang.id, message_id=sent)
    notice = wang.messages[-1].id
    answer = await ask("copyMessage", chat_id=wang.id, from_chat_id=wang.id, message_id=notice)
    assert answer["description"] == "Bad Request: message can't be copied"


@pytest.mark.parametrize(
    ("picture", "description"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (PICTURE[:16] + struct.pack(">II", 9000, 2000), "PHOTO_INVALID_DIMENSIONS"),
        (PICTURE[:16] + struct.pack(">II", 2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (PICTURE + b"\0" * (10 * 1024 * 1024), "file is too big"),
    ],
)
def test_what_is_no_photo_is_refused(world, picture, description):
    with pytest.raises(Refusal, match=description):
        world.files.add("photo", picture, "x.png", "image/png")


async def test_a_caption_has_1024_units_at_most(ask, world, wang):
    photo = world.files.add("photo", PICTURE, "x.png", "image/png").file_id
    sent = await ask("sendPhoto", chat_id=wang.id, photo=photo, caption="😀" * 512)
    there = {"chat_id": wang.id, "message_id": sent["result"]["message_id"]}
    long = await ask("sendPhoto", chat_id=wang.id, photo=photo, caption="😀" * 512 + "x")
    assert long["description"] == "Bad Request: message caption is too long"
    edit = await ask("editMessageCaption", **there, caption="x" * 1025)
    assert edit["description"] == "Bad Request: MEDIA_CAPTION_TOO_LONG"
    album = [{"type": "photo", "media": photo, "caption": "x" * 1025}, {"type": "photo", "media": photo}]
    for method, media in (("sendMediaGroup", album), ("editMessageMedia", album[0])):
        place = there if method == "editMessageMedia" else {"chat_id": wang.id}
        refused = await ask(method, **place, media=media)
        assert refused["description"] == "Bad Request: message caption is too long"
    text = await ask("editMessageText", **there, text="x")
    assert text["description"] == "Bad Request: there is no text in the message to edit"


async def test_the_chat_and_the_reply_are_looked_at_before_the_length(ask, wang):
    long = {"text": "x" * 4097}
    assert (await ask("sendMessage", chat_id=1, **long))["description"] == "Bad Request: chat not found"
    reply = {"message_id": 99}
    answer = await ask("sendMessage", chat_id=wang.id, reply_parameters=reply, **long)
    assert answer["description"] == "Bad Request: message to be replied not found"


async def test_a_link_to_a_person_becomes_a_mention(ask, wang):
    text = f'<a href="tg://user?id={wang.id}">王</a><a href="tg://user?id=42">x</a>'
    sent = await ask("sendMessage", chat_id=wang.id, text=text, parse_mode="HTML")
    known, unknown = sent["result"]["entities"]
    assert (known["type"], known["user"]["first_name"]) == ("text_mention", "王")
    assert unknown["user"] == {"id": 42, "is_bot": False, "first_name": ""}


async def test_a_photo_is_not_sent_as_a_document(ask, world, wang):
    photo = world.files.add("photo", PICTURE, "x.png", "image/png")
    answer = await ask("sendDocument", chat_id=wang.id, document=photo.file_id)
    assert answer["description"] == "Bad Request: can't use file of type Photo as Document"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("疼<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("疼</b>", "Unexpected end tag at byte offset 3"),
        ("疼<b>a</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b>a</b x>", "Unclosed end tag at byte offset 4"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a ='x'>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x_y>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_cannot_be_parsed_is_told_with_its_byte(source, reason):
    with pytest.raises(Refusal) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"
