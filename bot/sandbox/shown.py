"""What a phone shows: a message as its reader sees it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sandbox.accounts import Json, Letter
from bot.sandbox.core import Core
from bot.sandbox.render import to_html
from bot.sandbox.text import Entity

_KINDS = ["photo", "document", "voice", "sticker", "contact", "venue", "location", "pinned_message", "text"]


@dataclass(frozen=True)
class Button:
    """An inline button; at most one of `data`, `url` and `copy` is set."""

    label: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None
    style: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that came with a message; `World.files.content(file_id)` has its bytes."""

    kind: str
    file_id: str
    name: str
    mime_type: str
    size: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Shown:
    """One message on a phone."""

    id: int
    chat_id: int
    mine: bool
    """Whether the owner of this phone wrote it."""
    from_bot: bool
    sender: str
    at: datetime
    """When it was sent, UTC."""
    kind: str
    """`text`, `photo`, `document`, `voice`, `sticker`, `contact`, `location`, `venue`, `pinned_message`,
    or `service` for any other notice."""
    text: str
    """Text or caption, without formatting."""
    entities: list[Entity]
    buttons: list[list[Button]]
    attachment: Attachment | None
    edited: bool
    protected: bool
    deleted: bool
    silent: bool
    reply_to: int | None
    reactions: list[str]
    raw: Json = field(repr=False, default_factory=dict)
    """The message as the API has it."""

    @property
    def html(self) -> str:
        """Return text or caption with its formatting, safe to put into a page."""
        return to_html(self.text, self.entities)

    @property
    def labels(self) -> list[str]:
        """Return the labels of all inline buttons, row after row."""
        return [button.label for row in self.buttons for button in row]

    @property
    def photo(self) -> Attachment | None:
        """Return the picture, where it is one."""
        return self.attachment if self.kind == "photo" else None

    @property
    def document(self) -> Attachment | None:
        """Return the file, where it is one."""
        return self.attachment if self.kind == "document" else None


def shown(core: Core, letter: Letter, reader_id: int) -> Shown:
    """Return a message as it looks on the phone of `reader_id`."""
    message = letter.message
    text: str = message.get("text") or message.get("caption") or ""
    entities: list[Entity] = message.get("entities") or message.get("caption_entities") or []
    kind = next((kind for kind in _KINDS if kind in message), "service")
    return Shown(
        id=letter.id,
        chat_id=letter.chat_id,
        mine=message["from"]["id"] == reader_id,
        from_bot=message["from"]["id"] == core.bot.id,
        sender=message["from"]["first_name"],
        at=datetime.fromtimestamp(message["date"], UTC),
        kind=kind,
        text=text,
        entities=entities,
        buttons=_buttons(message),
        attachment=_attachment(core, kind, message),
        edited="edit_date" in message,
        protected=letter.protected,
        deleted=letter.deleted,
        silent=letter.silent,
        reply_to=message.get("reply_to_message", {}).get("message_id"),
        reactions=letter.reactions,
        raw=message,
    )


def _buttons(message: Json) -> list[list[Button]]:
    return [
        [_button(button) for button in row]
        for row in message.get("reply_markup", {}).get("inline_keyboard", [])
    ]


def _button(button: Json) -> Button:
    copied = button.get("copy_text", {}).get("text")
    return Button(button["text"], button.get("callback_data"), button.get("url"), copied, button.get("style"))


def _attachment(core: Core, kind: str, message: Json) -> Attachment | None:
    if kind not in ("photo", "document", "voice", "sticker"):
        return None
    found = message[kind][-1] if kind == "photo" else message[kind]
    file = core.files.get(found["file_id"])
    if file is None:
        return None
    return Attachment(kind, file.file_id, file.name, file.mime_type, file.size, file.width, file.height)
