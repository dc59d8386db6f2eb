"""The bot's two ends before the local Bot API: a real database, real HTTP, a clock that jumps."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from telegram.ext import MessageHandler, filters

from bot.clock import PushedClock
from bot.domain.people import PersonRef
from bot.sandbox.server import serve
from bot.sandbox.world import World
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import links, outbox
from bot.storage.db import Db
from bot.storage.outbox import Intent
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import Button, Screen, Verbatim, load_texts, say
from bot.transport.delivery import Delivery
from bot.transport.handling import current_update_id
from bot.transport.intake import Intake, IntakeHooks
from bot.transport.limiter import PriorityLimiter
from bot.transport.settling import DeliveryHooks
from bot.transport.wire import build_application

START = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
VAULT = Vault("a pass phrase for tests")
_PO = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\n"

msgid "test.words"
msgstr "{words}"

msgid "test.bold"
msgstr "<b>{words}</b>"
"""


async def until(condition, clock=None):
    """Let the others run until it holds; a clock that is given moves on a millisecond at each turn."""
    async with asyncio.timeout(30):
        while not condition():
            await (clock.push(timedelta(milliseconds=1)) if clock else asyncio.sleep(0))


@pytest.fixture
def clock(request) -> PushedClock:
    return PushedClock(START, jump=getattr(request, "param", True))


@pytest.fixture
def database_url(tmp_path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'suifang.db'}"


@pytest.fixture
async def db(database_url):
    opened = await Db.open(database_url, VAULT, durable=False)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
def world(clock) -> World:
    return World(clock, strict_answers=True)


@pytest.fixture
async def api(world):
    async with serve(world) as url:
        yield url
    await world.close()


@pytest.fixture
def texts(tmp_path):
    for locale in ("en", "zh_CN"):
        folder = tmp_path / "messages" / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        Path(folder / "test.po").write_text(_PO, encoding="utf-8")
    return load_texts(tmp_path / "messages")


@pytest.fixture
def study(db, clock, texts) -> Study:
    # Neither end asks the protocol or the site.
    return Study(db, cast(Any, None), texts, clock, cast(Any, None), "suifang_sandbox_bot")


@pytest.fixture
async def application(world, api, clock):
    made = build_application(world.bot.token, PriorityLimiter(clock), api_url=api)
    await made.initialize()
    yield made
    await made.shutdown()


@dataclass
class Ward:
    """What the intake did with what people wrote."""

    intake: Intake
    seen: list[tuple[int, str]] = field(default_factory=list)  # chat, text
    update_ids: list[int | None] = field(default_factory=list)
    quarantined: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    fail: dict[str, int] = field(default_factory=dict)  # text → how often its handler fails

    async def take_in(self):
        """Poll until nothing more comes, and handle it."""
        while await self.intake.poll_once(0):
            pass
        await self.intake.poll_once(0)
        return await self.intake.drain()


@pytest.fixture
def make_ward(application, db, clock):
    def make(db=db, **more) -> Ward:
        async def on_quarantine(update_id):
            made.quarantined.append(update_id)

        async def on_unauthorized():
            made.told.append("unauthorized")

        hooks = IntakeHooks(on_quarantine, on_unauthorized)
        made = Ward(Intake(application, db, clock, rng=random.Random(1), hooks=hooks, **more))

        async def handle(update, context):
            text = update.message.text
            if made.fail.get(text, 0) > 0:
                made.fail[text] -= 1
                raise ValueError(f"cannot handle {text}")
            made.seen.append((update.effective_chat.id, text))
            made.update_ids.append(current_update_id.get())

        application.handlers.clear()
        application.add_handler(MessageHandler(filters.TEXT, handle))
        return made

    return make


@pytest.fixture
def ward(make_ward) -> Ward:
    return make_ward()


@dataclass
class Post:
    """The outbox, its delivery, and what became of it."""

    study: Study
    world: World
    delivery: Delivery
    facts: dict[str, Any]
    followed: list[tuple[str, int | None]]
    unreachable: list[PersonRef]
    failed: list[tuple[str, str]]

    async def link(self, person, staff_id):
        async with self.study.db.begin() as tx:
            await links.link(tx, PersonRef("staff", staff_id), person.id, self.study.clock.now())

    async def queue(self, key, *, to=1, kind="note", priority=2, expires_in=None, **params):
        now = self.study.clock.now()
        expires_at = None if expires_in is None else now + timedelta(seconds=expires_in)
        intent = Intent(
            key, kind, priority, PersonRef("staff", to), {"words": key} | params, expires_at=expires_at
        )
        async with self.study.db.begin() as tx:
            assert await outbox.enqueue(tx, intent, now)

    async def row(self, key):
        async with self.study.db.begin() as tx:
            found = await outbox.by_key(tx, key)
        assert found is not None
        return found

    async def state(self, key):
        return (await self.row(key)).state

    async def deliver_all(self, most=60):
        """Deliver, letting time pass where something waits; stop when nothing is queued."""
        for _ in range(most):
            await self.delivery.deliver_once()
            async with self.study.db.begin() as tx:
                next_at = await outbox.next_due_at(tx)
            if next_at is None:
                return
            cast(PushedClock, self.study.clock).set(next_at)

    def sent(self, person=None):
        calls = [c for c in self.world.calls if c.ok and c.method == "sendMessage"]
        return [c.params["text"] for c in calls if person in (None, int(c.params["chat_id"]))]


def make_post(study, world, application, **more) -> Post:
    facts: dict[str, Any] = {}
    followed: list[tuple[str, int | None]] = []
    unreachable, failed = [], []

    async def render(study, tx, message, now):
        facts["rendered"] = facts.get("rendered", 0) + 1
        words = message.params["words"]
        if "broken" in words:
            raise ValueError("a renderer that cannot")
        if words in facts.get("untrue", ()):
            return Skip("no longer true")
        words = facts.get("other_words", {}).get(words, words)
        rows = ((Button(say("test.words", words="Go"), data="go"),),)
        screen = Screen((say("test.bold", words=Verbatim(words, words)),), rows)
        return replace(Outgoing(screen, "en"), **facts.get("manner", {}))

    async def after_sent(study, tx, message, message_id, now):
        if message.params["words"] in facts.get("bad_follow", ()):
            raise RuntimeError("what follows fails")
        followed.append((message.key, message_id))

    async def on_unreachable(study, tx, message, reason, now):
        unreachable.append(message.to)

    async def on_failed(study, tx, message, reason, now):
        failed.append((message.key, reason))

    kinds = {"note": Kind(render, after_sent)}
    hooks = DeliveryHooks(on_unreachable, on_failed)
    delivery = Delivery(study, application.bot, kinds, rng=random.Random(1), hooks=hooks, **more)
    return Post(study, world, delivery, facts, followed, unreachable, failed)


@pytest.fixture
def post(study, world, application) -> Post:
    return make_post(study, world, application)
