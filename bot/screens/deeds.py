"""Every action of the audit trail in plain words, as staff and inspectors read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.screens.infusion import HOLD_REASONS
from bot.screens.move import REASONS
from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Phrase, Screen, key, say, say_n

DEEDS: Mapping[str, str] = {
    "acknowledge_alert": key("deed.acknowledge_alert"),
    "add_phone": key("deed.add_phone"),
    "add_visit": key("deed.add_visit"),
    "approve_broadcast": key("deed.approve_broadcast"),
    "ask_swap": key("deed.ask_swap"),
    "assign": key("deed.assign"),
    "attendance": key("deed.attendance"),
    "backup.made": key("deed.backup.made"),
    "by_phone_now": key("deed.by_phone_now"),
    "calendar_file": key("deed.calendar_file"),
    "call_tried": key("deed.call_tried"),
    "called": key("deed.called"),
    "change_phone": key("deed.change_phone"),
    "close_alert": key("deed.close_alert"),
    "complete_study": key("deed.complete_study"),
    "confirm_broadcast": key("deed.confirm_broadcast"),
    "confirm_day": key("deed.confirm_day"),
    "confirm_link": key("deed.confirm_link"),
    "consent": key("deed.consent"),
    "contact_alert": key("deed.contact_alert"),
    "correct_baseline": key("deed.correct_baseline"),
    "decline_day": key("deed.decline_day"),
    "decline_downgrade": key("deed.decline_downgrade"),
    "withdraw_downgrade": key("deed.withdraw_downgrade"),
    "downgrade": key("deed.downgrade"),
    "dropped_stale": key("deed.dropped_stale"),
    "ease_alert": key("deed.ease_alert"),
    "end_caregiver": key("deed.end_caregiver"),
    "end_wrong_link": key("deed.end_wrong_link"),
    "enrol": key("deed.enrol"),
    "export": key("deed.export"),
    "finish_checkin": key("deed.finish_checkin"),
    "forget_answer": key("deed.forget_answer"),
    "forget_phone": key("deed.forget_phone"),
    "hear_words": key("deed.hear_words"),
    "help_answer": key("deed.help_answer"),
    "hold_infusion": key("deed.hold_infusion"),
    "import": key("deed.import"),
    "invite": key("deed.invite"),
    "invite_staff": key("deed.invite_staff"),
    "join": key("deed.join"),
    "join_alert": key("deed.join_alert"),
    "key.rotated": key("deed.key.rotated"),
    "known_again": key("deed.known_again"),
    "measure_again": key("deed.measure_again"),
    "message_arrived": key("deed.message_arrived"),
    "miss_checkin": key("deed.miss_checkin"),
    "move_visit": key("deed.move_visit"),
    "open_alert": key("deed.open_alert"),
    "open_checkin": key("deed.open_checkin"),
    "page_alert": key("deed.page_alert"),
    "pause_broadcast": key("deed.pause_broadcast"),
    "propose_day": key("deed.propose_day"),
    "propose_downgrade": key("deed.propose_downgrade"),
    "protocol.signed": key("deed.protocol.signed"),
    "raise_alert": key("deed.raise_alert"),
    "read_texts": key("deed.read_texts"),
    "record_infusion": key("deed.record_infusion"),
    "refuse_broadcast": key("deed.refuse_broadcast"),
    "refuse_consent": key("deed.refuse_consent"),
    "reminder_time": key("deed.reminder_time"),
    "reopen_visit": key("deed.reopen_visit"),
    "reply": key("deed.reply"),
    "restore.done": key("deed.restore.done"),
    "restore.resumed": key("deed.restore.resumed"),
    "resume_broadcast": key("deed.resume_broadcast"),
    "retime_broadcast": key("deed.retime_broadcast"),
    "revoke_staff": key("deed.revoke_staff"),
    "sae_sent": key("deed.sae_sent"),
    "save_answer": key("deed.save_answer"),
    "see_file": key("deed.see_file"),
    "see_my_data": key("deed.see_my_data"),
    "see_phone": key("deed.see_phone"),
    "see_text": key("deed.see_text"),
    "see_withdrawn": key("deed.see_withdrawn"),
    "selftest.asked": key("deed.selftest.asked"),
    "selftest.second": key("deed.selftest.second"),
    "selftest.seen": key("deed.selftest.seen"),
    "set_baseline": key("deed.set_baseline"),
    "set_flags": key("deed.set_flags"),
    "set_hospital": key("deed.set_hospital"),
    "set_language": key("deed.set_language"),
    "set_on_call": key("deed.set_on_call"),
    "set_rota": key("deed.set_rota"),
    "settle_visit": key("deed.settle_visit"),
    "start_broadcast": key("deed.start_broadcast"),
    "stays_in_study": key("deed.stays_in_study"),
    "stop_bot": key("deed.stop_bot"),
    "stop_broadcast": key("deed.stop_broadcast"),
    "swap_duty": key("deed.swap_duty"),
    "take_duty_hours": key("deed.take_duty_hours"),
    "undo_infusion": key("deed.undo_infusion"),
    "wish_to_leave": key("deed.wish_to_leave"),
    "withdraw": key("deed.withdraw"),
    "words_came": key("deed.words_came"),
}
LINES = 25
_BUTTONS: Mapping[str, str] = {**HOLD_REASONS, **REASONS}


@dataclass(frozen=True, slots=True)
class Done:
    """A row of the trail about somebody; `who` of which `kind` did it, `reason` as staff wrote it."""

    action: str
    at: datetime
    kind: str
    who: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordView:
    """What was done about a participant, the oldest first; `earlier` rows are left out."""

    code: str
    zone: str
    done: Sequence[Done]
    earlier: int = 0


def record(view: RecordView) -> Screen:
    """Show what was done about a participant, the newest last."""
    lines: list[Phrase | None] = [say("deeds.title", code=view.code), None]
    if view.earlier:
        lines.append(say_n("deeds.earlier", view.earlier))
    lines += [_line(view, each) for each in view.done]
    back = Button(say("deeds.button_card"), tap(Do.CARD, view.code))
    return Screen(tuple(lines), ((back,),), protect=True)


def _line(view: RecordView, each: Done) -> Phrase:
    # What no release knows any more is shown by its name rather than not at all.
    what: str | Phrase = Phrase(DEEDS[each.action]) if each.action in DEEDS else each.action
    at, utc = Moment(each.at, view.zone, "day_time"), Moment(each.at, "UTC", "time")
    if each.reason:
        # A reason that was a button stands as its word, not as its code.
        why = Phrase(_BUTTONS[each.reason]) if each.reason in _BUTTONS else each.reason
        return say("deeds.line_reason", at=at, utc=utc, what=what, who=_who(view, each), reason=why)
    return say("deeds.line", at=at, utc=utc, what=what, who=_who(view, each))


def _who(view: RecordView, each: Done) -> str | Phrase:
    if each.kind == "caregiver":
        return say("deeds.caregiver", code=view.code)
    if each.kind == "participant":
        return view.code
    return each.who or say("deeds.system")
