"""What the site itself is due: broadcasts whose time has come."""

from datetime import datetime

from bot.services import broadcasts as casting
from bot.storage import broadcasts
from bot.storage.db import Tx
from bot.study import Study


async def tick(study: Study) -> int:
    """Do what is due; return how many things that were."""
    return await casting.start_due(study)


async def next_at(tx: Tx) -> datetime | None:
    """Return when something is due next; it may have passed."""
    return await broadcasts.next_send_at(tx)
