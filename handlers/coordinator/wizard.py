"""What staff type while a task of several steps is open."""

from bot.domain.people import StaffMember
from handlers.common import Call


async def on_text(call: Call, staff: StaffMember) -> bool:
    """Take the text as the answer to the open step; False when no task is open."""
    return False
