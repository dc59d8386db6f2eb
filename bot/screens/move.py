"""Moving a visit: the questions of its steps."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from bot.domain.effects import Effects
from bot.domain.planning import PlannedVisit
from bot.domain.proposals import Proposal
from bot.domain.workdays import OfferedDay
from bot.screens import effects as shown
from bot.screens.days_off import off_name, unannounced
from bot.screens.infusion import named
from bot.screens.wizard import Choice, Question, in_rows
from bot.texts import Day, Moment, Phrase, Screen, Verbatim, key, say

AS_BEFORE = "plan"
AS_NOW = "now"
TIMES = (time(8), time(8, 30), time(9), time(9, 30), time(10), time(13, 30), time(14), time(15))
REASONS: Mapping[str, str] = {
    "participant": key("move.reason_participant"),
    "site": key("move.reason_site"),
    "clinical": key("move.reason_clinical"),
}


def move_visit(
    code: str, offered: Sequence[PlannedVisit], chosen: str | None, proposed: Mapping[str, Proposal]
) -> Question:
    """Ask which visit to move; one on a day off shows the working day proposed for it."""
    if not offered:
        return Question((say("move.none", code=code),))
    choices = [
        Choice(_visit(each, proposed.get(each.id)), each.id, chosen=each.id == chosen) for each in offered
    ]
    return Question((say("move.ask_visit", code=code),), in_rows(choices, 1))


def _visit(visit: PlannedVisit, proposal: Proposal | None) -> Phrase:
    label = say("infusion.visit", name=named(visit), on=Day(visit.on))
    if proposal is None:
        return label
    return say("move.visit_off", label=label, why=off_name(proposal.day))


def move_day(
    visit: PlannedVisit,
    days: Sequence[OfferedDay],
    chosen: date | None,
    proposed_on: date | None,
    years: Sequence[int] = (),
) -> Question:
    """Ask for the new day: those of the window as buttons, working days marked; any other is typed."""
    lines: list[Phrase | None] = [
        say("move.ask_day", name=named(visit), on=Day(visit.on)),
        say("move.window", first=Day(visit.window.from_on), last=Day(visit.window.to_on)),
        say("move.marks"),
    ]
    if years:
        lines.append(unannounced(years))
    lines.append(say("wizard.or_type_date"))
    choices = [Choice(_day(each), each.on.isoformat(), chosen=each.on == chosen) for each in days]
    rows = in_rows(choices, 3)
    if proposed_on is not None:
        rows = ((Choice(say("move.proposed", on=Day(proposed_on)), proposed_on.isoformat()),), *rows)
    if visit.facts.moved_to_on is not None and visit.type.has_own_date and visit.type.day != 1:
        rows = (*rows, (Choice(say("move.to_plan", on=Day(visit.planned_on)), AS_BEFORE),))
    return Question(tuple(lines), rows)


def _day(day: OfferedDay) -> Phrase:
    if day.mark == "working":
        return say("move.day_working", on=Day(day.on))
    if day.name is None:
        return say("move.day_weekend", on=Day(day.on))
    return say("move.day_holiday", on=Day(day.on, "short"), name=Verbatim(day.name.zh_CN, day.name.en))


def move_time(visit: PlannedVisit, chosen: time | None) -> Question:
    """Ask for the time of day."""
    now = Choice(say("move.time_now", at=f"{visit.at:%H:%M}"), AS_NOW)
    others = [
        Choice(say("move.time", at=f"{each:%H:%M}"), f"{each:%H%M}", chosen=each == chosen) for each in TIMES
    ]
    return Question((say("move.ask_time"), say("move.or_type_time")), ((now,), *in_rows(others, 4)))


def move_reason(chosen: str | None, *, outside: bool) -> Question:
    """Ask why; outside the window the reason is recorded with a protocol deviation."""
    rows = tuple((Choice(Phrase(name), each, chosen=each == chosen),) for each, name in REASONS.items())
    first = (say("move.outside"), None) if outside else ()
    return Question((*first, say("move.ask_reason")), rows)


def move_summary(
    code: str, before: PlannedVisit, after: PlannedVisit, effects: Effects, reason: str, zone: str
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
    if before.type.product is None:
        pairs = tuple(pair for pair in effects.reminders if pair[0] != pair[1])
        lines += [None, say("move.reminders") if pairs else say("move.no_reminders")]
        lines += list(shown.reminders(pairs, zone))
    else:
        lines += shown.lines(effects, zone)
    lines += [None, say("move.summary_reason", reason=reason_words(reason))]
    return Question(tuple(lines), confirm=say("move.confirm"))


def reason_words(reason: str) -> Phrase:
    """Return a reason in words: one of ours, or as it was typed."""
    return Phrase(REASONS[reason]) if reason in REASONS else say("move.reason_typed", text=reason)


def moved(code: str, visit_name: str, at: datetime, zone: str) -> Screen:
    """Say that the visit was moved."""
    return Screen((say("move.moved", code=code, name=Phrase(visit_name), at=Moment(at, zone)),), protect=True)
