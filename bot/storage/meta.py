"""Single values about the installation: signatures, marks, the last time of this and that."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import meta

_GET = select(meta.c.value).where(meta.c.key == bindparam("key_"))
_NEW = insert(meta)
_PUT = _NEW.on_conflict_do_update(index_elements=["key"], set_={"value": _NEW.excluded.value})
_PUT_ONCE = insert(meta).on_conflict_do_nothing(index_elements=["key"]).returning(meta.c.key)


async def get(tx: Tx, key: str) -> str | None:
    """Return a value; None when there is none."""
    return (await tx.execute(_GET, {"key_": key})).scalar()


async def put(tx: Tx, key: str, value: str) -> None:
    """Set a value."""
    await tx.execute(_PUT, {"key": key, "value": value})


async def put_once(tx: Tx, key: str, value: str) -> bool:
    """Set a value that has none yet; False when it has one."""
    return (await tx.execute(_PUT_ONCE, {"key": key, "value": value})).first() is not None
