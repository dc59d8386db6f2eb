"""The live program in a process of its own, which dies by SIGKILL where it is told to.

A parent that has lived such a life once forks it, so that a start costs what the
program itself does and not what Python does.
"""

import asyncio
import functools
import gc
import json
import logging
import os
import signal
import socket
import ssl
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from bot.app import Wire
from bot.cli.run import stopped_by_signal
from bot.clock import SystemClock
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.live import Live, Plan
from bot.sandbox.accounts import Event
from bot.sandbox.server import serve
from bot.sandbox.setting import SITE_FILE
from bot.sandbox.world import World
from bot.services.alerts import alerts
from bot.settings import SHIPPED_PROTOCOL
from bot.storage.db import Db
from bot.storage.session import Local
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts
from bot.transport.attempt import Attempt
from bot.transport.delivery import Delivery
from bot.transport.handling import Handling
from bot.transport.intake import Intake
from bot.transport.settling import Settling
from tests.promises.reminded import Reminded
from tests.promises.town import Town

log = logging.getLogger(__name__)
SECRET = "a pass phrase for tests"


@dataclass(frozen=True, slots=True)
class Point:
    """A step of the program: just before or after a function, and up to how many passes of it are let by."""

    owner: Any
    name: str
    after: bool
    most: int


POINTS = {
    "polled, not kept": Point(Intake, "_keep", False, 3),
    "kept, not confirmed": Point(Intake, "_keep", True, 3),
    "in its lane, not handled": Point(Handling, "_handle", False, 6),
    "handled, not noted": Point(Handling, "_handle", True, 6),
    "noted as done": Point(Handling, "_done", True, 6),
    "before a commit": Point(Local, "commit", False, 40),
    "after a commit": Point(Local, "commit", True, 40),
    "leases taken back": Point(Delivery, "release_leases", True, 1),
    "claimed, not called": Point(Attempt, "make", False, 6),
    "answered, not settled": Point(Settling, "settle", False, 6),
    "settled": Point(Settling, "settle", True, 6),
    "before a tick": Point(alerts, "tick", False, 2),
}


@dataclass(frozen=True, slots=True)
class Life:
    """How one life of the program shall go; `point` None: it dies from outside, or not at all."""

    url: str
    database_url: str
    token: str
    port: int
    point: str | None = None
    passes: int = 0
    durable: bool = True


@functools.cache
def _read() -> tuple[Any, Any, Any]:
    return load_protocol(SHIPPED_PROTOCOL, anchor="rituximab"), load_texts(), load_site(SITE_FILE)


async def opened(database_url: str, *, durable: bool = True) -> Study:
    """Open the study as the command line does, for the trial with its anchor chosen."""
    protocol, texts, site = _read()
    db = await Db.open(database_url, Vault(SECRET), durable=durable)
    await db.migrate()
    return Study(db, protocol, texts, SystemClock(), site, "")


async def live(life: Life) -> None:
    """Be the live program until SIGTERM, or until the point of death."""
    if life.point is not None:
        _die_at(POINTS[life.point], life.passes)
    study = await opened(life.database_url, durable=life.durable)
    plan = Plan(Wire(life.token, life.url), "127.0.0.1", life.port, life.database_url)
    try:
        await Live(study, plan, Random()).run(stopped_by_signal())
    finally:
        await study.db.close()


def free_port() -> int:
    """Return a port of this machine that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def _live_once(folder: Path) -> None:
    """Live for a moment with a few people: Python has then imported and compiled what a life needs."""
    world, database_url = World(SystemClock()), f"sqlite+aiosqlite:///{folder / 'first.db'}"
    town = Town(world, Random(0), Reminded(folder, Random(0)))
    study = await opened(database_url, durable=False)
    await town.settle_in(study, alarms=2)
    await study.db.close()

    def heard(event: Event) -> None:
        if event.kind == "call" and event.data["call"].method == "deleteWebhook":
            asyncio.get_running_loop().call_later(2.0, os.kill, os.getpid(), signal.SIGTERM)

    world.listen(heard)
    for act in (town.write, town.alarm, town.alarm, town.look):
        act()
    async with serve(world) as url:
        await live(Life(url, database_url, world.bot.token, free_port()))
    await world.close()


def _warm() -> None:
    # No call is encrypted here; reading the machine's certificates is most of what making a client costs.
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_live_once(Path(name)))
    gc.collect()
    gc.freeze()


def _die_at(point: Point, passes: int) -> None:
    left = iter(range(passes))
    real = getattr(point.owner, point.name)

    def die_in_turn() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(real)
    async def deadly(*args: Any, **more: Any) -> Any:
        if not point.after:
            die_in_turn()
        result = await real(*args, **more)
        if point.after:
            die_in_turn()
        return result

    setattr(point.owner, point.name, deadly)


class Nursery:
    """Forks lives: made before any event loop is, then asked over a socket, one life at a time."""

    def __init__(self, log_file: Path) -> None:
        _read()
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            # It goes no further whatever happens: it would be a second worker of the pool, and play towns.
            try:
                _serve(theirs, log_file)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        theirs.close()
        ours.setblocking(False)
        self._socket, self._heard = ours, b""
        self._living: int | None = None

    async def begin(self, life: Life) -> int:
        """Start a life and return its process id."""
        order = json.dumps(asdict(life)).encode() + b"\n"
        await asyncio.get_running_loop().sock_sendall(self._socket, order)
        self._living = int(await self._line())
        return self._living

    async def end(self) -> int:
        """Wait for the end of that life; the exit code, or minus the signal."""
        code = int(await self._line())
        self._living = None
        return code

    async def _line(self) -> bytes:
        while b"\n" not in self._heard:
            more = await asyncio.get_running_loop().sock_recv(self._socket, 100)
            assert more, "the nursery is gone"
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def close(self) -> None:
        """Have no more; a life that a failed run has left goes, too, or it would be waited for."""
        if self._living is not None:
            os.kill(self._living, signal.SIGKILL)
        self._socket.close()
        os.waitpid(self.pid, 0)


def _serve(theirs: socket.socket, log_file: Path) -> None:
    """Fork a life for each line, and say its id and then how it ended; whoever asks is waited for."""
    lines, answers = theirs.makefile("rb"), theirs.makefile("wb", buffering=0)
    _warm()
    for line in lines:
        child = os.fork()
        if child == 0:
            theirs.close()
            _live(Life(**json.loads(line)), log_file)
        answers.write(b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        answers.write(b"%d\n" % os.waitstatus_to_exitcode(status))


def _live(life: Life, log_file: Path) -> None:
    code = 1
    try:
        out = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
        asyncio.run(live(life))
        code = 0
    except BaseException:
        log.exception("a life ended badly")
    finally:
        _leave(code)


_leave: Callable[[int], Any] = os._exit
