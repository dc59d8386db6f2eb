"""Recording an infusion and moving a visit: the questions of their steps."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.domain.planning import PlannedVisit
from bot.screens.wizard import Choice, Question, days, in_rows
from bot.texts import Day, Moment, Phrase, Screen, key, say

MINUTES_AGO = (0, 15, 30, 45, 60, 120)
HOURS_BEFORE = (1, 2, 3, 4, 5, 6)
LONGEST = timedelta(hours=24)
AS_PLANNED = "planned"
AS_BEFORE = "plan"
REASONS: Mapping[str, str] = {
    "participant": key("move.reason_participant"),
    "site": key("move.reason_site"),
    "clinical": key("move.reason_clinical"),
}


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
    if visit.facts.ended_at is None:
        return say("infusion.visit", name=named(visit), on=Day(visit.on))
    return say("infusion.visit_done", name=named(visit), at=Moment(visit.facts.ended_at, zone, "day_time"))


def end(visit: PlannedVisit, chosen: datetime | None, zone: str) -> Question:
    """Ask when the infusion ended."""
    lines: list[Phrase | None] = [say("infusion.ask_end", name=named(visit)), say("infusion.or_type_time")]
    if chosen is not None:
        lines.append(say("wizard.chosen_time", at=Moment(chosen, zone)))
    now, *ago = MINUTES_AGO
    first = (Choice(say("infusion.now"), str(now)),)
    later = in_rows([Choice(say("infusion.ago", minutes=each), str(each)) for each in ago], 3)
    return Question(tuple(lines), (first, *later))


def start(visit: PlannedVisit, ended_at: datetime, chosen: datetime | None, zone: str) -> Question:
    """Ask when the infusion began."""
    lines: list[Phrase | None] = [say("infusion.ask_start", at=Moment(ended_at, zone))]
    lines.append(say("infusion.or_type_time"))
    if chosen is not None:
        lines.append(say("wizard.chosen_time", at=Moment(chosen, zone)))
    rows = in_rows([Choice(say("infusion.before", hours=each), str(each)) for each in HOURS_BEFORE], 3)
    if visit.starts_at < ended_at <= visit.starts_at + LONGEST:
        planned = Choice(say("infusion.as_planned", at=Moment(visit.starts_at, zone, "time")), AS_PLANNED)
        rows = ((planned,), *rows)
    return Question(tuple(lines), rows)


def summary(code: str, visit: PlannedVisit, started_at: datetime, ended_at: datetime, zone: str) -> Question:
    """Show the infusion as it would be recorded."""
    lines: list[Phrase | None] = [
        say("move.summary_visit", code=code, name=named(visit)),
        say("infusion.summary_start", at=Moment(started_at, zone)),
        say("infusion.summary_end", at=Moment(ended_at, zone)),
    ]
    if visit.type.day == 1:
        lines += [None, say("infusion.moves_day1")]
    return Question(tuple(lines), confirm=say("infusion.confirm"))


def recorded(code: str, visit_name: str, ended_at: datetime, zone: str) -> Screen:
    """Say that the infusion is recorded."""
    at = Moment(ended_at, zone)
    return Screen((say("infusion.recorded", code=code, name=Phrase(visit_name), at=at),), protect=True)


def move_visit(code: str, offered: Sequence[PlannedVisit], chosen: str | None) -> Question:
    """Ask which visit to move."""
    if not offered:
        return Question((say("move.none", code=code),))
    choices = [
        Choice(say("infusion.visit", name=named(each), on=Day(each.on)), each.id, chosen=each.id == chosen)
        for each in offered
    ]
    return Question((say("move.ask_visit", code=code),), in_rows(choices, 1))


def move_day(visit: PlannedVisit, dates: Sequence[date], chosen: date | None) -> Question:
    """Ask for the new day: those of the window as buttons, any other typed."""
    lines: tuple[Phrase | None, ...] = (
        say("move.ask_day", name=named(visit), on=Day(visit.on)),
        say("move.window", first=Day(visit.window.from_on), last=Day(visit.window.to_on)),
        say("wizard.or_type_date"),
    )
    rows = days(dates, chosen)
    if visit.facts.moved_to_on is not None:
        back = Choice(say("move.to_plan", on=Day(visit.planned_on)), AS_BEFORE)
        rows = (*rows, (back,))
    return Question(lines, rows)


def move_reason(chosen: str | None) -> Question:
    """Ask why."""
    rows = tuple((Choice(Phrase(name), each, chosen=each == chosen),) for each, name in REASONS.items())
    return Question((say("move.ask_reason"),), rows)


def move_summary(
    code: str,
    before: PlannedVisit,
    after: PlannedVisit,
    reminders: Sequence[tuple[datetime | None, datetime | None]],
    reason: str,
    zone: str,
) -> Question:
    """Show the move with the reminders that go along: each as it was to come, and as it will."""
    lines: list[Phrase | None] = [
        say("move.summary_visit", code=code, name=named(before)),
        say("move.summary_days", old=Day(before.on), new=Moment(after.starts_at, zone)),
    ]
    if not after.in_window:
        lines.append(say("move.outside"))
    if before.type.day == 1:
        lines.append(say("move.moves_all"))
    lines += [None, say("move.reminders") if reminders else say("move.no_reminders")]
    lines += [_reminder(old, new, zone) for old, new in reminders]
    lines += [None, say("move.summary_reason", reason=reason_words(reason))]
    return Question(tuple(lines), confirm=say("move.confirm"))


def reason_words(reason: str) -> Phrase:
    """Return a reason in words: one of ours, or as it was typed."""
    return Phrase(REASONS[reason]) if reason in REASONS else say("move.reason_typed", text=reason)


def _reminder(old: datetime | None, new: datetime | None, zone: str) -> Phrase:
    if old is not None and new is not None:
        return say("move.reminder", old=Moment(old, zone, "day_time"), new=Moment(new, zone, "day_time"))
    if new is not None:
        return say("move.reminder_new", new=Moment(new, zone, "day_time"))
    return say("move.reminder_gone", old=Moment(old, zone, "day_time")) if old else say("move.no_reminders")


def moved(code: str, visit_name: str, at: datetime, zone: str) -> Screen:
    """Say that the visit was moved."""
    return Screen((say("move.moved", code=code, name=Phrase(visit_name), at=Moment(at, zone)),), protect=True)
