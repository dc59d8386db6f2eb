"""What the coordinator types and taps."""

from bot.screens.taps import Do
from handlers.common import Command, StaffTap

COORDINATOR_COMMANDS: tuple[Command, ...] = ()
COORDINATOR_TAPS: dict[Do, StaffTap] = {}
