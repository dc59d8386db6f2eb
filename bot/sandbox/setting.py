"""The whole sandbox, put together: a local Bot API, the unmodified bot talking HTTP to it, and the page."""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from random import Random

from bot.app import App, Wire
from bot.channels.second import SecondChannel
from bot.clock import Clock
from bot.domain.protocol import Protocol, load_protocol
from bot.domain.site import load_site
from bot.sandbox import records, story
from bot.sandbox.gateway import Gateway
from bot.sandbox.page.routes import page_at
from bot.sandbox.server import serve
from bot.sandbox.stage import Stage, saved_instant
from bot.sandbox.tickingclock import TickingClock
from bot.sandbox.walking import BotHooks
from bot.sandbox.world import World
from bot.settings import SHIPPED_PROTOCOL
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts

SITE_FILE = Path(__file__).parent / "site.toml"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a sandbox keeps itself between two starts."""

    path: Path

    @property
    def world(self) -> Path:
        """What Telegram would hold."""
        return self.path / "telegram.db"

    @property
    def database(self) -> Path:
        """What the bot holds."""
        return self.path / "suifang.db"

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def secret(self) -> str:
        """Return the key that seals this sandbox's database, made at its first start."""
        self.path.mkdir(parents=True, exist_ok=True)
        file = self.path / "secret.key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(32))
        return file.read_text()


@lru_cache(maxsize=1)
def _shipped() -> Protocol:
    """Read the shipped protocol once: it is frozen, and its rules and words are long."""
    return load_protocol(SHIPPED_PROTOCOL, anchor="rituximab")


async def open_study(database_url: str, secret: str, clock: Clock) -> Study:
    """Open the shipped protocol at the invented site; power cuts are not the sandbox's concern."""
    db = await Db.open(database_url, Vault(secret), durable=False)
    await db.migrate()
    return Study(
        db=db,
        protocol=_shipped(),
        texts=load_texts(),
        clock=clock,
        site=load_site(SITE_FILE),
        bot_username="",
    )


@contextlib.asynccontextmanager
async def sandbox(folder: Folder, port: int, start: datetime, rng: Random) -> AsyncIterator[str]:
    """Run the sandbox and give the address of its page; it goes on where it was, or tells its story anew."""
    goes_on_at = saved_instant(folder.world)
    clock = TickingClock(goes_on_at or start, running=False)
    study = await open_study(f"sqlite+aiosqlite:///{folder.database}", folder.secret(), clock)
    world = World(clock, path=folder.world)
    gateway = Gateway(clock, world.store)
    try:
        async with (
            serve(world) as api_url,
            gateway.open() as address,
            App.connected(study, Wire(world.bot.token, api_url), rng, SecondChannel(address)) as app,
        ):
            stage = Stage(world, clock, _hooks(app, world), zone=study.site.zone, gateway=gateway)
            clock.on_jump(lambda _: app.look_now())
            if goes_on_at is None:
                await story.tell(app, stage)
            async with _running(app), page_at(stage, port) as url:
                yield url
    finally:
        await world.close()
        await study.db.close()


def _hooks(app: App, world: World) -> BotHooks:
    async def quiet() -> bool:
        return not world.pending_updates() and await app.quiet()

    return BotHooks(
        next_event_at=app.next_event_at,
        next_event_name=lambda: records.next_event_name(app.study),
        quiet=quiet,
        outbox_log=lambda: records.outbox_log(app.study),
        milestones=lambda: records.milestones(app.study),
        invite=lambda role, reads, name: story.invite_newcomer(app, role, reads, name),
    )


@contextlib.asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(stop), name="bot")
    try:
        yield
    finally:
        stop.set()
        await running
