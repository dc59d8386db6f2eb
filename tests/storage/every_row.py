"""A row, or several, in every table of a database, made from the schema that the database itself tells."""

import re
from typing import Any

from sqlalchemy import Connection, text

_ONE_OF = re.compile(r"(\w+) IN \(([^)]*)\)")
# So many rows that every state which a column may have is there.
ROWS = 9


def fill(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Put `ROWS` rows into every table, the n-th beside the n-th of those that it refers to; return them."""
    filled: dict[str, list[dict[str, Any]]] = {}
    for name, sql in _tables(connection):
        filled[name] = [_row(connection, name, sql, number) for number in range(1, ROWS + 1)]
        names = ", ".join(f'"{column}"' for column in filled[name][0])
        holes = ", ".join(f":{column}" for column in filled[name][0])
        connection.execute(text(f"INSERT INTO {name} ({names}) VALUES ({holes})"), filled[name])
    return filled


def rows(connection: Connection, table: str, columns: list[str]) -> list[dict[str, Any]]:
    """Return what stands in these columns, in the order of the first one."""
    names = ", ".join(f'"{column}"' for column in columns)
    found = connection.execute(text(f"SELECT {names} FROM {table} ORDER BY 1"))
    return [dict(row) for row in found.mappings()]


def _tables(connection: Connection) -> list[tuple[str, str]]:
    """Return names and definitions, those that are referred to first."""
    told = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    left = {name: sql for name, sql in told if name not in ("alembic_version", "sqlite_sequence")}
    ordered: list[tuple[str, str]] = []
    while left:
        ready = [name for name in left if not (_targets(connection, name) - {name}) & left.keys()]
        assert ready, left
        ordered += [(name, left.pop(name)) for name in ready]
    return ordered


def _targets(connection: Connection, name: str) -> set[str]:
    return {row.table for row in connection.execute(text(f"PRAGMA foreign_key_list({name})"))}


def _row(connection: Connection, name: str, sql: str, number: int) -> dict[str, Any]:
    choices = {
        column: [word.strip(" '") for word in words.split(",")] for column, words in _ONE_OF.findall(sql)
    }
    told = connection.execute(text(f"PRAGMA table_info({name})"))
    return {each.name: _value(name, each.name, each.type, choices.get(each.name), number) for each in told}


def _value(table: str, column: str, kind: str, choices: list[str] | None, number: int) -> Any:
    if choices:
        return choices[number % len(choices)]
    if kind == "INTEGER":
        return number % 4 if column == "priority" else number
    if kind == "REAL":
        return number / 4
    if kind == "BLOB":
        return f"{table}.{column} {number}".encode()
    return _text(table, column, number)


def _text(table: str, column: str, number: int) -> str:
    if column.endswith("_on"):
        return f"2026-12-{number:02}"
    if column.endswith("_at") or column in ("at", "since", "until", "not_before", "tier_since", "answer_by"):
        hour = 1 if column.startswith("ends") else 0
        return f"2026-12-{number:02}T{hour:02}:00:00.000000Z"
    return f"{table}.{column} {number}"
