"""A throw-away PostgreSQL server, where the machine has one: on a socket of its own, gone afterwards."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.storage.db import Db
from bot.storage.vault import Vault

# Nothing here outlives the tests: no waiting for the disk.
_OPTIONS = "-F -k {folder} -c listen_addresses= -c autovacuum=off -c shared_buffers=16MB"


@dataclass
class Server:
    """A running server; every database of it is one of a kind."""

    folder: Path
    bin: Path
    numbers: Iterator[int] = field(default_factory=count)
    migrated: bool = False
    newest: str = ""

    def url(self, name: str) -> str:
        """Return what stands in DATABASE_URL for a database."""
        return f"postgresql+asyncpg://suifang@/{name}?host={self.folder}"

    def empty(self) -> str:
        """Make a database without a table; return its name."""
        return self._made("template1")

    async def ready(self) -> str:
        """Make a database with the newest schema, migrated once and copied; return its name."""
        if not self.migrated:
            self._made("template1", "ready")
            db = await Db.open(self.url("ready"), Vault("x"))
            await db.migrate()
            await db.close()
            self.migrated = True
        return self._made("ready")

    def runs(self, program: str, *arguments: str) -> None:
        """Run one of the programs that come with the server."""
        account = ["-h", str(self.folder), "-U", "suifang"] if program != "pg_ctl" else []
        _run(self.bin / program, *account, *arguments)

    def restarts(self) -> None:
        """Stop as in a hurry, every connection cut, and start again."""
        self.stops()
        self.starts()

    def starts(self) -> None:
        """Start, and wait until it answers."""
        options = ("-o", _OPTIONS.format(folder=self.folder), "-l", str(self.folder / "log"))
        self.runs("pg_ctl", "-D", str(self.folder / "data"), "-w", *options, "start")

    def stops(self) -> None:
        """Stop at once."""
        self.runs("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "fast", "stop")

    def _made(self, template: str, name: str | None = None) -> str:
        self.newest = name or f"test{next(self.numbers)}"
        self.runs("createdb", "--template", template, self.newest)
        return self.newest


def find_server() -> Path | str:
    """Return the folder of the server's programs, or why there is none that could be started."""
    if sys.platform == "win32":
        return "the throw-away server wants a Unix socket"
    named = shutil.which("initdb")
    found = [Path(named)] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if not found:
        return "no PostgreSQL server on this machine: apt-get install postgresql"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return found[-1].resolve().parent


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Run a server while the block runs."""
    # Not pytest's own folder: it is closed to other users, and too deep for the name of a socket.
    folder = Path(tempfile.mkdtemp(prefix="suifang-pg-"))
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user, -1)
    server = Server(folder, programs)
    try:
        locale = ("--encoding=UTF8", "--locale=C", "--no-sync", "--auth=trust", "--username=suifang")
        _run(programs / "initdb", "--pgdata", str(folder / "data"), *locale)
        server.starts()
        yield server
        server.stops()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on(server: Server) -> str:
    """Make a ready database from a test that is no coroutine; return its address."""
    return server.url(asyncio.run(server.ready()))


def _run(program: Path, *arguments: str) -> None:
    # Nothing of ours is handed down: the server goes on behind pg_ctl, and would never close it.
    subprocess.run(
        [program, *arguments],
        check=True,
        cwd="/",
        timeout=60,
        user=_unprivileged(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _unprivileged() -> int | None:
    """Return whom to be instead of root; None when we are not root, or there is nobody."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        return None


def _version(path: Path) -> int:
    name = path.parents[1].name
    return int(name) if name.isdecimal() else 0
