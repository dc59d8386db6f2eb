"""Statements compiled once, and run on SQLite without asking SQLAlchemy again how.

SQLAlchemy works out anew at each execution what it knows of a statement: which
value goes where, and how each column is read. That is three quarters of the
time of a small one. A plan keeps the answers; what a plan cannot do, and
every error, is left to SQLAlchemy.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, Row
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler

Line: TypeAlias = Row[*tuple[Any, ...]]
_Process: TypeAlias = Callable[[Any], Any]
_Bind: TypeAlias = tuple[str, Any, _Process | None]
_MISSING = object()
# Lists of so many values have plans, one for each length; longer ones are rare, and all different.
_LONGEST_LIST = 20


class Rows(Protocol):
    """What a statement brought back."""

    @property
    def rowcount(self) -> int:
        """Return how many rows were changed."""
        ...

    def __iter__(self) -> Iterator[Line]: ...

    def all(self) -> Any:
        """Return every row."""
        ...

    def first(self) -> Line | None:
        """Return the first row, where there is one."""
        ...

    def one(self) -> Line:
        """Return the only row; an error where there is another number of them."""
        ...

    def scalar(self) -> Any:
        """Return the first value of the first row, where there is one."""
        ...

    def scalar_one(self) -> Any:
        """Return the first value of the only row."""
        ...


class Found:
    """The rows of a plan, all of them fetched."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Line], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Line]:
        return iter(self._rows)

    def all(self) -> list[Line]:
        """Return every row."""
        return self._rows

    def first(self) -> Line | None:
        """Return the first row, where there is one."""
        return self._rows[0] if self._rows else None

    def one(self) -> Line:
        """Return the only row; an error where there is another number of them."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("Multiple rows were found when exactly one was required")
        if not self._rows:
            raise NoResultFound("No row was found when one was required")
        return self._rows[0]

    def scalar(self) -> Any:
        """Return the first value of the first row, where there is one."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """Return the first value of the only row."""
        return self.one()[0]


class Plan:
    """One statement for one set of names: its text, where its values go and how its columns are read."""

    __slots__ = ("_binds", "_meta", "_processors", "_sql")

    def __init__(self, sql: str, binds: list[_Bind], compiled: SQLCompiler, dialect: Dialect) -> None:
        self._sql, self._binds = sql, binds
        columns = compiled._result_columns
        self._processors = [each.type._cached_result_processor(dialect, None) for each in columns]
        self._meta = SimpleResultMetaData([each.keyname for each in columns])

    def run(self, sqlite: sqlite3.Connection, values: Mapping[str, Any]) -> Found | None:
        """Run it; None where a value is wanted that was not given."""
        bound = self._bound(values)
        if bound is None:
            return None
        cursor = sqlite.execute(self._sql, bound)
        if not self._processors:
            return Found([], cursor.rowcount)
        meta, processors, index = self._meta, self._processors, self._meta._key_to_index
        rows: list[Line] = [Row(meta, processors, index, line) for line in cursor.fetchall()]
        return Found(rows, cursor.rowcount)

    def _bound(self, values: Mapping[str, Any]) -> list[Any] | None:
        bound = []
        for key, default, process in self._binds:
            value = values.get(key, default)
            if value is _MISSING:
                return None
            bound.append(value if process is None else process(value))
        return bound


class ListPlan:
    """One statement with lists among its values: a plan for each number of values that came."""

    __slots__ = ("_compiled", "_dialect", "_lists", "_plans")

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._compiled, self._dialect = compiled, dialect
        self._lists = sorted(
            (bind.key, None if bind.required else bind.effective_value)
            for bind in compiled.post_compile_params
        )
        self._plans: dict[tuple[int, ...], Plan] = {}

    def run(self, sqlite: sqlite3.Connection, values: Mapping[str, Any]) -> Found | None:
        """Run it; None where a value is wanted that was not given, or a list is long."""
        lists = {key: values.get(key, default) for key, default in self._lists}
        if not all(_is_short(each) for each in lists.values()):
            return None
        sizes = tuple(len(each) for each in lists.values())
        plan = self._plans.get(sizes)
        if plan is None:
            plan = self._plans[sizes] = self._planned(lists)
        apart = {_nth(key, n): value for key, each in lists.items() for n, value in enumerate(each)}
        return plan.run(sqlite, {**values, **apart})

    def _planned(self, lists: Mapping[str, Any]) -> Plan:
        compiled = self._compiled
        others = {bind.key: None for bind in compiled.binds.values() if bind.required}
        state = compiled.construct_expanded_state(others | dict(lists))
        of_list = {
            name: (_nth(compiled.binds[given].key, n), _MISSING, state.processors.get(name))
            for given, names in state.parameter_expansion.items()
            for n, name in enumerate(names)
        }
        binds = [of_list.get(name) or _bind(compiled, name) for name in state.positiontup or ()]
        return Plan(state.statement, binds, compiled, self._dialect)


_AnyPlan: TypeAlias = Plan | ListPlan
_ByNames: TypeAlias = dict[tuple[str, ...], _AnyPlan | None]


class Plans:
    """The plans of all statements that ran more than once, kept as long as the statements themselves."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._plans: WeakKeyDictionary[Executable, dict[tuple[str, ...], _AnyPlan | None]] = (
            WeakKeyDictionary()
        )

    def run(self, sqlite: sqlite3.Connection, statement: Executable, values: Any) -> Found | None:
        """Run a statement by its plan; None where SQLAlchemy has to do it."""
        if type(values) is list and values:
            if len(values) > 1:
                return self._run_each(sqlite, statement, values)
            values = values[0]
        elif values is None:
            values = {}
        if type(values) is not dict:
            return None
        plan = self._plan(statement, tuple(values))
        try:
            return None if plan is None else plan.run(sqlite, values)
        except sqlite3.Error:
            # It changed nothing; SQLAlchemy runs into the same, and its error is the one people know.
            return None

    def _run_each(self, sqlite: sqlite3.Connection, statement: Executable, rows: list[Any]) -> Found | None:
        """Run it for one row after the other, all of them or none."""
        lines: list[Line] = []
        count = 0
        sqlite.execute("SAVEPOINT many")
        for row in rows:
            found = self.run(sqlite, statement, row) if type(row) is dict else None
            if found is None:
                sqlite.execute("ROLLBACK TO many")
                sqlite.execute("RELEASE many")
                return None
            lines += found
            count += found.rowcount
        sqlite.execute("RELEASE many")
        return Found(lines, count)

    def _plan(self, statement: Executable, names: tuple[str, ...]) -> _AnyPlan | None:
        known = self._plans.get(statement)
        if known is None:
            # Built for one use, as far as anybody can tell: a plan would cost more than it saves.
            self._plans[statement] = {}
            return None
        if names not in known:
            known[names] = _planned(statement, names, self._dialect)
        return known[names]


