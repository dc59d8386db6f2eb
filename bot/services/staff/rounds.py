"""What the site itself is due: broadcasts whose time has come, and the morning digest."""

from datetime import datetime

from bot.services.broadcasts import broadcasts as casting
from bot.services.staff import digest
from bot.storage import broadcasts
from bot.storage.db import Tx
from bot.study import Study


async def tick(study: Study) -> int:
    """Do what is due; return how many things that were."""
    return await casting.start_due(study) + await digest.tick(study)


async def next_at(tx: Tx) -> datetime | None:
    """Return when something is due next; it may have passed."""
    instants = (await broadcasts.next_send_at(tx), await digest.next_at(tx))
    return min((at for at in instants if at is not None), default=None)
