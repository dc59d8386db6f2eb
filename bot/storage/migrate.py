"""Alembic, run from inside: no ini file, no env.py, the connection that is already open."""

import functools
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.storage.tables import metadata


@functools.cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def newest() -> str | None:
    """Return the newest version that this program knows."""
    return _scripts().get_current_head()


def current(connection: Connection) -> str | None:
    """Return the version of the database, None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection) -> None:
    """Run what is missing, within the caller's transaction."""
    scripts = _scripts()
    if current(connection) == newest():
        return

    def steps(revision: Any, context: MigrationContext) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        # Transactions are the caller's: one for the whole way.
        environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
        environment.run_migrations()
