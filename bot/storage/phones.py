"""Telephone numbers of participants, sealed; only the service that audits each look reads them."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import phones

_OF = phones.c.participant_id == bindparam("participant_")
_GET = select(phones.c.phone_box).where(_OF)
_KNOWN = select(phones.c.id).where(_OF)
_NEW = insert(phones)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["participant_id"],
    set_={"phone_box": _NEW.excluded.phone_box, "changed_at": _NEW.excluded.changed_at},
)
_DROP = delete(phones).where(_OF)


async def put(tx: Tx, participant_id: int, number: str, now: datetime) -> None:
    """Keep a number, in place of the one before."""
    values = {"participant_id": participant_id, "phone_box": tx.seal(number), "changed_at": now}
    await tx.execute(_PUT, values)


async def get(tx: Tx, participant_id: int) -> str | None:
    """Return a number in the clear; None when none is known."""
    box = (await tx.execute(_GET, {"participant_": participant_id})).scalar()
    return None if box is None else tx.open(box)


async def is_known(tx: Tx, participant_id: int) -> bool:
    """Tell whether there is a number, without opening it."""
    return (await tx.execute(_KNOWN, {"participant_": participant_id})).first() is not None


async def drop(tx: Tx, participant_id: int) -> bool:
    """Forget a number; False when there was none."""
    return (await tx.execute(_DROP, {"participant_": participant_id})).rowcount == 1
