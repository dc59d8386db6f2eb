"""The sheets of an export and the meaning of their fields; names are those of the glossary.

`subject` is the participant's code: the word of data managers, here only.
"""

from collections.abc import Iterator

from bot.domain.items import Item
from bot.domain.protocol import Protocol
from bot.papers.export import Field, FieldKind, Sheet
from bot.texts import key

SUBJECT = Field("subject", "text", key("export.subject"))
UNITS = {"celsius": "Cel", "percent": "%", "mmhg": "mm[Hg]", "per_minute": "/min", "kg": "kg", "hours": "h"}
"""Units as UCUM writes them."""

PARTICIPANTS = Sheet(
    "participants",
    key("export.participants"),
    (
        SUBJECT,
        Field("arm", "text", key("export.arm")),
        Field("dose", "float", key("export.dose")),
        Field("day1_on", "date", key("export.day1_on")),
        Field("icf_on", "date", key("export.icf_on")),
        Field("status", "text", key("export.participant_status")),
        Field("language", "text", key("export.language")),
        Field("zone", "text", key("export.zone")),
        Field("flags", "text", key("export.flags")),
        Field("baseline", "text", key("export.baseline")),
        Field("enrolled_at", "instant", key("export.enrolled_at")),
        Field("joined_at", "instant", key("export.joined_at")),
        Field("consented_at", "instant", key("export.consented_at")),
        Field("withdrawn_at", "instant", key("export.withdrawn_at")),
    ),
)
VISITS = Sheet(
    "visits",
    key("export.visits"),
    (
        SUBJECT,
        Field("visit", "text", key("export.visit")),
        Field("kind", "text", key("export.visit_kind")),
        Field("planned_on", "date", key("export.planned_on")),
        Field("window_first", "date", key("export.window_first")),
        Field("window_last", "date", key("export.window_last")),
        Field("on", "date", key("export.on")),
        Field("in_window", "yes_no", key("export.in_window")),
        Field("status", "text", key("export.visit_status")),
        Field("attendance", "text", key("export.attendance")),
        Field("started_at", "instant", key("export.started_at")),
        Field("ended_at", "instant", key("export.ended_at")),
        Field("dose_given", "text", key("export.dose_given")),
        Field("reaction", "yes_no", key("export.reaction")),
        Field("note", "text", key("export.visit_note")),
    ),
)
CONSENTS = Sheet(
    "consents",
    key("export.consents"),
    (
        SUBJECT,
        Field("consent", "integer", key("export.consent")),
        Field("by", "text", key("export.consent_by")),
        Field("kind", "text", key("export.consent_kind")),
        Field("version", "text", key("export.consent_version")),
        Field("language", "text", key("export.language")),
        Field("decision", "text", key("export.decision")),
        Field("at", "instant", key("export.decided_at")),
    ),
)
CHECKINS = Sheet(
    "checkins",
    key("export.checkins"),
    (
        SUBJECT,
        Field("checkin", "integer", key("export.checkin")),
        Field("form", "text", key("export.form")),
        Field("scheduled", "yes_no", key("export.scheduled")),
        Field("due_at", "instant", key("export.due_at")),
        Field("opened_at", "instant", key("export.opened_at")),
        Field("finished_at", "instant", key("export.finished_at")),
        Field("state", "text", key("export.checkin_state")),
        Field("tier", "text", key("export.tier")),
        Field("answered_by", "text", key("export.answered_by")),
        Field("protocol_version", "text", key("export.protocol_version")),
    ),
)
ANSWERS = Sheet(
    "answers",
    key("export.answers"),
    (
        SUBJECT,
        Field("answer", "integer", key("export.answer")),
        Field("checkin", "integer", key("export.checkin")),
        Field("item", "text", key("export.item")),
        Field("part", "text", key("export.part")),
        Field("value", "text", key("export.value")),
        Field("unit", "text", key("export.unit")),
        Field("loinc", "text", key("export.loinc")),
        Field("answered_at", "instant", key("export.answered_at")),
        Field("answered_by", "text", key("export.answered_by")),
        Field("superseded_at", "instant", key("export.superseded_at")),
    ),
)
ALERTS = Sheet(
    "alerts",
    key("export.alerts"),
    (
        SUBJECT,
        Field("alert", "integer", key("export.alert")),
        Field("tier", "text", key("export.tier")),
        Field("hours", "integer", key("export.hours")),
        Field("state", "text", key("export.alert_state")),
        Field("opened_at", "instant", key("export.alert_opened_at")),
        Field("tier_since", "instant", key("export.tier_since")),
        Field("acknowledged_at", "instant", key("export.acknowledged_at")),
        Field("acknowledged_by", "integer", key("export.staff")),
        Field("contacted_at", "instant", key("export.contacted_at")),
        Field("contacted_by", "integer", key("export.staff")),
        Field("closed_at", "instant", key("export.closed_at")),
        Field("closed_by", "integer", key("export.staff")),
        Field("outcome", "text", key("export.outcome")),
        Field("note", "text", key("export.note")),
        Field("pages", "integer", key("export.pages")),
        Field("protocol_version", "text", key("export.protocol_version")),
    ),
)
FINDINGS = Sheet(
    "findings",
    key("export.findings"),
    (
        SUBJECT,
        Field("finding", "integer", key("export.finding")),
        Field("alert", "integer", key("export.alert")),
        Field("checkin", "integer", key("export.checkin")),
        Field("answer", "integer", key("export.answer")),
        Field("rule", "text", key("export.rule")),
        Field("rule_version", "integer", key("export.rule_version")),
        Field("tier", "text", key("export.tier")),
        Field("hours", "integer", key("export.hours")),
        Field("found_at", "instant", key("export.found_at")),
        Field("protocol_version", "text", key("export.protocol_version")),
    ),
)
WORDS = Sheet(
    "words",
    key("export.words"),
    (
        SUBJECT,
        Field("text_id", "integer", key("export.text_id")),
        Field("at", "instant", key("export.received_at")),
        Field("text", "text", key("export.text")),
        Field("state", "text", key("export.text_state")),
        Field("seen_at", "instant", key("export.seen_at")),
        Field("seen_by", "integer", key("export.staff")),
    ),
)
REPLIES = Sheet(
    "replies",
    key("export.replies"),
    (
        SUBJECT,
        Field("reply", "integer", key("export.reply")),
        Field("text_id", "integer", key("export.text_id")),
        Field("staff", "integer", key("export.staff")),
        Field("at", "instant", key("export.replied_at")),
        Field("zh", "text", key("export.reply_zh")),
        Field("en", "text", key("export.reply_en")),
    ),
)
MESSAGES = Sheet(
    "messages",
    key("export.messages"),
    (
        SUBJECT,
        Field("message", "integer", key("export.message")),
        Field("to", "text", key("export.to")),
        Field("to_staff", "integer", key("export.staff")),
        Field("kind", "text", key("export.message_kind")),
        Field("channel", "text", key("export.channel")),
        Field("priority", "integer", key("export.priority")),
        Field("state", "text", key("export.message_state")),
        Field("created_at", "instant", key("export.created_at")),
        Field("sent_at", "instant", key("export.sent_at")),
        Field("attempts", "integer", key("export.attempts")),
        Field("repeats", "integer", key("export.repeats")),
    ),
)
STAFF = Sheet(
    "staff",
    key("export.staff_sheet"),
    (
        Field("staff", "integer", key("export.staff")),
        Field("name", "text", key("export.staff_name")),
        Field("role", "text", key("export.role")),
        Field("status", "text", key("export.staff_status")),
    ),
    subject=None,
)
AUDIT = Sheet(
    "audit",
    key("export.audit"),
    (
        SUBJECT,
        Field("entry", "integer", key("export.entry")),
        Field("at_utc", "instant", key("export.at_utc")),
        Field("at_local", "text", key("export.at_local")),
        Field("who", "text", key("export.who")),
        Field("action", "text", key("export.action")),
        Field("about", "text", key("export.about")),
        Field("before", "text", key("export.before")),
        Field("after", "text", key("export.after")),
        Field("why", "text", key("export.why")),
        Field("hash", "text", key("export.hash")),
    ),
)
BEFORE = (PARTICIPANTS, CONSENTS, VISITS, CHECKINS, ANSWERS)
"""Then come the reports, whose fields are those of the protocol's items."""
AFTER = (ALERTS, FINDINGS, WORDS, REPLIES, MESSAGES, STAFF, AUDIT)


