"""What all of the staff type and tap."""

from bot.domain.people import Action, StaffMember
from bot.screens.taps import Do
from bot.texts import key
from handlers.common import Call, Command, StaffTap
from handlers.language import choose_by_staff
from handlers.staff import alerts, closing, duty, files, lowering, reached, selftest


async def on_text(call: Call, staff: StaffMember) -> bool:
    """Take what is typed as what a task of alerts waits for; False when none does."""
    return (
        await closing.on_text(call, staff)
        or await lowering.on_reason(call, staff)
        or await reached.on_time(call, staff)
    )


STAFF_COMMANDS: tuple[Command, ...] = (
    Command("alerts", key("menu.alerts"), staff=alerts.list_, action=Action.SEE_ALERTS),
    Command("oncall", key("menu.oncall"), staff=duty.show, action=Action.BE_ON_CALL),
)
STAFF_TAPS: dict[Do, StaffTap] = {
    Do.LANGUAGE: StaffTap(choose_by_staff),
    Do.TAKE: StaffTap(alerts.take, Action.ACKNOWLEDGE),
    Do.REACHED: StaffTap(reached.reached, Action.ACKNOWLEDGE),
    # Not Action.CLOSE: who may not is told kindly who can.
    Do.TRIED: StaffTap(lowering.tried, Action.ACKNOWLEDGE),
    Do.LOWER: StaffTap(lowering.lower, Action.ACKNOWLEDGE),
    Do.CLOSE: StaffTap(closing.begin, Action.SEE_ALERTS),
    Do.OUTCOME: StaffTap(closing.choose, Action.SEE_ALERTS),
    Do.OPEN_ALERT: StaffTap(alerts.open_, Action.SEE_ALERTS),
    Do.LIST_ALERTS: StaffTap(alerts.list_tapped, Action.SEE_ALERTS),
    Do.FILE: StaffTap(files.show, Action.SEE_ALERTS),
    Do.ON_CALL: StaffTap(duty.change, Action.BE_ON_CALL),
    Do.SELF_TEST: StaffTap(selftest.seen),
}

__all__ = ["STAFF_COMMANDS", "STAFF_TAPS", "on_text"]
