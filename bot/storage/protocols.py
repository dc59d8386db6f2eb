"""The protocols that were in force, kept as the files they were read from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import protocols


@dataclass(frozen=True, slots=True)
class KeptProtocol:
    """A protocol file and its words, as they were; `anchor` is what the PI had chosen."""

    digest: str
    version: str
    anchor: str | None
    definition: bytes
    words: bytes | None
    kept_at: datetime


_ADD = insert(protocols).on_conflict_do_nothing(index_elements=["digest"]).returning(protocols.c.digest)
_OF_VERSION = (
    select(protocols)
    .where(protocols.c.version == bindparam("version_"))
    .order_by(protocols.c.kept_at.desc(), protocols.c.digest)
)


async def keep(tx: Tx, kept: KeptProtocol) -> bool:
    """Keep a protocol; False when this very one is kept already."""
    values = {name: getattr(kept, name) for name in KeptProtocol.__slots__}
    return (await tx.execute(_ADD, values)).first() is not None


async def of_version(tx: Tx, version: str) -> list[KeptProtocol]:
    """Return the protocols of a version, the newest first: more than one only where none was signed."""
    rows = await tx.execute(_OF_VERSION, {"version_": version})
    return [KeptProtocol(*(getattr(row, name) for name in KeptProtocol.__slots__)) for row in rows]
