"""What the coordinator types and taps."""

from bot.domain.people import Action
from bot.screens.taps import Do
from bot.texts import key
from handlers.common import Command, StaffTap
from handlers.coordinator import (
    care,
    days_off,
    export,
    handing,
    linking,
    lookup,
    phoning,
    proposals,
    talk,
    threads,
    wizard,
)

COORDINATOR_COMMANDS: tuple[Command, ...] = (
    Command("today", key("menu.today"), staff=lookup.today, action=Action.SEE_PARTICIPANT),
    Command("participant", key("menu.participant"), staff=lookup.participant, action=Action.SEE_PARTICIPANT),
    Command("enrol", key("menu.enrol"), staff=wizard.beginning("enrol"), action=Action.ENROL),
    Command(
        "infusion", key("menu.infusion"), staff=wizard.beginning("infusion"), action=Action.RECORD_INFUSION
    ),
    Command("reschedule", key("menu.reschedule"), staff=wizard.beginning("move"), action=Action.MOVE_VISIT),
    Command("record", key("menu.record"), staff=wizard.beginning("outcome"), action=Action.MOVE_VISIT),
    Command("complete", key("menu.complete"), staff=wizard.beginning("complete"), action=Action.ENROL),
    Command("broadcast", key("menu.broadcast"), staff=wizard.beginning("broadcast"), action=Action.BROADCAST),
    Command("broadcasts", key("menu.broadcasts"), staff=talk.list_broadcasts, action=Action.BROADCAST),
    Command("messages", key("menu.messages"), staff=threads.messages, action=Action.ANSWER_MESSAGES),
    Command("export", key("menu.export"), staff=export.show, action=Action.EXPORT),
)
COORDINATOR_TAPS: dict[Do, StaffTap] = {
    # What a step may do is checked against its task, as the role is now.
    Do.CHOOSE: StaffTap(wizard.pressed),
    Do.STEP: StaffTap(wizard.pressed),
    Do.CANCEL: StaffTap(wizard.pressed),
    Do.CONFIRM: StaffTap(wizard.pressed),
    Do.TASK: StaffTap(wizard.task),
    Do.BY_PHONE: StaffTap(phoning.pressed, Action.ENROL),
    Do.LINK: StaffTap(linking.pressed, Action.ENROL),
    Do.INVITE: StaffTap(handing.pressed, Action.ENROL),
    Do.SET_CARE: StaffTap(care.pressed, Action.SET_CARE),
    Do.STAY: StaffTap(care.stay, Action.SET_CARE),
    Do.TODAY: StaffTap(lookup.today_tapped, Action.SEE_PARTICIPANT),
    Do.CARD: StaffTap(lookup.participant_tapped, Action.SEE_PARTICIPANT),
    Do.CURVE: StaffTap(lookup.curve, Action.SEE_PARTICIPANT),
    # Who may see a number, and who may enter one, is for the services to say.
    Do.PHONE: StaffTap(lookup.phone, Action.SEE_PARTICIPANT),
    Do.CAST: StaffTap(talk.broadcast, Action.BROADCAST),
    Do.APPROVE: StaffTap(talk.approve, Action.APPROVE_BROADCAST),
    Do.PROPOSAL: StaffTap(proposals.pressed, Action.MOVE_VISIT),
    Do.DAY_OFF: StaffTap(days_off.pressed, Action.MOVE_VISIT),
    Do.MESSAGE: StaffTap(threads.message, Action.ANSWER_MESSAGES),
    Do.SAVED: StaffTap(threads.saved, Action.ANSWER_MESSAGES),
    Do.EXPORT: StaffTap(export.pressed, Action.EXPORT),
}
