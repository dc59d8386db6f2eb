"""What is waited for from participants: second readings, and reports that were asked."""

from datetime import datetime

from bot.storage import awaited, second_readings
from bot.storage.db import Tx


async def next_at(tx: Tx) -> datetime | None:
    """Return when one of them is due next; it may have passed."""
    instants = (await second_readings.next_due_at(tx), await awaited.next_due_at(tx))
    return min((at for at in instants if at is not None), default=None)
