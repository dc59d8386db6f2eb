"""What the watcher asks of the database, and what it leaves there: the last sign of life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.storage import alerts, audit, inbox, meta, outbox
from bot.storage.db import Tx
from bot.storage.inbox import Backlog
from bot.study import Study

ALIVE, BACKUP, PAUSED = "alive_at", "backup_at", "sending_paused"


@dataclass(frozen=True, slots=True)
class Stored:
    """How the database stands: what waits, since when, and the head of the audit trail."""

    alert_due_at: datetime | None
    alerts_open: int
    inbox: Backlog
    outbox: Mapping[outbox.State, int]
    backup_at: datetime | None
    paused_since: datetime | None
    audit_head: tuple[int, str]


async def look(study: Study) -> Stored:
    """Write a sign of life and return how things stand; raises what the database raises."""
    async with study.db.begin() as tx:
        await meta.put(tx, ALIVE, study.clock.now().isoformat())
        live = await alerts.all_live(tx)
        return Stored(
            alert_due_at=await alerts.next_wake(tx),
            alerts_open=len(live),
            inbox=await inbox.backlog(tx),
            outbox=await outbox.counts(tx),
            backup_at=await instant(tx, BACKUP),
            paused_since=await instant(tx, PAUSED),
            audit_head=await audit.head(tx),
        )


async def last_alive_at(study: Study) -> datetime | None:
    """Return when the program gave its last sign of life, whichever run that was."""
    async with study.db.begin() as tx:
        return await instant(tx, ALIVE)


async def instant(tx: Tx, name: str) -> datetime | None:
    """Return an instant that was kept under a name."""
    kept = await meta.get(tx, name)
    return None if kept is None else datetime.fromisoformat(kept)
