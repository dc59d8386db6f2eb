"""What another version of the protocol would change: the dry run before it is signed. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.domain.calendar import to_local
from bot.domain.findings import Answers, Assessment, Context, Report
from bot.domain.planning import Course, clocks, plan
from bot.domain.protocol import Protocol
from bot.domain.timetable import timetable
from bot.domain.triage import Clocks, assess

AHEAD = timedelta(days=28)
BACK = timedelta(days=28)
Kind = Literal["visit", "reminder", "checkin", "report"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs for a participant; None where it is not there at all."""

    kind: Kind
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """A report, finished or not: its form, when its last answer was given, and its answers."""

    form: str
    at: datetime
    answers: Answers


@dataclass(frozen=True, slots=True)
class Person:
    """What the comparison of one participant follows from; `given` in any order."""

    course: Course
    flags: frozenset[str]
    baseline: Mapping[str, float]
    given: Sequence[Given] = ()


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return (dotted key, before, after) for each value that differs; None where it is not there."""
    before, after = dict(_flat("", old)), dict(_flat("", new))
    keys = dict.fromkeys((*before, *after))
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _flat(prefix: str, table: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(table, Mapping):
        yield prefix, table
        return
    for name, value in table.items():
        yield from _flat(f"{prefix}.{name}" if prefix else name, value)


def changes(person: Person, old: Protocol, new: Protocol, now: datetime) -> list[Change]:
    """Return what differs for one participant: visits ahead, what is sent within 28 days, past verdicts.

    A report of the last 28 days is judged anew under both, so that a change of
    the rules shows in what it would have meant.
    """
    pairs: tuple[tuple[Kind, dict[str, str], dict[str, str]], ...] = (
        ("visit", _visits(person, old, now), _visits(person, new, now)),
        ("reminder", _reminders(person, old, now), _reminders(person, new, now)),
        ("checkin", _checkins(person, old, now), _checkins(person, new, now)),
        ("report", _verdicts(person, old, now), _verdicts(person, new, now)),
    )
    return [change for kind, before, after in pairs for change in _differing(kind, before, after)]


def _differing(kind: Kind, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        if before.get(what) != after.get(what):
            yield Change(kind, what, before.get(what), after.get(what))


def _visits(person: Person, protocol: Protocol, now: datetime) -> dict[str, str]:
    today = to_local(now, person.course.zone).date()
    return {
        visit.id: f"{visit.on} ({visit.window.from_on} – {visit.window.to_on})"
        for visit in plan(person.course, protocol)
        if visit.is_ahead and visit.on >= today
    }


def _reminders(person: Person, protocol: Protocol, now: datetime) -> dict[str, str]:
    soon = _soon(timetable(person.course, protocol).reminders, now)
    return {f"{one.visit} {one.rule}": _local(one.due_at, person) for one in soon}


def _checkins(person: Person, protocol: Protocol, now: datetime) -> dict[str, str]:
    soon = _soon(timetable(person.course, protocol).checkins, now)
    return {_local(one.due_at, person): one.form for one in soon}


def _soon(occurrences: Iterable[Any], now: datetime) -> list[Any]:
    return [one for one in occurrences if now < one.due_at <= now + AHEAD]


def _local(at: datetime, person: Person) -> str:
    return f"{to_local(at, person.course.zone):%Y-%m-%d %H:%M}"


def _verdicts(person: Person, protocol: Protocol, now: datetime) -> dict[str, str]:
    recent = [each for each in person.given if each.at >= now - BACK and each.form in protocol.forms]
    return {_local(each.at, person): _in_short(_judged(each, person, protocol)) for each in recent}


def _judged(report: Given, person: Person, protocol: Protocol) -> Assessment:
    known = clocks(person.course, protocol, report.at)
    earlier = tuple(
        Report((report.at - each.at).total_seconds() / 3600, each.answers)
        for each in person.given
        if each.at < report.at
    )
    context = Context(
        Clocks(known.study_day, known.hours_since),
        person.flags,
        person.baseline,
        earlier,
        checkin=report.form,
    )
    asked = {name: answer for name, answer in report.answers.items() if name in protocol.items}
    return assess(asked, context, protocol)


def _in_short(found: Assessment) -> str:
    if found.tier == "green":
        return "GREEN"
    rules = " ".join(dict.fromkeys(each.rule for each in found.findings))
    return f"RED {rules}" if found.tier == "red" else f"AMBER-{found.amber_hours}h {rules}"
