"""What is waited for from participants: second readings."""

from datetime import datetime

from bot.services import measuring
from bot.storage import second_readings
from bot.storage.db import Tx
from bot.study import Study


async def tick(study: Study) -> int:
    """Look at what did not come in time; return how many were looked at."""
    return await measuring.tick(study)


async def next_at(tx: Tx) -> datetime | None:
    """Return when something is due next; it may have passed."""
    return await second_readings.next_due_at(tx)