def reports_sheet(protocol: Protocol) -> Sheet:
    """Return the sheet with one row for each check-in and one field for each part of each item."""
    fixed = (
        SUBJECT,
        Field("checkin", "integer", key("export.checkin")),
        Field("form", "text", key("export.form")),
        Field("answered_at", "instant", key("export.report_answered_at")),
    )
    parts = [field for item in protocol.items.values() for field in item_fields(item)]
    return Sheet("reports", key("export.reports"), (*fixed, *parts))


def item_fields(item: Item) -> Iterator[Field]:
    """Yield a field for each stored part of an item, with its unit, LOINC code and choices."""
    for part in item.parts:
        for stored in part.stored_keys:
            yield Field(
                f"{item.id}_{stored}",
                _kind(item, stored),
                item.seen_key(stored),
                unit=UNITS.get(item.unit_of(stored) or ""),
                loinc=item.loinc.get(stored),
                choices=_choices(item, stored),
            )


def _kind(item: Item, stored: str) -> FieldKind:
    part = item.part(stored)
    if part.kind in ("severity",):
        return "integer"
    if part.kind in ("temperature", "number", "blood_pressure"):
        return "float"
    return "yes_no" if part.kind == "yes_no" else "text"


def _choices(item: Item, stored: str) -> dict[str, str]:
    part = item.part(stored)
    if part.kind == "yes_no":
        return {"Y": "choice.yes", "N": "choice.no"}
    # Several of them stand in one field, so that only a single choice is a code list.
    return dict(part.options) if part.kind in ("severity", "one_of") else {}
