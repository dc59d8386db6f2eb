"""The methods that put something new into a chat."""

from bot.sandbox.accounts import Json, Letter, StoredFile
from bot.sandbox.api_schema import Upload
from bot.sandbox.chats import known_chat, own_letter, writable_chat
from bot.sandbox.core import Core
from bot.sandbox.files import document, photo_sizes
from bot.sandbox.refusals import bad_request
from bot.sandbox.registry import serves
from bot.sandbox.sending import caption_content, check_length, send, text_content

_ACTIONS = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
]
_CONTENT = [
    "text",
    "entities",
    "link_preview_options",
    "photo",
    "document",
    "voice",
    "sticker",
    "contact",
    "location",
    "venue",
    "caption",
    "caption_entities",
    "show_caption_above_media",
]


@serves("sendMessage")
def send_message(core: Core, p: Json) -> Json:
    """Send a text."""
    return send(core, p, text_content(core, p))


@serves("sendPhoto")
def send_photo(core: Core, p: Json) -> Json:
    """Send a photo."""
    content = caption_content(core, p)
    writable_chat(core, p["chat_id"])
    return send(core, p, media(core, "photo", p["photo"], p) | content)


@serves("sendDocument")
def send_document(core: Core, p: Json) -> Json:
    """Send a file."""
    content = caption_content(core, p)
    writable_chat(core, p["chat_id"])
    return send(core, p, media(core, "document", p["document"], p) | content)


def media(core: Core, kind: str, given: Upload | str, p: Json) -> Json:
    """Return the media part of a message; `given` is an upload, `attach://name` or a file id."""
    file = _file(core, kind, given, p)
    return {"photo": photo_sizes(file)} if kind == "photo" else {"document": document(file)}


def _file(core: Core, kind: str, given: Upload | str, p: Json) -> StoredFile:
    if isinstance(given, str) and given.startswith("attach://"):
        upload = p.get("_uploads", {}).get(given.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        given = upload
    if isinstance(given, Upload):
        return core.files.add(kind, given.content, given.name, given.mime_type)
    if given.startswith(("http://", "https://")):
        # The sandbox has no network, which is what Telegram says of a URL that it cannot reach.
        raise bad_request("failed to get HTTP URL content")
    known = core.files.get(given)
    if known is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
    return known


@serves("sendMediaGroup")
def send_media_group(core: Core, p: Json) -> list[Json]:
    """Send an album."""
    items = p["media"]
    if not 2 <= len(items) <= 10:
        raise bad_request("group send failed" if items else "there are no messages to send")
    kinds = {item["type"] for item in items}
    if not kinds <= {"photo", "document"}:
        raise bad_request("the sandbox serves albums of photos or of documents")
    chat = writable_chat(core, p["chat_id"])
    contents = [media(core, item["type"], item["media"], p) | caption_content(core, item) for item in items]
    for content in contents:
        check_length(content, text="", caption="message caption is too long")
    core.limiter.take(chat.id, len(items))
    album = {"media_group_id": str(core.count("albums"))}
    return [send(core, p, album | content, count=0) for content in contents]


@serves("sendLocation")
def send_location(core: Core, p: Json) -> Json:
    """Send a point on the map."""
    return send(core, p, {"location": _place(p)})


@serves("sendVenue")
def send_venue(core: Core, p: Json) -> Json:
    """Send a place with its name and address."""
    if not p["title"] or not p["address"]:
        raise bad_request("title and address must be non-empty")
    extra = {key: p[key] for key in ("foursquare_id", "google_place_id") if key in p}
    venue: Json = {"location": _place(p), "title": p["title"], "address": p["address"]} | extra
    return send(core, p, {"venue": venue, "location": _place(p)})


def _place(p: Json) -> Json:
    if abs(p["latitude"]) > 90 or abs(p["longitude"]) > 180:
        raise bad_request("wrong location specified")
    return {"latitude": p["latitude"], "longitude": p["longitude"]}


@serves("sendChatAction")
def send_chat_action(core: Core, p: Json) -> bool:
    """Show that the bot is about to send something."""
    if p["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    core.emit("action", writable_chat(core, p["chat_id"]).id, action=p["action"])
    return True


@serves("forwardMessage")
def forward_message(core: Core, p: Json) -> Json:
    """Forward a message, telling where it comes from."""
    letter = _source(core, p, "forward")
    if letter.protected:
        raise bad_request("message can't be forwarded")
    origin = {"type": "user", "sender_user": letter.message["from"], "date": letter.message["date"]}
    return send(core, p, {"forward_origin": origin, **_copied(letter, "forwarded")})


@serves("copyMessage")
def copy_message(core: Core, p: Json) -> Json:
    """Send the same content again; a caption may be replaced."""
    content = _copied(_source(core, p, "copy"), "copied")
    if "caption" in p:
        kept = {key: value for key, value in content.items() if not key.startswith("caption")}
        content = kept | caption_content(core, p)
    return {"message_id": send(core, p, content)["message_id"]}


def _source(core: Core, p: Json, to_do: str) -> Letter:
    return own_letter(core, known_chat(core, p["from_chat_id"]), p["message_id"], to_do)


def _copied(letter: Letter, done: str) -> Json:
    content = {key: letter.message[key] for key in _CONTENT if key in letter.message}
    if not content:
        raise bad_request(f"message can't be {done}")
    return content
