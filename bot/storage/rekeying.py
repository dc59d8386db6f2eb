"""A new SECRET_KEY: everything sealed with an older one is sealed anew, page by page."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Table, bindparam, select, update

from bot.storage import links
from bot.storage.db import Db, Line, Tx
from bot.storage.tables import metadata

_PAGE = 200


async def reseal(db: Db) -> AsyncIterator[tuple[str, int]]:
    """Seal everything anew and give, for each table, how many rows that took.

    Each page is a transaction: stopped in the middle, it goes on where it was
    when it is called again. The bot may work meanwhile with both keys.
    """
    async with db.begin() as tx:
        await links.rekey(tx)
    for table in metadata.sorted_tables:
        boxes = [column.name for column in table.c if column.name.endswith("_box")]
        if boxes:
            yield table.name, await _table(db, table, boxes)


async def _table(db: Db, table: Table, boxes: list[str]) -> int:
    page = (
        select(table.c.id, *(table.c[name] for name in boxes))
        .where(table.c.id > bindparam("after_"))
        .order_by(table.c.id)
        .limit(_PAGE)
    )
    after, renewed = 0, 0
    while True:
        async with db.begin() as tx:
            rows = (await tx.execute(page, {"after_": after})).all()
            renewed += sum([await _row(tx, table, row, boxes) for row in rows])
        if len(rows) < _PAGE:
            return renewed
        after = rows[-1].id


async def _row(tx: Tx, table: Table, row: Line, boxes: list[str]) -> bool:
    fresh: dict[str, Any] = {}
    for name in boxes:
        box = getattr(row, name)
        again = None if box is None else tx.vault.renewed(box)
        if again is not None:
            fresh[name] = again
    if fresh:
        await tx.execute(update(table).where(table.c.id == row.id).values(fresh))
    return bool(fresh)
