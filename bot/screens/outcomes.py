"""What became of a visit, and visits beyond the plan: the questions of their steps."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.domain.planning import PlannedVisit
from bot.domain.schedule import is_unscheduled
from bot.screens.infusion import named
from bot.screens.move import REASONS
from bot.screens.wizard import Choice, Question, days, from_day, in_rows
from bot.texts import Day, Moment, Phrase, Screen, key, say

NEW = "new"
AS_PLANNED = "planned"
STATUS: Mapping[str, str] = {
    "planned": key("outcome.planned"),
    "done": key("outcome.was_done"),
    "missed": key("outcome.was_missed"),
    "elsewhere": key("outcome.was_elsewhere"),
    "cancelled": key("outcome.was_cancelled"),
}
DEEDS: Mapping[str, str] = {
    "as_planned": key("outcome.as_planned"),
    "done": key("outcome.done"),
    "elsewhere": key("outcome.elsewhere"),
    "missed": key("outcome.missed"),
    "cancelled": key("outcome.cancelled"),
    "undo": key("outcome.undo"),
}


def visit(code: str, offered: Sequence[PlannedVisit], chosen: str | None, *, adds: bool) -> Question:
    """Ask which visit, or for one beyond the plan."""
    rows = in_rows([Choice(_label(each), each.id, chosen=each.id == chosen) for each in offered], 1)
    if adds:
        rows = (*rows, (Choice(say("outcome.new"), NEW),))
    return Question((say("move.ask_visit", code=code),), rows)


def _label(visit: PlannedVisit) -> Phrase:
    status = Phrase(STATUS[visit.status])
    return say("outcome.visit", name=named(visit), on=Day(visit.on), status=status)


def deeds(visit: PlannedVisit, now: datetime) -> list[str]:
    """Return what can be recorded about a visit."""
    if visit.status != "planned":
        again = ["done", "elsewhere"] if visit.status == "missed" else []
        return [*again, "undo"]
    found = ["as_planned"] if visit.starts_at <= now else []
    found += ["done", "elsewhere"]
    found += ["missed"] if visit.starts_at <= now else []
    return [*found, "cancelled"] if is_unscheduled(visit.id) else found


def what(visit: PlannedVisit, now: datetime) -> Question:
    """Ask what became of it."""
    rows = tuple((Choice(_deed(each, visit), each),) for each in deeds(visit, now))
    status = Phrase(STATUS[visit.status])
    return Question((say("outcome.ask", name=named(visit), on=Day(visit.on), status=status),), rows)


def _deed(deed: str, visit: PlannedVisit) -> Phrase:
    return Phrase(DEEDS[deed], {"at": f"{visit.at:%H:%M}"} if deed == "as_planned" else {})


def when(chosen: datetime | None, zone: str) -> Question:
    """Ask when it took place."""
    lines: list[Phrase | None] = [say("outcome.ask_when"), say("infusion.or_type_time")]
    if chosen is not None:
        lines.append(say("wizard.chosen_time", at=Moment(chosen, zone)))
    return Question(tuple(lines))


def day(today: date) -> Question:
    """Ask for the day of a visit beyond the plan."""
    return Question((say("outcome.ask_day"), say("wizard.or_type_date")), days(from_day(today, 12)))


def where() -> Question:
    """Ask where it was done."""
    return Question((say("outcome.ask_where"),))


def reason(deed: str) -> Question:
    """Ask why."""
    rows = (
        ()
        if deed in ("undo", NEW)
        else tuple((Choice(Phrase(name), each),) for each, name in REASONS.items())
    )
    ask = say("outcome.ask_new_reason") if deed == NEW else say("move.ask_reason")
    return Question((ask,), rows)


def summary(
    code: str,
    name: Phrase,
    deed: str,
    at: datetime | None,
    zone: str,
    where: str,
    reason: Phrase | None,
    *,
    outside: bool,
) -> Question:
    """Show the record as it would be."""
    said = say("outcome.new") if deed == NEW else Phrase(SAID[deed])
    lines: list[Phrase | None] = [say("move.summary_visit", code=code, name=name), said]
    if at is not None:
        lines.append(say("outcome.summary_at", at=Moment(at, zone)))
    if where:
        lines.append(say("outcome.summary_where", where=where))
    if outside:
        lines.append(say("move.outside"))
    if reason is not None:
        lines.append(say("move.summary_reason", reason=reason))
    return Question(tuple(lines), confirm=say("infusion.confirm"))


SAID: Mapping[str, str] = {
    "as_planned": key("outcome.was_done"),
    "done": key("outcome.was_done"),
    "elsewhere": key("outcome.was_elsewhere"),
    "missed": key("outcome.was_missed"),
    "cancelled": key("outcome.was_cancelled"),
    "undo": key("infusion.summary_undo"),
}


def recorded(code: str, name: str, at: datetime, zone: str) -> Screen:
    """Say that it is done."""
    return Screen((say("outcome.recorded", code=code, name=Phrase(name), at=Moment(at, zone)),), protect=True)
