"""Going live as the README has it: the command line and `suifang run`, against the local Bot API."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.sandbox.accounts import Event
from bot.sandbox.gateway import Gateway
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

    async def types(self, *arguments: str) -> tuple[int, str]:
        """Run one command to its end; return its exit code and everything that it printed."""
        process = await self.starts(*arguments)
        printed, _ = await asyncio.wait_for(process.communicate(), WITHIN)
        return process.returncode or 0, printed.decode()

    async def starts(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command and leave it running."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **self.settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
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
            "PROTOCOL_FILE": str(tmp_path / "trial.toml"),
        }
        yield Operator(tmp_path, world, settings)
    await world.close()


async def test_check_sends_a_test_over_the_second_channel_and_says_whether_it_arrived(operator):
    gateway = Gateway(SystemClock())
    async with gateway.open() as address:
        operator.settings["SECOND_CHANNEL_URLS"] = f"{address}, json://me:a-password@127.0.0.1:1"
        code, printed = await operator.types("check")
        assert code == 2
        assert "✓ second channel, address 1 (json)" in printed
        assert "✗ second channel, address 2 (json): not taken" in printed
        assert "a-password" not in printed
        assert gateway.texts == [
            "随访：第二通道测试，一切正常。\nSuifang: a test of the second channel. Nothing is wrong."
        ]
        await operator.types("check", "--no-send")
        assert len(gateway.texts) == 1


@asynccontextmanager
async def running(operator: Operator) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the live bot while the block runs; SIGTERM must end it cleanly."""
    polled = _happens(operator.world, lambda event: event.kind == "call" and _is_poll(event))
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


def _happens(world: World, wanted: object) -> "asyncio.Future[None]":
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
    answered = _happens(
        person.core,  # type: ignore[arg-type]
        lambda event: event.kind == "message" and event.chat_id == person.id and person.messages[-1].from_bot,
    )
    act()
    await asyncio.wait_for(answered, WITHIN)
    return person.last.text


async def test_what_is_missing_is_named_all_at_once(operator: Operator) -> None:
    operator.settings = {}
    code, printed = await operator.types("check")
    assert code == 2
    for name in ("TELEGRAM_BOT_TOKEN", "SECRET_KEY", "SITE_FILE", "follow_up_anchor"):
        assert name in printed


async def test_a_live_start_is_refused_until_the_anchor_is_chosen(operator: Operator) -> None:
    operator.settings["PROTOCOL_FILE"] = str(SHIPPED_PROTOCOL)
    code, printed = await operator.types("run")
    assert code == 2
    assert printed.startswith("suifang: follow_up_anchor")
    assert printed.count("\n") == 1


async def test_the_readme_leads_from_a_token_to_the_first_participant(operator: Operator) -> None:
    assert (await operator.types("protocol", "sign", "--by", "Dr Fang"))[0] == 0
    assert (await operator.types("check"))[0] == 0
    code, printed = await operator.types("staff", "invite", "--role", "coordinator", "--name", "Lin")
    assert code == 2
    assert "suifang run" in printed
    async with running(operator):
        code, printed = await operator.types("staff", "invite", "--role", "coordinator", "--name", "Lin")
        coordinator = operator.world.add_person("Lin")
        assert "Lin" in await is_answered(coordinator, lambda: coordinator.start(_code_in(printed)))
        enrol = ["--code", "001", "--arm", "NK010", "--dose", "2.5e9", "--day1", "2026-12-01"]
        code, printed = await operator.types("participant", "enrol", *enrol, "--icf", "2026-11-20")
        assert code == 0, printed
        participant = operator.world.add_person("Wang")
        assert "Welcome" in await is_answered(participant, lambda: participant.start(_code_in(printed)))
    code, printed = await operator.types("participant", "enrol", *enrol, "--icf", "2026-11-20")
    assert (code, printed.strip()) == (1, "suifang: The code 001 is taken.")
    assert "001" in (await operator.types("participant", "list"))[1]
    assert "coordinator" in (await operator.types("staff", "list", "--json"))[1]


def _code_in(printed: str) -> str:
    return printed.split("?start=")[1].split(maxsplit=1)[0]
