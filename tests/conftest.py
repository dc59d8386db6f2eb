"""What every test stands on: Chromium where there is one, and Hypothesis without a stopwatch."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection

from bot.storage import migrate
from tests.postgres import Server, find_server, running

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# A busy machine is slow, which says nothing about the code; in CI the same cases run each time.
settings.register_profile("suifang", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("suifang")


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    """Migrate an empty SQLite database once; the thousand after it are copied, in a tenth of the time."""
    run, copied = migrate.run, list[tuple[str, tuple[Any, ...]]]()

    def run_or_copy(connection: Connection, to: str = "head") -> None:
        is_new = to == "head" and connection.dialect.name == "sqlite" and not _schema(connection)
        if is_new and copied:
            for statement, values in copied:
                connection.exec_driver_sql(statement, values)
            return
        run(connection, to)
        if is_new:
            copied.extend((*_schema(connection), *_rows(connection)))

    migrate.run = run_or_copy
    yield
    migrate.run = run


def _schema(connection: Connection) -> list[tuple[str, tuple[Any, ...]]]:
    statement = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    return [(row[0], ()) for row in connection.exec_driver_sql(statement)]


def _rows(connection: Connection) -> list[tuple[str, tuple[Any, ...]]]:
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    found = []
    for (name,) in names.all():
        for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"').all():
            marks = ", ".join("?" * len(row))
            found.append((f'INSERT INTO "{name}" VALUES ({marks})', tuple(row)))
    return found


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine; the variable CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, candidates) if path), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no Chromium, and fail it in CI, where there must be one."""
    if item.get_closest_marker("browser") is None or find_chromium():
        return
    reason = "no Chromium on this machine: install it, or name one in CHROMIUM"
    if IN_CI:
        pytest.fail(f"{reason} (a failure because CI is set)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the Chromium that the browser tests drive."""
    path = find_chromium()
    assert path, "mark the test `browser`, so that it is skipped where there is no Chromium"
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Run a PostgreSQL server for the tests that are marked with its name; skipped where there is none."""
    programs = find_server()
    if isinstance(programs, str):
        pytest.skip(programs)
    with running(programs) as server:
        yield server
