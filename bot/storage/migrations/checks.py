"""Changing what a CHECK allows, on both databases."""

import sqlalchemy as sa
from alembic import op


def widen(table: str, column: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a column have more values than before.

    SQLite has no ALTER for that, and rebuilding a table that others refer to
    would drop its rows. Its manual describes this way for constraints that
    change nothing on the disk.
    """
    old, new = _allowed(column, before), _allowed(column, after)
    name = op.f(f"ck_{table}_{column}")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, sa.text(new))
        return
    bind = op.get_bind()
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar_one()
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = bind.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"
        ),
        {"old": old, "new": new, "name": table},
    )
    if changed.rowcount != 1:
        raise LookupError(f"there is no table {table}")
    bind.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = OFF"))


def _allowed(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
