"""What became of every reminder that fell due in a town, beside what must have."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.storage import tables
from bot.storage.db import Tx
from tests.promises.reckoning import Ledger
from tests.promises.reminded import VISIT, Meant, Reminded

GRACE = timedelta(seconds=2)
"""So long after it went stale, or was answered, a copy may still come: the facts may be a second old."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one: `stale_at` is when it was written down that it is too late for it."""

    meant: Meant
    came: tuple[datetime, ...]
    state: str | None = None
    stale_at: datetime | None = None
    doubts: int = 0
    answered_at: datetime | None = None

    @property
    def was_too_late(self) -> bool:
        """Whether nobody got it, and rightly so."""
        return not self.came and self.stale_at is not None and self.stale_at >= self.meant.expires_at

    @property
    def is_lost(self) -> bool:
        """Whether nobody got it, though it was not too late, and the bot does not say that this may be so."""
        return not self.came and not self.was_too_late and self.state != "uncertain"

    @property
    def is_unexplained(self) -> bool:
        """Whether there are more copies than kills and lost answers explain."""
        return len(self.came) > 1 + self.doubts

    @property
    def came_stale(self) -> bool:
        """Whether a copy came after its time."""
        return any(at > self.meant.expires_at + GRACE for at in self.came)

    @property
    def came_answered(self) -> bool:
        """Whether a second copy came though the first was answered."""
        answered_at = self.answered_at
        return answered_at is not None and any(at > answered_at + GRACE for at in self.came[1:])


async def enter(ledger: Ledger, reminded: Reminded, tx: Tx) -> None:
    """Enter what became of every reminder that fell due."""
    rows, doubts = await _rows(tx)
    dropped = await _dropped(tx)
    fates = [
        await _fate(tx, meant, tuple(reminded.came[chat]), rows.get(meant.key), dropped, doubts)
        for chat, meant in reminded.meant.items()
    ]
    judge(ledger, fates)
    strangers = sorted(rows.keys() - {each.meant.key for each in fates})
    ledger.must("P7 reminders that nobody was to get", found=strangers, be=[])


def judge(ledger: Ledger, fates: list[Fate]) -> None:
    """Enter the fates of reminders: how many there were of each, and by name those that must not be."""

    def those(are: Callable[[Fate], bool]) -> list[str]:
        return [each.meant.key for each in fates if are(each)]

    ledger.note("reminders that fell due", len(fates))
    ledger.note("reminders that came", len(those(lambda each: bool(each.came))))
    ledger.note("reminders for which it was too late", len(those(lambda each: each.was_too_late)))
    uncertain = those(lambda each: each.state == "uncertain")
    ledger.note("reminders given up after they were perhaps sent twice", len(uncertain))
    nobody = those(lambda each: each.state == "uncertain" and not each.came)
    ledger.note("… of which nobody had got one", len(nobody))
    ledger.note("P8 second copies of reminders", len(those(lambda each: len(each.came) > 1)))
    ledger.must("P7 reminders lost", found=those(lambda each: each.is_lost), be=[])
    unexplained = those(lambda each: each.is_unexplained)
    ledger.must("P7 reminders in more copies than kills and lost answers explain", found=unexplained, be=[])
    ledger.must("P8 reminders in more than two copies", found=those(lambda each: len(each.came) > 2), be=[])
    answered = those(lambda each: each.came_answered)
    ledger.must("P8 second copies after the answer", found=answered, be=[])
    ledger.must("P6 reminders that came too late", found=those(lambda each: each.came_stale), be=[])


async def _rows(tx: Tx) -> tuple[dict[str, Any], Counter[int]]:
    out, tried = tables.outbox, tables.attempts
    rows = (await tx.execute(select(out).where(out.c.kind == "reminder"))).all()
    lost = select(tried.c.outbox_id, func.count()).where(tried.c.result.in_(("crashed", "perhaps")))
    doubts = Counter({row[0]: row[1] for row in await tx.execute(lost.group_by(tried.c.outbox_id))})
    return {row.key: row for row in rows}, doubts


async def _dropped(tx: Tx) -> dict[str, datetime]:
    trail = tables.audit
    rows = await tx.execute(select(trail.c.at, trail.c.after).where(trail.c.action == "dropped_stale"))
    return {key: row.at for row in rows for key in row.after["keys"]}


async def _fate(
    tx: Tx,
    meant: Meant,
    came: tuple[datetime, ...],
    row: Any,
    dropped: dict[str, datetime],
    doubts: Counter[int],
) -> Fate:
    facts = select(tables.visits.c.attendance_at).where(
        tables.visits.c.participant_id == meant.participant_id, tables.visits.c.visit_type == VISIT
    )
    answered_at = (await tx.execute(facts)).scalar()
    if row is None:
        return Fate(meant, came, stale_at=dropped.get(meant.key), answered_at=answered_at)
    settled_at = row.settled_at if row.state in ("expired", "skipped") else None
    return Fate(meant, came, row.state, settled_at, doubts[row.id], answered_at)
