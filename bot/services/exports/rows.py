"""The facts of an export, row by row, as the sheets of export_fields name them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args
from zoneinfo import ZoneInfo

from bot.domain import planning
from bot.domain.items import Item
from bot.domain.people import Participant, PersonKind, PersonRef
from bot.domain.planning import Course
from bot.papers.export import Cell
from bot.services.exports.fields import UNITS
from bot.storage.audit import Entry
from bot.storage.types import canonical_json
from bot.study import Study

Row = Mapping[str, Cell]
Stored = Mapping[str, Any]


def participant(one: Participant) -> Row:
    """Return what is known of a participant at enrolment."""
    return {
        "subject": one.code,
        "arm": one.arm,
        "dose": one.dose,
        "day1_on": one.day1_on,
        "icf_on": one.icf_on,
        "status": one.status.value,
        "language": one.language,
        "zone": one.zone,
        "flags": " ".join(sorted(one.flags)),
        "baseline": _json(dict(one.baseline)) if one.baseline else None,
        "enrolled_at": one.enrolled_at,
        "joined_at": one.joined_at,
        "consented_at": one.consented_at,
        "withdrawn_at": one.withdrawn_at,
    }


def visits(study: Study, one: Participant, course: Course, notes: Mapping[str, str | None]) -> Iterator[Row]:
    """Yield every visit of the plan, as it is now; `notes` are what staff wrote, by visit."""
    for visit in planning.plan(course, study.protocol):
        yield {
            "subject": one.code,
            "visit": visit.id,
            "kind": visit.type.kind,
            "planned_on": visit.planned_on,
            "window_first": visit.window.from_on,
            "window_last": visit.window.to_on,
            "on": visit.on,
            "in_window": visit.in_window,
            "status": visit.status,
            "attendance": visit.facts.attendance,
            "started_at": visit.facts.started_at,
            "ended_at": visit.facts.ended_at,
            "dose_given": visit.facts.dose_given,
            "reaction": visit.facts.reaction,
            "note": notes.get(visit.id),
        }


def consent(code: str, row: Stored) -> Row:
    """Return one decision about a consent."""
    return {**row, "subject": code, "consent": row["id"], "by": row["person_kind"]}


def checkin(code: str, row: Stored) -> Row:
    """Return one check-in."""
    kept = ("form", "due_at", "opened_at", "finished_at", "state", "tier", "answered_by", "protocol_version")
    scheduled = str(row["key"]).startswith("checkin:")
    return {
        "subject": code,
        "checkin": row["id"],
        "scheduled": scheduled,
        **{name: row[name] for name in kept},
    }


def answers(study: Study, code: str, row: Stored) -> Iterator[Row]:
    """Yield the parts of one answer; a skipped one is a single row without a value."""
    item = study.protocol.items.get(row["item"])
    parts = {} if item is None else read(item, row)
    skipped: dict[str | None, Any] = {None: None}
    for part, value in (parts or skipped).items():
        unit = None if item is None or part is None else item.unit_of(part)
        yield {
            "subject": code,
            "answer": row["id"],
            "checkin": row["checkin_id"],
            "item": row["item"],
            "part": part,
            "value": None if value is None else str(_written(value)),
            "unit": UNITS.get(unit or ""),
            "loinc": None if item is None or part is None else item.loinc.get(part),
            "answered_at": row["answered_at"],
            "answered_by": row["answered_by"],
            "superseded_at": row["superseded_at"],
        }


def read(item: Item, row: Stored) -> dict[str, Any]:
    """Return the parts of a stored answer, with the person's own words in their place."""
    value = row["value"]
    return item.read(value if row["text"] is None else {**value, "text": row["text"]})


def report(study: Study, code: str, form: str, rows: Iterable[Stored]) -> dict[str, Cell]:
    """Return the answers of one check-in as they stand, a field for each part."""
    cells: dict[str, Cell] = {
        f"{item.id}_{stored}": None
        for item in study.protocol.items.values()
        for part in item.parts
        for stored in part.stored_keys
    }
    live = [row for row in rows if row["superseded_at"] is None]
    for row in live:
        item = study.protocol.items.get(row["item"])
        parts = {} if item is None else read(item, row)
        cells |= {f"{row['item']}_{part}": _cell(item, part, value) for part, value in parts.items()}
    head: dict[str, Cell] = {"subject": code, "checkin": live[0]["checkin_id"], "form": form}
    return {**head, "answered_at": max(row["answered_at"] for row in live), **cells}


def _cell(item: Item | None, part: str, value: Any) -> Cell:
    if item is not None and item.part(part).kind in ("temperature", "number", "blood_pressure"):
        return None if value is None else float(value)
    written: Cell = value if isinstance(value, bool) else _written(value)
    return written


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return " ".join(value) if isinstance(value, tuple) else value


def alert(code: str, row: Stored) -> Row:
    """Return one alert."""
    return {"subject": code, "alert": row["id"], "pages": row["round"], **row}


def finding(code: str, row: Stored) -> Row:
    """Return one finding."""
    return {
        **row,
        "subject": code,
        "finding": row["id"],
        "alert": row["alert_id"],
        "checkin": row["checkin_id"],
        "answer": row["answer_id"],
    }


def words(code: str, row: Stored) -> Row:
    """Return what a participant wrote of their own accord."""
    return {**row, "subject": code, "text_id": row["id"]}


def reply(code: str, row: Stored) -> Row:
    """Return what the team answered."""
    return {**row, "subject": code, "reply": row["id"], "staff": row["staff_id"]}


def message(codes: Mapping[PersonRef, str], row: Stored) -> Row:
    """Return one message: to whom, when and with what result, never what it said.

    `codes` tells whose code a participant or a caregiver stands under.
    """
    to: PersonRef | None = row["to"]
    return {
        **{name: row[name] for name in ("kind", "channel", "priority", "state", "created_at", "sent_at")},
        "subject": None if to is None else codes.get(to),
        "message": row["id"],
        "to": None if to is None else to.kind,
        "to_staff": to.id if to is not None and to.kind == "staff" else None,
        "attempts": row["attempts"],
        "repeats": row["repeats"],
    }


def member(row: Stored) -> Row:
    """Return a member of staff."""
    return {"staff": row["id"], **{name: row[name] for name in ("name", "role", "status")}}


def entry(codes: Mapping[PersonRef, str], alerts: Mapping[int, str], row: Entry) -> Row:
    """Return a row of the audit trail, its instant in UTC and on the wall where it was read."""
    about = None if row.subject_kind is None else f"{row.subject_kind}:{row.subject_id}"
    of = alerts.get(row.subject_id or 0) if row.subject_kind == "alert" else _code(codes, row)
    return {
        "subject": of,
        "entry": row.id,
        "at_utc": row.at,
        "at_local": row.at.astimezone(ZoneInfo(row.zone)).isoformat(timespec="seconds"),
        "who": f"{row.actor_kind}:{row.actor_id or row.actor_name or ''}".rstrip(":"),
        "action": row.action,
        "about": about,
        "before": _json(row.before),
        "after": _json(row.after),
        "why": row.reason,
        "hash": row.hash,
    }


def _code(codes: Mapping[PersonRef, str], row: Entry) -> str | None:
    is_known = row.subject_kind in get_args(PersonKind) and row.subject_id is not None
    return codes.get(PersonRef.parse(f"{row.subject_kind}:{row.subject_id}")) if is_known else None


def _json(value: Any) -> str | None:
    return None if value is None else canonical_json(value)
