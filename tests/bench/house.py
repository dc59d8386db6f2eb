"""The bot's side of a benchmark: the live program before a far world, with people who have joined."""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.app import App, Wire
from bot.clock import SystemClock
from bot.domain.people import Participant, ParticipantStatus, PersonRef, Role
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.sandbox.setting import SITE_FILE
from bot.settings import SHIPPED_PROTOCOL
from bot.storage import links, participants, staff
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts
from tests.bench.far import FIRST_PERSON

logging.getLogger("bot").setLevel(logging.ERROR)


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """Give a folder for one run, on a disk that commits must reach."""
    with TemporaryDirectory(dir=".", prefix=".bench-") as path:
        yield Path(path)


async def open_durable(path: Path) -> Study:
    """Open a study as the live program does: every commit reaches the disk."""
    db = await Db.open(f"sqlite+aiosqlite:///{path / 'suifang.db'}", Vault("a benchmark's pass phrase"))
    await db.migrate()
    return Study(
        db=db,
        protocol=load_protocol(SHIPPED_PROTOCOL, anchor="rituximab"),
        texts=load_texts(),
        clock=SystemClock(),
        site=load_site(SITE_FILE),
        bot_username="",
    )


async def join(study: Study, number: int, person: int, status: str = "active") -> Participant:
    """Let person `person` of the far world be an enrolled participant, whose Day 1 is three weeks away."""
    now = study.clock.now()
    arm = next(iter(study.protocol.arms.values()))
    day1 = (now + timedelta(days=21)).date()
    async with study.db.begin() as tx:
        joined = await participants.add(
            tx,
            code=f"{number:04d}",
            arm=arm.id,
            dose=arm.doses[0],
            day1_on=day1,
            icf_on=now.date(),
            language="en",
            zone=study.site.zone,
            now=now,
        )
        await participants.set_status(tx, joined.id, ParticipantStatus(status), now)
        await links.link(tx, joined.ref, FIRST_PERSON + person, now)
        return joined


async def physician(study: Study, person: int) -> PersonRef:
    """Let person `person` of the far world be the physician on call."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await staff.add(tx, name="Zhao", role=Role.SUB_INVESTIGATOR, language="en", now=now)
        await staff.mark_active(tx, member.id)
        await staff.set_on_call(tx, member.id, True)
        await links.link(tx, member.ref, FIRST_PERSON + person, now)
        return member.ref


@asynccontextmanager
async def living(study: Study, wire: Wire) -> AsyncIterator[App]:
    """Run the live program before a far world, with its own HTTP client."""
    async with App.connected(study, wire, Random(1)) as app:
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        try:
            yield app
        finally:
            stop.set()
            await running


def megabytes() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
