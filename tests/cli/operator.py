"""Somebody at the machine of the site: types commands, starts the live bot, against the local Bot API."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.sandbox.accounts import Event
from bot.sandbox.person import Person
from bot.sandbox.server import serve
from bot.sandbox.setting import SITE_FILE
from bot.sandbox.world import World
from bot.settings import SHIPPED_PROTOCOL

ROOT = Path(__file__).parents[2]
WITHIN = 60.0


@dataclass
class Operator:
    """Somebody at the machine of the site, with a `.env` of their own."""

    folder: Path
    world: World
    settings: dict[str, str] = field(default_factory=dict)
    started: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def types(self, *arguments: str) -> tuple[int, str]:
        """Run one command to its end; return its exit code and everything that it printed."""
        process = await self.starts(*arguments)
        printed, _ = await asyncio.wait_for(process.communicate(), WITHIN)
        return process.returncode or 0, printed.decode()

    async def starts(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command and leave it running."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **self.settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.started.append(process)
        return process

    async def leaves(self) -> None:
        """End what a failed test has left running."""
        for process in self.started:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@asynccontextmanager
async def at_the_machine(tmp_path: Path) -> AsyncIterator[Operator]:
    """Give an operator in an empty folder, with settings of their own and a local Bot API."""
    world = World(SystemClock())
    anchored = 'follow_up_anchor = "rituximab"\n' + SHIPPED_PROTOCOL.read_text(encoding="utf-8")
    (tmp_path / "trial.toml").write_text(anchored, encoding="utf-8")
    for words in SHIPPED_PROTOCOL.parent.glob("*-words.toml"):
        shutil.copy(words, tmp_path)
    async with serve(world) as url:
        settings = {
            "TELEGRAM_API_URL": url,
            "TELEGRAM_BOT_TOKEN": world.bot.token,
            "SECRET_KEY": "only for this test",
            "SITE_FILE": str(SITE_FILE),
            "HTTP_PORT": str(free_port()),
            "WITHOUT": "second_channel,heartbeat",
            "PROTOCOL_FILE": str(tmp_path / "trial.toml"),
        }
        somebody = Operator(tmp_path, world, settings)
        try:
            yield somebody
        finally:
            await somebody.leaves()
    await world.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def first_poll(operator: Operator) -> "asyncio.Future[None]":
    """Return a future that is done once the bot begins to poll."""
    return happens(operator.world, lambda event: event.kind == "call" and _is_poll(event))


@asynccontextmanager
async def running(operator: Operator) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the live bot while the block runs; SIGTERM must end it cleanly."""
    polled = first_poll(operator)
    bot = await operator.starts("run")
    ended = asyncio.create_task(bot.communicate())
    both: set[asyncio.Future[Any]] = {polled, ended}
    done, _ = await asyncio.wait(both, timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED)
    assert polled in done, ended.result()[0].decode() if ended.done() else "it did not poll"
    yield bot
    bot.send_signal(signal.SIGTERM)
    printed, _ = await asyncio.wait_for(ended, WITHIN)
    assert bot.returncode == 0, printed.decode()
    assert operator.world.bot.token not in printed.decode()


def _is_poll(event: Event) -> bool:
    return bool(event.data["call"].method == "deleteWebhook")


def happens(world: World, wanted: object) -> "asyncio.Future[None]":
    """Return a future that is done at the first event that is wanted."""
    assert callable(wanted)
    happened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def heard(event: Event) -> None:
        if wanted(event) and not happened.done():
            happened.set_result(None)

    world.listen(heard)
    return happened


async def is_answered(person: Person, act: object) -> str:
    """Let a person act, and return the bot's next message."""
    assert callable(act)
    answered = happens(
        person.core,  # type: ignore[arg-type]
        lambda event: event.kind == "message" and event.chat_id == person.id and person.messages[-1].from_bot,
    )
    act()
    await asyncio.wait_for(answered, WITHIN)
    return person.last.text
