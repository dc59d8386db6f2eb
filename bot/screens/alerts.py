"""The page of an alert, as staff read it at three in the morning, and the list of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.words import Words
from bot.screens.common import phrase
from bot.screens.taps import Do, tap
from bot.texts import Button, Joined, Moment, Num, Phrase, Rows, Screen, Value, key, say, say_n

# One glance must do, and Telegram takes 4096 characters: the gravest in full, the others by their rules.
FOUND_SHOWN = 8
# Four weeks after an infusion its hours say nothing any more; the study day does.
LAST_CLOCK_HOURS = 28 * 24

State = Literal["open", "acknowledged", "contacted", "closed"]

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


@dataclass(frozen=True, slots=True)
class FoundView:
    """One rule that fired, and on what; `private` is what no page tells."""

    rule: str
    version: int
    tier: str
    reason: Words
    evidence: tuple[Words, ...]
    notes: tuple[Words, ...]
    at: datetime
    private: bool = False


@dataclass(frozen=True, slots=True)
class EarlierView:
    """A value of a report before, with where it was measured."""

    what: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody of the staff did something."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody proposes a milder tier, AMBER with so many hours; `id` names the proposal on the trail."""

    id: int
    by_id: int
    name: str
    hours: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as it is now; `version` rises with everything that happens to it."""

    id: int
    version: int
    code: str
    tier: Literal["red", "amber"]
    hours: int | None
    state: State
    zone: str
    opened_at: datetime
    take_by: datetime
    reach_by: datetime
    study_day: int | None
    hours_since: Mapping[str, float]
    found: tuple[FoundView, ...]
    earlier: tuple[EarlierView, ...]
    protocol_version: str
    taken: Deed | None = None
    reached: Deed | None = None
    how: str | None = None
    closed: Deed | None = None
    outcome: str | None = None
    clinical: bool = True
    aware_at: datetime | None = None
    sae_due_at: datetime | None = None
    check_at: datetime | None = None
    known_until: datetime | None = None
    calls: tuple[datetime, ...] = ()
    caregiver_tried: bool = False
    by_phone: bool = False
    proposal: Proposal | None = None
    sae_sent: Deed | None = None
    help_answer: tuple[str, datetime] | None = None
    # When the participant last wrote, or sent a picture, while it was open.
    said_at: datetime | None = None

    # When something graver was found last, which has to be taken and reached anew.
    raised_at: datetime | None = None
    # Pictures and voice messages since the day before; shown to who asks for them, never sent along.
    files: int = 0

    @property
    def live_since(self) -> datetime:
        """Return from when on contact counts for the alert as it is."""
        return self.raised_at or self.opened_at

    def time(self, at: datetime) -> Moment:
        """Return an instant as the site's clocks show it, with its day."""
        return Moment(at, self.zone, "day_time")


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


def page(view: AlertView, now: datetime, *, news: bool = False) -> Screen:
    """Show an alert: who, how grave, who has it, what was found, since when, and what to do."""
    lines: list[Phrase | None] = [first_line(view)]
    if news:
        lines.append(say("alert.news"))
    if view.by_phone and view.closed is None:
        lines.append(say("alert.by_phone"))
    lines += [*state_lines(view, now), *_heard(view), *_tried(view), *_proposed(view), None]
    lines += found_lines(view)
    lines += [None, *clock_lines(view), *_earlier(view)]
    lines.append(say("alert.protocol", version=view.protocol_version))
    return Screen(tuple(lines), buttons(view), protect=True)


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
        return [closed, *sae_lines(view, now), *_afterwards(view)]
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
    left = (view.sae_due_at - now).total_seconds() / 3600
    due = say("alert.sae", at=view.time(view.sae_due_at), hours=Num(left, 1))
    return [due, say("alert.sae_aware", at=aware)]


def _tried(view: AlertView) -> list[Phrase | None]:
    if view.reached is not None or view.closed is not None or not (view.calls or view.caregiver_tried):
        return []
    times = Joined(tuple(Moment(at, view.zone, "time") for at in view.calls))
    lines: list[Phrase | None] = [say_n("alert.calls", len(view.calls), times=times)] if view.calls else []
    return [*lines, say("alert.caregiver_tried")] if view.caregiver_tried else lines


def _proposed(view: AlertView) -> list[Phrase | None]:
    if view.proposal is None:
        return []
    each = view.proposal
    return [say("alert.proposed", name=each.name, hours=each.hours, reason=each.reason)]


def found_lines(view: AlertView) -> list[Phrase | None]:
    """Say what was found and on which values; of what is private the rule alone."""
    lines: list[Phrase | None] = []
    for each in view.found[:FOUND_SHOWN]:
        if each.private:
            lines.append(say("alert.private", rule=each.rule, version=each.version))
            continue
        lines.append(say("alert.found", rule=each.rule, version=each.version, reason=phrase(each.reason)))
        if each.evidence:
            seen: tuple[Value, ...] = tuple(phrase(words) for words in each.evidence)
            lines.append(say("alert.seen", what=Joined(seen), at=view.time(each.at)))
        lines += [say("alert.note", note=phrase(note)) for note in each.notes]
    if len(view.found) > FOUND_SHOWN:
        more = Joined(tuple(each.rule for each in view.found[FOUND_SHOWN:]))
        lines.append(say("alert.more", rules=more))
    return lines


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


def buttons(view: AlertView) -> Rows:
    """Return what can be done with an alert as it is now."""
    return (*_acts(view), *_files(view))


def _files(view: AlertView) -> Rows:
    if not view.files:
        return ()
    return ((Button(say("alert.button_files"), tap(Do.FILE, "alert", view.id)),),)


def _acts(view: AlertView) -> Rows:
    take = Button(say("alert.button_take"), tap(Do.TAKE, view.id, view.version))
    reach = Button(say("alert.button_reached"), tap(Do.REACHED, view.id, view.version))
    close = Button(say("alert.button_close"), tap(Do.CLOSE, view.id, view.version))
    log = Button(say("alert.button_log"), tap(Do.OPEN_ALERT, view.id, "log"))
    tried = Button(say("alert.button_tried"), tap(Do.TRIED, view.id, view.version))
    if view.state == "open":
        return ((take,), (reach, tried), (close, log))
    if view.state == "acknowledged":
        return ((reach, tried), (close, log), *_downgrade(view))
    if view.state == "contacted":
        return ((close, log), *_downgrade(view))
    return (*_form(view), (log,))


def _form(view: AlertView) -> Rows:
    if view.sae_due_at is None:
        return ()
    draft = (Button(say("alert.button_sae_draft"), tap(Do.CLOSE, view.id, view.version, "draft")),)
    if view.sae_sent is not None:
        return (draft,)
    return (draft, (Button(say("alert.button_sae_sent"), tap(Do.CLOSE, view.id, view.version, "sent")),))


def _downgrade(view: AlertView) -> Rows:
    if view.proposal is not None:
        confirm = Button(say("lower.button_confirm"), tap(Do.LOWER, view.id, "ok", view.proposal.id))
        decline = Button(say("lower.button_decline"), tap(Do.LOWER, view.id, "no", view.proposal.id))
        return ((confirm, decline),)
    if not milder(view):
        return ()
    return ((Button(say("lower.button"), tap(Do.LOWER, view.id, "ask", view.version)),),)


def milder(view: AlertView) -> tuple[int, ...]:
    """Return the hours of the AMBER tiers that are milder than an alert's own."""
    return tuple(hours for hours in (1, 2, 4, 24) if view.tier == "red" or hours > (view.hours or 0))
