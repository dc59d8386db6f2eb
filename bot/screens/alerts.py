"""The page of an alert, as staff read it at three in the morning, and the list of alerts."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.outcomes import HELD
from bot.domain.people import Action, StaffMember
from bot.screens.alert_view import AlertView, FoundView, Proposal
from bot.screens.common import lasting, phrase
from bot.screens.taps import Do, tap
from bot.texts import Button, Joined, Moment, Num, Phrase, Rows, Screen, Value, key, say, say_n

# One glance must do, and Telegram takes 4096 characters: the gravest in full, the others by their rules.
FOUND_SHOWN = 8
# What a word of the participant's own stands under, where no rule of the protocol does.
OWN_WORDS = "TEXT:"
# Four weeks after an infusion its hours say nothing any more; the study day does.
LAST_CLOCK_HOURS = 28 * 24

HOW: Mapping[str, str] = {
    "phone": key("alert.how_phone"),
    "visit": key("alert.how_visit"),
    "chat": key("alert.how_chat"),
}
HELP_ANSWERS: Mapping[str, str] = {
    "yes": key("alert.help_yes"),
    "no": key("alert.help_no"),
    "help": key("alert.help_needed"),
}


def title(view: AlertView) -> Phrase:
    """Return tier and code, as a button says it."""
    if view.tier == "red":
        return say("alert.first_red", code=view.code)
    return say("alert.first_amber", code=view.code, hours=view.hours or 0)


def first_line(view: AlertView) -> Phrase:
    """Return tier and code: what is read first, and all that a lock screen may show."""
    first = title(view)
    return say(
        "alert.first", first=say("alert.first_closed", first=first) if view.state == "closed" else first
    )


def page(view: AlertView, now: datetime, reader: StaffMember, *, news: bool = False) -> Screen:
    """Show an alert: who, how grave, who has it, what was found, since when, and what its reader may do."""
    lines: list[Phrase | None] = [first_line(view)]
    if news:
        lines.append(say("alert.news"))
    if view.by_phone and view.closed is None:
        lines.append(say("alert.by_phone"))
    lines += [*state_lines(view, now), *_heard(view), *_tried(view), *_proposed(view, reader), None]
    lines += found_lines(view)
    lines += [None, *clock_lines(view), *_earlier(view)]
    lines.append(say("alert.protocol", version=view.protocol_version))
    return Screen(tuple(lines), buttons(view, reader), protect=True)


def _heard(view: AlertView) -> list[Phrase | None]:
    """Say what the participant has told since: whether help was reached comes before what was found."""
    lines: list[Phrase | None] = []
    if view.help_answer is not None:
        answer, at = view.help_answer
        lines.append(say("alert.help_line", answer=Phrase(HELP_ANSWERS[answer]), at=view.time(at)))
    if view.said_at is not None and view.closed is None:
        lines.append(say("alert.said", at=view.time(view.said_at)))
    return lines


def state_lines(view: AlertView, now: datetime) -> list[Phrase | None]:
    """Say who has it, and what is due by when."""
    if view.closed is not None:
        closed = say("alert.closed", name=view.closed.name, at=view.time(view.closed.at))
        held: list[Phrase | None] = [say("close.held")] if view.outcome == HELD else []
        return [closed, *held, *sae_lines(view, now), *_afterwards(view)]
    if view.reached is not None:
        how = Phrase(HOW[view.how or "phone"])
        return [say("alert.reached", name=view.reached.name, how=how, at=view.time(view.reached.at))]
    reach = "alert.reach_late" if now >= view.reach_by else "alert.reach_by"
    due = Phrase(reach, {"at": view.time(view.reach_by)})
    if view.taken is not None:
        return [say("alert.taken", name=view.taken.name, at=view.time(view.taken.at)), due]
    if now >= view.take_by:
        return [say("alert.open_late", at=view.time(view.take_by)), due]
    return [say("alert.open", at=view.time(view.take_by)), due]


def _afterwards(view: AlertView) -> list[Phrase | None]:
    lines: list[Phrase | None] = []
    if view.check_at is not None:
        lines.append(say("alert.check_at", at=view.time(view.check_at)))
    if view.known_until is not None:
        lines.append(say("alert.known_until", at=view.time(view.known_until)))
    return lines


LATE_OR_NOT = (key("alert.reach_late"), key("alert.reach_by"))


def sae_lines(view: AlertView, now: datetime) -> list[Phrase | None]:
    """Say by when the form of a potential serious adverse event is due, or that it was sent."""
    if view.sae_due_at is None:
        return []
    if view.sae_sent is not None:
        return [say("alert.sae_sent", name=view.sae_sent.name, at=view.time(view.sae_sent.at))]
    aware = view.time(view.aware_at or view.opened_at)
    if now >= view.sae_due_at:
        return [say("alert.sae_late", at=view.time(view.sae_due_at)), say("alert.sae_aware", at=aware)]
    left = lasting(view.sae_due_at - now)
    due = say("alert.sae", at=view.time(view.sae_due_at), left=left)
    return [due, say("alert.sae_aware", at=aware)]


def _tried(view: AlertView) -> list[Phrase | None]:
    if view.reached is not None or view.closed is not None or not (view.calls or view.caregiver_tried):
        return []
    times = Joined(tuple(Moment(at, view.zone, "time") for at in view.calls))
    lines: list[Phrase | None] = [say_n("alert.calls", len(view.calls), times=times)] if view.calls else []
    return [*lines, say("alert.caregiver_tried")] if view.caregiver_tried else lines


def _proposed(view: AlertView, reader: StaffMember) -> list[Phrase | None]:
    if view.proposal is None:
        return []
    each = view.proposal
    waits = say("alert.proposed_yours") if each.by_id == reader.id else say("alert.proposed_second")
    lacks_physician = not each.by_physician and not each.may_be_confirmed_by(reader)
    by = say("alert.proposed_physician") if lacks_physician else waits
    return [say("alert.proposed", name=each.name, hours=each.hours, reason=each.reason, waits=by)]


def found_lines(view: AlertView) -> list[Phrase | None]:
    """Say what was found and on which values; of what is private the rule alone."""
    lines: list[Phrase | None] = []
    shown = view.found[:FOUND_SHOWN]
    for number, each in enumerate(shown, start=1):
        if each.private:
            lines.append(say("alert.private", rule=_under(each), version=each.version))
            continue
        lines.append(_found(each))
        if each.evidence:
            seen: tuple[Value, ...] = tuple(phrase(words) for words in each.evidence)
            lines.append(say("alert.seen", what=Joined(seen), at=view.time(each.at)))
        # What holds for several is said once, below the last of them.
        later = [note for other in shown[number:] if not other.private for note in other.notes]
        lines += [say("alert.note", note=phrase(note)) for note in each.notes if note not in later]
    if len(view.found) > FOUND_SHOWN:
        more = Joined(tuple(named(each.rule) for each in view.found[FOUND_SHOWN:]))
        lines.append(say("alert.more", rules=more))
    return lines


def _found(each: FoundView) -> Phrase:
    name = "alert.found_words" if each.rule.startswith(OWN_WORDS) else "alert.found"
    return Phrase(name, {"rule": _under(each), "version": each.version, "reason": phrase(each.reason)})


def _under(each: FoundView) -> Value:
    """Return the id of a rule; a word has none, only the list of words in which it stands."""
    return say("alert.own_words") if each.rule.startswith(OWN_WORDS) else each.rule


def named(rule: str) -> Value:
    """Return what a list of rules calls one: its id, or what was written."""
    if not rule.startswith(OWN_WORDS):
        return rule
    hazard = rule.removeprefix(OWN_WORDS)
    return say("alert.private_words") if hazard == "private" else Phrase(f"hazard.{hazard}")


FOUND_OR_WRITTEN = (key("alert.found"), key("alert.found_words"))


def clock_lines(view: AlertView) -> list[Phrase | None]:
    """Say since when, on which study day, and how long after the infusions."""
    clocks: list[Value] = []
    if view.study_day is not None:
        clocks.append(say("alert.study_day", day=view.study_day))
    for product, hours in view.hours_since.items():
        if hours > LAST_CLOCK_HOURS:
            continue
        clocks.append(Phrase(f"rule.since.{product}", {"hours": Num(hours, 1)}))
    since = say("alert.since", at=view.time(view.opened_at))
    return [since, say("alert.clocks", clocks=Joined(tuple(clocks)))] if clocks else [since]


def _earlier(view: AlertView) -> list[Phrase | None]:
    return [say("alert.earlier", what=phrase(each.what), at=view.time(each.at)) for each in view.earlier]


def buttons(view: AlertView, reader: StaffMember) -> Rows:
    """Return what its reader can do with an alert as it is now."""
    return (*_acts(view, reader), *_files(view))


def _files(view: AlertView) -> Rows:
    words = Button(say("alert.button_words"), tap(Do.OPEN_ALERT, view.id, "words"))
    files = Button(say("alert.button_files"), tap(Do.FILE, "alert", view.id))
    row = ((words,) if view.has_words else ()) + ((files,) if view.files else ())
    return (row,) if row else ()


def _acts(view: AlertView, reader: StaffMember) -> Rows:
    take = Button(say("alert.button_take"), tap(Do.TAKE, view.id, view.version))
    reach = Button(say("alert.button_reached"), tap(Do.REACHED, view.id, view.version))
    close = Button(say("alert.button_close"), tap(Do.CLOSE, view.id, view.version))
    log = Button(say("alert.button_log"), tap(Do.OPEN_ALERT, view.id, "log"))
    tried = Button(say("alert.button_tried"), tap(Do.TRIED, view.id, view.version))
    if view.state == "open":
        return ((take,), (reach, tried), (close, log))
    if view.state == "acknowledged":
        return ((reach, tried), (close, log), *_downgrade(view, reader))
    if view.state == "contacted":
        return ((close, log), *_downgrade(view, reader))
    return (*_hold(view, reader), *_form(view), (log,))


def hold_button(code: str) -> Button:
    """Return the way to record which infusion is held, with the participant filled in."""
    return Button(say("close.button_hold"), tap(Do.CARD, code, "hold"))


def _hold(view: AlertView, reader: StaffMember) -> Rows:
    if view.outcome != HELD or not reader.may(Action.RECORD_INFUSION):
        return ()
    return ((hold_button(view.code),),)


def _form(view: AlertView) -> Rows:
    if view.sae_due_at is None:
        return ()
    draft = (Button(say("alert.button_sae_draft"), tap(Do.CLOSE, view.id, view.version, "draft")),)
    if view.sae_sent is not None:
        return (draft,)
    return (draft, (Button(say("alert.button_sae_sent"), tap(Do.CLOSE, view.id, view.version, "sent")),))


def _downgrade(view: AlertView, reader: StaffMember) -> Rows:
    if view.proposal is not None:
        return (_decision(view.id, view.proposal, reader),)
    if not milder(view):
        return ()
    return ((Button(say("lower.button"), tap(Do.LOWER, view.id, "ask", view.version)),),)


def _decision(alert_id: int, proposal: Proposal, reader: StaffMember) -> tuple[Button, ...]:
    """Return no button that could only refuse: nobody confirms their own, one of the two is a physician."""
    confirm = Button(say("lower.button_confirm"), tap(Do.LOWER, alert_id, "ok", proposal.id))
    away = tap(Do.LOWER, alert_id, "no", proposal.id)
    if proposal.by_id == reader.id:
        return (Button(say("lower.button_withdraw"), away),)
    decline = Button(say("lower.button_decline"), away)
    return (confirm, decline) if proposal.may_be_confirmed_by(reader) else (decline,)


def milder(view: AlertView) -> tuple[int, ...]:
    """Return the hours of the AMBER tiers that are milder than an alert's own."""
    return tuple(hours for hours in (1, 2, 4, 24) if view.tier == "red" or hours > (view.hours or 0))
