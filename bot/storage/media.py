"""What participants send beside words: a picture of a rash, a voice message. Kept by Telegram, named here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import inbound_texts, media
from bot.storage.types import Instant


@dataclass(frozen=True, slots=True)
class Medium:
    """One file; `file_id` is None for what has none, such as a place. `message_id` is in their own chat."""

    kind: str
    file_id: str | None
    message_id: int
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was kept, beside the text that it came with."""

    text_id: int
    participant_id: int
    at: datetime
    medium: Medium


_ADD = insert(media).on_conflict_do_nothing(index_elements=["text_id"])
_ALL = select(media, inbound_texts.c.at).join(inbound_texts, media.c.text_id == inbound_texts.c.id)
_GET = _ALL.where(media.c.text_id == bindparam("text_"))
_SINCE = (
    _ALL.where(media.c.participant_id == bindparam("participant_"))
    .where(inbound_texts.c.at >= bindparam("since_", type_=Instant))
    .order_by(media.c.text_id)
)
_ALBUM = select(func.count()).where(
    media.c.participant_id == bindparam("participant_"), media.c.album == bindparam("album_")
)


async def add(tx: Tx, text_id: int, participant_id: int, medium: Medium) -> None:
    """Keep a file beside its text, its name sealed."""
    box = tx.vault.seal_json({"file_id": medium.file_id, "message_id": medium.message_id})
    values = {
        "text_id": text_id,
        "participant_id": participant_id,
        "kind": medium.kind,
        "file_box": box,
        "album": medium.album,
    }
    await tx.execute(_ADD, values)


async def get(tx: Tx, text_id: int) -> Kept | None:
    """Return the file that came with a text."""
    row = (await tx.execute(_GET, {"text_": text_id})).first()
    return None if row is None else _kept(tx, row)


async def since(tx: Tx, participant_id: int, at: datetime) -> list[Kept]:
    """Return what a participant sent since an instant, the oldest first."""
    rows = await tx.execute(_SINCE, {"participant_": participant_id, "since_": at})
    return [_kept(tx, row) for row in rows]


async def of_album(tx: Tx, participant_id: int, album: str) -> int:
    """Return how many pictures of an album are kept."""
    values = {"participant_": participant_id, "album_": album}
    return int((await tx.execute(_ALBUM, values)).scalar_one())


def _kept(tx: Tx, row: Line) -> Kept:
    name = tx.vault.open_json(row.file_box)
    medium = Medium(row.kind, name["file_id"], name["message_id"], row.album)
    return Kept(row.text_id, row.participant_id, row.at, medium)
