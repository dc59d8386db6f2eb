"""The audit rows that services write, in the transaction of what they tell of."""

from datetime import datetime
from typing import Any

from bot.domain.people import PersonRef
from bot.storage import audit
from bot.storage.audit import SYSTEM
from bot.storage.audit import Actor as OtherActor
from bot.storage.db import Tx
from bot.study import Study

Actor = OtherActor | PersonRef

__all__ = ["SYSTEM", "Actor", "OtherActor", "operator", "record"]


def operator(name: str) -> OtherActor:
    """Return somebody at the command line as an actor."""
    return OtherActor("operator", name)


async def record(
    tx: Tx,
    study: Study,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    subject: PersonRef | None = None,
    before: Any = None,
    after: Any = None,
    reason: str | None = None,
) -> None:
    """Add a row to the audit trail, with the site's zone beside UTC."""
    await audit.record(
        tx, actor, action, subject, now, before=before, after=after, reason=reason, zone=study.site.zone
    )
