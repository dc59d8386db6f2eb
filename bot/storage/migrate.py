"""Alembic, run from inside: no ini file, no env.py, the connection that is already open."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from bot.errors import SettingsError
from bot.storage.tables import metadata

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

NEWEST = "0012"
"""The version that this program needs, in four digits so that they sort; a test holds it to the last one."""

SCRIPTS = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str | None:
    """Return the version of the database, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection) -> None:
    """Run what is missing, within the caller's transaction; SettingsError when a newer program was here."""
    found = current(connection)
    if found is not None and found > NEWEST:
        raise SettingsError(f"the database has version {found}; this program knows {NEWEST} and older ones")
    if found != NEWEST:
        run(connection)


def run(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to one of them; for a test, as an older program left it."""
    # A third of the time to start is Alembic's import, and most starts have nothing to migrate.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(SCRIPTS))

    def steps(revision: Any, context: "MigrationContext") -> Any:
        return scripts._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        # Transactions are the caller's: one for the whole way.
        environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
        environment.run_migrations()
