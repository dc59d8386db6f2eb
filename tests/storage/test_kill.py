"""What was committed survives a kill, and what was not leaves no trace; the long run is a benchmark."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from bot.storage import audit, dispatch, inbox, outbox
from bot.storage.db import Db
from bot.storage.dispatch import Released
from tests.storage.conftest import NOW, opened

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from bot.domain.people import PersonRef
from bot.storage import audit, dispatch, inbox, outbox
from bot.storage.vault import Vault
from bot.storage.db import Db

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)

async def main():
    db = await Db.open(sys.argv[1], Vault(sys.argv[2]))
    await db.migrate()
    for n in range(10**6):
        async with db.begin() as tx:
            await inbox.keep(tx, [inbox.Arrival(n, "{}", n)], NOW)
            intent = outbox.Intent(f"reply:{n}", "reply", n % 4, PersonRef("participant", 1))
            await outbox.enqueue(tx, intent, NOW)
            await audit.record(tx, audit.SYSTEM, "kept", None, NOW, after=n)
        print(n, flush=True)
        async with db.begin() as tx:
            await dispatch.claim(tx, NOW, 1, timedelta(seconds=30))
        print(n, flush=True)

asyncio.run(main())
"""


def killed_after(url: str, secret: str, lines: int) -> int:
    """Run the child until it has said so many lines, kill it, and return the last number it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, secret], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert child.stdout is not None
    for _ in range(lines):
        last = child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split("\n")  # the last line may be cut in two
    child.stdout.close()
    child.wait()
    return int(rest[-2] if len(rest) > 1 else last)


async def test_p1_p5_what_was_said_to_be_kept_is_there_after_a_kill(tmp_path, vault):
    url = f"sqlite+aiosqlite:///{tmp_path / 'killed.db'}"
    said = killed_after(url, "a pass phrase for tests", 24)
    db = await opened(url, vault)
    async with db.begin() as tx:
        kept = await inbox.take_new(tx, 10**6)
        trail = await audit.page(tx)
        queued = await outbox.counts(tx)
        assert await audit.verify(tx) == []
    assert [each.update_id for each in kept] == list(range(len(kept)))
    assert len(kept) in (said + 1, said + 2)
    assert len(kept) == len(trail) == sum(queued.values())
    await check_release(db, queued["sending"])
    await db.close()


async def check_release(db: Db, in_hand: int) -> None:
    """What was in hand goes again, broadcasts excepted, and is taken back once."""
    async with db.begin() as tx:
        broadcasts = [m for m in await outbox.latest(tx, 10**6) if m.state == "sending" and m.priority == 3]
        released = await dispatch.release(tx, NOW, everything=True)
        assert await dispatch.release(tx, NOW, everything=True) == Released(0, 0)
    assert in_hand >= 11
    assert released == Released(in_hand - len(broadcasts), len(broadcasts))
