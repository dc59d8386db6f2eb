"""What all of the staff type and tap."""

from bot.screens.taps import Do
from handlers.common import Command, StaffTap
from handlers.language import choose_by_staff

STAFF_COMMANDS: tuple[Command, ...] = ()
STAFF_TAPS: dict[Do, StaffTap] = {Do.LANGUAGE: StaffTap(choose_by_staff)}