def _planned(statement: Any, names: tuple[str, ...], dialect: Dialect) -> _AnyPlan | None:
    compiled = statement.compile(dialect=dialect, column_keys=sorted(names))
    if not _is_plain(compiled):
        return None
    if compiled.post_compile_params:
        return ListPlan(compiled, dialect)
    binds = [_bind(compiled, name) for name in compiled.positiontup or ()]
    return Plan(compiled.string, binds, compiled, dialect)


def _is_short(value: object) -> bool:
    """Tell whether it is a list of plain values that a plan can hold."""
    return (
        isinstance(value, list | tuple)
        and len(value) <= _LONGEST_LIST
        and not any(isinstance(each, tuple) for each in value)
    )


def _nth(key: str, n: int) -> str:
    """Return the name of one value of a list, which no other value can have."""
    return f"{key}[{n}]"


def _is_plain(compiled: Any) -> bool:
    """Tell whether the text stands for all values, and every column has a name of its own."""
    if not isinstance(compiled, SQLCompiler) or compiled._collected_params:
        return False
    if compiled.literal_execute_params or compiled.prefetch:
        return False
    if any(bind.callable for bind in compiled.binds.values()):
        return False
    names = [each.keyname for each in compiled._result_columns]
    # Only of a text is it not known whether it brings rows.
    return (
        not compiled._textual_ordered_columns
        and compiled.statement is not None
        and _are_known(names, compiled)
    )


def _are_known(names: list[str], compiled: SQLCompiler) -> bool:
    brings_rows = bool(names)
    is_change = bool(compiled.isinsert or compiled.isupdate or compiled.isdelete)
    return len(set(names)) == len(names) and (brings_rows or is_change)


def _bind(compiled: SQLCompiler, name: str) -> _Bind:
    bind = compiled.binds[name]
    default = _MISSING if bind.required else bind.effective_value
    process: Any = compiled._bind_processors.get(name)
    return bind.key, default, process
