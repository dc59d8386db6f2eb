"""Single values about the installation: signatures, marks, the last time of this and that."""

from typing import cast

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import meta

_GET = select(meta.c.value).where(meta.c.key == bindparam("key_"))
_NEW = insert(meta)
_PUT = _NEW.on_conflict_do_update(index_elements=["key"], set_={"value": _NEW.excluded.value})
_MINE = (meta.c.key == bindparam("key_")) & (meta.c.value == bindparam("old_"))
_SWAP = update(meta).where(_MINE).values(value=bindparam("new_"))
_DROP = delete(meta).where(_MINE)
_CLEAR = delete(meta).where(meta.c.key == bindparam("key_"))
_PUT_ONCE = insert(meta).on_conflict_do_nothing(index_elements=["key"]).returning(meta.c.key)


async def get(tx: Tx, key: str) -> str | None:
    """Return a value; None when there is none."""
    return cast("str | None", (await tx.execute(_GET, {"key_": key})).scalar())


async def put(tx: Tx, key: str, value: str) -> None:
    """Set a value."""
    await tx.execute(_PUT, {"key": key, "value": value})


async def put_once(tx: Tx, key: str, value: str) -> bool:
    """Set a value that has none yet; False when it has one."""
    return (await tx.execute(_PUT_ONCE, {"key": key, "value": value})).first() is not None


async def swap(tx: Tx, key: str, old: str, new: str) -> bool:
    """Set a value where it still is `old`; False when somebody was faster."""
    return (await tx.execute(_SWAP, {"key_": key, "old_": old, "new_": new})).rowcount == 1


async def drop(tx: Tx, key: str, old: str) -> bool:
    """Forget a value where it still is `old`; False when it is another."""
    return (await tx.execute(_DROP, {"key_": key, "old_": old})).rowcount == 1


async def clear(tx: Tx, key: str) -> bool:
    """Forget a value, whatever it is; False when there was none."""
    return (await tx.execute(_CLEAR, {"key_": key})).rowcount == 1
