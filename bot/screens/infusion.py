"""What really happened at an infusion: the questions of its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bot.domain.calendar import to_local
from bot.domain.effects import Effects
from bot.domain.planning import DoseGiven, PlannedVisit
from bot.screens import effects as shown
from bot.screens.wizard import Choice, Question, days, from_day, in_rows
from bot.texts import Day, Moment, Phrase, Screen, key, say

MINUTES_AGO = (0, 15, 30, 45, 60, 120)
HOURS_BEFORE = (1, 2, 3, 4, 5, 6)
AS_PLANNED = "planned"
NO_NOTE = "none"
HOLD_REASONS: Mapping[str, str] = {
    "infection": key("infusion.why_infection"),
    "blood": key("infusion.why_blood"),
    "reaction": key("infusion.why_reaction"),
    "participant": key("infusion.why_participant"),
    "product": key("infusion.why_product"),
    "entry": key("infusion.why_entry"),
}
What = Literal["given", "hold", "delay", "undo"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How much was given, and whether there was a reaction; `label` is the key of its button."""

    dose: DoseGiven
    reaction: bool
    label: str


PLAIN = "full"
GIVEN: Mapping[str, Outcome] = {
    PLAIN: Outcome("full", False, key("infusion.given_full")),
    "full_reaction": Outcome("full", True, key("infusion.given_full_reaction")),
    "partial": Outcome("partial", False, key("infusion.given_partial")),
    "partial_reaction": Outcome("partial", True, key("infusion.given_partial_reaction")),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be recorded about an infusion."""

    what: What
    started_at: datetime | None
    ended_at: datetime | None
    given: Outcome | None
    note: str
    to_on: date | None
    reason: str


def named(visit: PlannedVisit) -> Phrase:
    """Return a visit's own name."""
    return Phrase(visit.type.name)


def visit(code: str, offered: Sequence[PlannedVisit], chosen: str | None, zone: str) -> Question:
    """Ask which infusion; those with a record are marked, to be corrected."""
    if not offered:
        return Question((say("infusion.none", code=code),))
    rows = tuple((Choice(_label(each, zone), each.id, chosen=each.id == chosen),) for each in offered)
    return Question((say("infusion.ask_visit", code=code),), rows)


def _label(visit: PlannedVisit, zone: str) -> Phrase:
    if visit.status == "held":
        return say("infusion.visit_held", name=named(visit), on=Day(visit.on))
    if visit.facts.ended_at is None:
        return say("infusion.visit", name=named(visit), on=Day(visit.on))
    return say("infusion.visit_done", name=named(visit), at=Moment(visit.facts.ended_at, zone, "day_time"))


def deeds(visit: PlannedVisit) -> tuple[What, ...]:
    """Return what can be done about an infusion instead of recording its end."""
    if visit.status == "held":
        return ("delay", "undo")
    return ("undo",) if visit.facts.ended_at is not None else ("hold", "delay")


_DEEDS: Mapping[str, str] = {
    "hold": key("infusion.button_hold"),
    "delay": key("infusion.button_delay"),
    "undo": key("infusion.button_undo"),
}


def end(visit: PlannedVisit, chosen: datetime | None, zone: str) -> Question:
    """Ask when the infusion ended, or whether it was not given; one that is recorded can be undone."""
    lines: list[Phrase | None] = [say("infusion.ask_end", name=named(visit)), say("infusion.or_type_time")]
    if visit.facts.ended_at is not None:
        lines.insert(0, say("infusion.recorded_before", at=Moment(visit.facts.ended_at, zone)))
    if chosen is not None:
        lines.append(say("wizard.chosen_time", at=Moment(chosen, zone)))
    now, *ago = MINUTES_AGO
    first = (Choice(say("infusion.now"), str(now)),)
    later = in_rows([Choice(say("infusion.ago", minutes=each), str(each)) for each in ago], 3)
    others = tuple((Choice(Phrase(_DEEDS[each]), each),) for each in deeds(visit))
    return Question(tuple(lines), (first, *later, *others))


def start(visit: PlannedVisit, ended_at: datetime, chosen: datetime | None, zone: str) -> Question:
    """Ask when the infusion began."""
    lines: list[Phrase | None] = [say("infusion.ask_start", at=Moment(ended_at, zone))]
    lines.append(say("infusion.or_type_time"))
    if chosen is not None:
        lines.append(say("wizard.chosen_time", at=Moment(chosen, zone)))
    rows = in_rows([Choice(say("infusion.before", hours=each), str(each)) for each in HOURS_BEFORE], 3)
    same_day = to_local(visit.starts_at, zone).date() == to_local(ended_at, zone).date()
    # One that ended the next morning hardly ran since its planned hour.
    if same_day and visit.starts_at < ended_at:
        planned = Choice(say("infusion.as_planned", at=Moment(visit.starts_at, zone, "time")), AS_PLANNED)
        rows = ((planned,), *rows)
    return Question(tuple(lines), rows)


def given(chosen: str | None) -> Question:
    """Ask how much was given and whether there was a reaction."""
    rows = tuple((Choice(Phrase(each.label), word, chosen=word == chosen),) for word, each in GIVEN.items())
    return Question((say("infusion.ask_given"),), rows)


def note() -> Question:
    """Ask for what the record should say beside it."""
    return Question((say("infusion.ask_note"),), ((Choice(say("infusion.no_note"), NO_NOTE),),))


def delay_to(visit: PlannedVisit, today: date) -> Question:
    """Ask for the day to which an infusion is delayed."""
    first = max(today, visit.on + timedelta(days=1))
    lines = (say("move.ask_day", name=named(visit), on=Day(visit.on)), say("wizard.or_type_date"))
    return Question(lines, days(from_day(first, 12)))


def reason(why: str) -> Question:
    """Ask why it was held or delayed, or why what was recorded is changed."""
    rows = tuple((Choice(Phrase(name), each),) for each, name in HOLD_REASONS.items() if _fits(each, why))
    return Question((Phrase(_ASKS[why]),), rows)


_ASKS: Mapping[str, str] = {
    "hold": key("infusion.ask_why_hold"),
    "delay": key("infusion.ask_why_delay"),
    "undo": key("infusion.ask_why_undo"),
    "correction": key("infusion.ask_why_correction"),
    "other_day": key("infusion.ask_why_other_day"),
}


def _fits(reason: str, why: str) -> bool:
    return (reason == "entry") == (why in ("undo", "correction"))


def summary(code: str, visit: PlannedVisit, deed: Deed, effects: Effects, zone: str) -> Question:
    """Show the record as it would be, and what follows from it."""
    lines: list[Phrase | None] = [say("move.summary_visit", code=code, name=named(visit))]
    lines += _recorded(deed, zone)
    if deed.what == "given" and visit.type.day == 1:
        lines += [None, say("infusion.moves_day1")]
    lines += shown.lines(effects, zone)
    return Question(tuple(lines), confirm=say("infusion.confirm"))


def _recorded(deed: Deed, zone: str) -> list[Phrase | None]:
    lines: list[Phrase | None] = []
    if deed.started_at is not None and deed.ended_at is not None and deed.given is not None:
        lines += [say("infusion.summary_start", at=Moment(deed.started_at, zone))]
        lines += [say("infusion.summary_end", at=Moment(deed.ended_at, zone)), Phrase(deed.given.label)]
    if deed.what == "hold":
        lines.append(say("infusion.summary_hold"))
    if deed.what == "undo":
        lines.append(say("infusion.summary_undo"))
    if deed.to_on is not None:
        lines.append(say("infusion.summary_delay", on=Day(deed.to_on)))
    if deed.note:
        lines.append(say("infusion.summary_note", note=deed.note))
    if deed.reason:
        lines.append(say("move.summary_reason", reason=reason_words(deed.reason)))
    return lines


def reason_words(reason: str) -> Phrase:
    """Return a reason in words: one of ours, or as it was typed."""
    return Phrase(HOLD_REASONS[reason]) if reason in HOLD_REASONS else say("move.reason_typed", text=reason)


def recorded(code: str, visit_name: str, deed: Deed, zone: str) -> Screen:
    """Say that it is done."""
    name = Phrase(visit_name)
    if deed.what == "hold":
        line = say("infusion.done_hold", code=code, name=name)
    elif deed.what == "undo":
        line = say("infusion.done_undo", code=code, name=name)
    elif deed.to_on is not None:
        line = say("infusion.done_delay", code=code, name=name, on=Day(deed.to_on))
    elif deed.ended_at is not None:
        line = say("infusion.recorded", code=code, name=name, at=Moment(deed.ended_at, zone))
    return Screen((line,), protect=True)
