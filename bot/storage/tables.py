"""Every table, in SQLAlchemy Core: the only description of what is stored.

`…_at` is an instant, `…_on` a date, `…_box` a sealed value (see vault.py). A
state column carries its transitions in a comment, and a CHECK. The migrations
must lead to exactly this: a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy import Table as PlainTable

from bot.storage.types import BIG, NUMBER, Day, Flag, Instant, Json, TimeOfDay

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _table(name: str, *parts: Any) -> PlainTable:
    return PlainTable(name, metadata, *parts, sqlite_strict=True)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _ref(name: str, target: str, *, required: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=not required)


def _must(name: str, kind: Any, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **more)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _person(*, required: bool = True) -> tuple[Any, ...]:
    return (
        Column("person_kind", Text, nullable=not required),
        Column("person_id", Integer, nullable=not required),
        _one_of("person_kind", "participant", "staff"),
    )


def _where(condition: str) -> dict[str, Any]:
    """Make an index partial, in both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


participants = _table(
    "participants",
    _id(),
    _must("code", Text, unique=True),
    _must("arm", Text),
    _must("dose", NUMBER),
    _must("day1_on", Day),
    _must("icf_on", Day),
    _must("language", Text),
    _must("zone", Text),
    _must("flags", Json),
    _must("baseline", Json),
    # enrolled → joined (chat linked) → active (consented); any → withdrawn | completed, both ends
    _must("status", Text),
    # A hint only: the next instant at which something may be due. NULL: nothing ever again.
    Column("wake_at", Instant, index=True),
    _must("enrolled_at", Instant),
    Column("joined_at", Instant),
    Column("consented_at", Instant),
    Column("withdrawn_at", Instant),
    # The last day in hospital: what is asked at home starts the morning after.
    Column("inpatient_until_on", Day),
    _one_of("language", "zh_CN", "en", "both"),
    _one_of("status", "enrolled", "joined", "active", "withdrawn", "completed"),
)

staff = _table(
    "staff",
    _id(),
    _must("name", Text),
    _must("role", Text),
    _must("language", Text),
    _must("on_call", Flag),
    # invited → active (joined) → revoked; invited → revoked
    _must("status", Text),
    _must("created_at", Instant),
    Column("revoked_at", Instant),
    _one_of("role", "coordinator", "sub_investigator", "pi"),
    _one_of("language", "zh_CN", "en"),
    _one_of("status", "invited", "active", "revoked"),
)

links = _table(
    "links",
    _id(),
    *_person(),
    _must("chat_key", Text),
    _must("chat_box", LargeBinary),
    # live (ended_at NULL) → ended; while live, unreachable_at comes and goes
    _must("linked_at", Instant),
    Column("ended_at", Instant),
    Column("unreachable_at", Instant),
    Index("uq_links_live_person", "person_kind", "person_id", unique=True, **_where("ended_at IS NULL")),
    Index("uq_links_live_chat", "chat_key", unique=True, **_where("ended_at IS NULL")),
)

codes = _table(
    "codes",
    _id(),
    _must("code_hash", Text, unique=True),
    *_person(),
    _must("created_at", Instant),
    _must("expires_at", Instant),
    # open → used | revoked, by one conditional UPDATE; an open one expires by itself
    Column("used_at", Instant),
    Column("used_by_chat_key", Text),
    Column("revoked_at", Instant),
    Index("ix_codes_person", "person_kind", "person_id"),
)

code_tries = _table(
    "code_tries",
    _id(),
    _must("chat_key", Text),
    _must("at", Instant, index=True),
    Index("ix_code_tries_chat", "chat_key", "at"),
)

visits = _table(
    "visits",
    _id(),
    _ref("participant_id", "participants"),
    _must("visit_type", Text),
    # Facts only: the plan is computed from the protocol and the anchor.
    Column("moved_to_on", Day),
    Column("moved_to_time", TimeOfDay),
    # unknown ⇄ coming ⇄ cannot, as often as the participant says so; a move sets it back to unknown
    _must("attendance", Text),
    Column("attendance_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    # planned → done | missed | held; held → planned; missed → done (recorded late)
    _must("status", Text),
    UniqueConstraint("participant_id", "visit_type"),
    _one_of("attendance", "unknown", "coming", "cannot"),
    _one_of("status", "planned", "done", "missed", "held"),
)

checkins = _table(
    "checkins",
    _id(),
    _ref("participant_id", "participants"),
    _must("key", Text, unique=True),
    _must("form", Text),
    _must("due_at", Instant),
    _must("opened_at", Instant),
    # open → done | missed | superseded; missed → open (answered late after all)
    _must("state", Text),
    Column("message_id", BIG),
    Column("current_item", Text),
    Column("tier", Text),
    # Rises with every change: a button that carries an older one is stale.
    _must("version", Integer),
    Column("answered_by", Text),
    Column("finished_at", Instant),
    _must("protocol_version", Text),
    _one_of("state", "open", "done", "missed", "superseded"),
    _one_of("tier", "red", "amber", "green"),
    Index("ix_checkins_participant", "participant_id", "due_at"),
)

answers = _table(
    "answers",
    _id(),
    _ref("checkin_id", "checkins"),
    _must("item", Text),
    # NULL: skipped. The person's own words are taken out of it, into the box.
    Column("value", Json),
    Column("text_box", LargeBinary),
    _must("answered_at", Instant),
    Column("update_id", BIG),
    _must("answered_by", Text),
    # live (NULL) → superseded by a later answer to the same item
    Column("superseded_at", Instant),
    Index("uq_answers_live", "checkin_id", "item", unique=True, **_where("superseded_at IS NULL")),
    Index("ix_answers_checkin", "checkin_id", "id"),
)

alerts = _table(
    "alerts",
    _id(),
    _ref("participant_id", "participants"),
    _must("tier", Text),
    Column("hours", Integer),
    # When it got its present tier: later than its opening where it was raised.
    _must("tier_since", Instant),
    # open → acknowledged → contacted → closed; open | acknowledged → contacted; any but closed → closed
    _must("state", Text),
    _must("opened_at", Instant),
    Column("acknowledged_at", Instant),
    _ref("acknowledged_by", "staff", required=False),
    Column("contacted_at", Instant),
    _ref("contacted_by", "staff", required=False),
    Column("closed_at", Instant),
    _ref("closed_by", "staff", required=False),
    Column("outcome", Text),
    Column("note_box", LargeBinary),
    # How often it was paged, the highest step paged (-1: none yet), and when last.
    _must("round", Integer),
    _must("step", Integer),
    Column("paged_at", Instant),
    Column("participant_asked_at", Instant),
    Column("wake_at", Instant, index=True),
    _must("protocol_version", Text),
    # What the page says (clocks, reasons), as it was when the alert was opened.
    _must("facts_box", LargeBinary),
    _one_of("tier", "red", "amber"),
    _one_of("state", "open", "acknowledged", "contacted", "closed"),
    Index("ix_alerts_live", "participant_id", **_where("state <> 'closed'")),
)

findings = _table(
    "findings",
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", required=False),
    _ref("answer_id", "answers", required=False),
    _must("rule", Text),
    _must("rule_version", Integer),
    _must("tier", Text),
    Column("hours", Integer),
    # The reason in keys and values: values may quote the person's own words.
    _must("detail_box", LargeBinary),
    _must("protocol_version", Text),
    _must("found_at", Instant),
    _ref("alert_id", "alerts", required=False),
    # What it was found in, so that the same is found once: `answer:5`, `text:7`, `missed:3`.
    _must("source", Text),
    UniqueConstraint("source", "rule"),
    _one_of("tier", "red", "amber", "green"),
    Index("ix_findings_participant", "participant_id", "found_at"),
    Index("ix_findings_alert", "alert_id"),
)

outbox = _table(
    "outbox",
    _id(),
    _must("key", Text, unique=True),
    _must("kind", Text),
    # Which way out: the chat, or the second channel to staff.
    _must("channel", Text),
    # The Bot API method, once sent.
    Column("method", Text),
    # 0 emergency text and pages, 1 replies, 2 reminders and check-ins, 3 broadcasts
    _must("priority", Integer),
    *_person(required=False),
    # Ids and text keys, never a person's words: those are loaded afresh when it is sent.
    _must("params", Json),
    _must("not_before", Instant),
    Column("expires_at", Instant),
    # queued → sending → sent | failed | uncertain | skipped | queued (retry, or once more after a crash);
    # queued → expired | skipped
    _must("state", Text),
    _must("attempts", Integer),
    # How often it went out once more although it had perhaps arrived.
    _must("repeats", Integer),
    Column("lease_until", Instant),
    Column("last_error", Text),
    _must("created_at", Instant),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("message_id", BIG),
    Column("text_box", LargeBinary),
    Column("subject_kind", Text),
    Column("subject_id", Integer),
    _one_of("channel", "telegram", "second"),
    _one_of("state", "queued", "sending", "sent", "failed", "expired", "skipped", "uncertain"),
    CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
    # A claim walks this one from the front, priority by priority: it never sees what is not due.
    Index("ix_outbox_due", "priority", "not_before", "id", **_where("state = 'queued'")),
    Index("ix_outbox_next", "not_before", **_where("state = 'queued'")),
    Index("ix_outbox_expiry", "expires_at", **_where("state = 'queued'")),
    Index("ix_outbox_leases", "lease_until", **_where("state = 'sending'")),
    Index("ix_outbox_subject", "subject_kind", "subject_id"),
    Index("ix_outbox_state", "state"),
    Index("ix_outbox_person", "person_kind", "person_id", "kind"),
)

attempts = _table(
    "attempts",
    _id(),
    _ref("outbox_id", "outbox"),
    _must("n", Integer),
    _must("at", Instant),
    _must("result", Text),
    Column("detail", Text),
    _one_of("result", "sent", "failed", "retry", "perhaps", "skipped", "crashed"),
    Index("ix_attempts_outbox", "outbox_id"),
)

inbox = _table(
    "inbox",
    # The order of arrival: Telegram starts its ids anew after a quiet week.
    _id(),
    _must("update_id", BIG, unique=True),
    _must("received_at", Instant),
    Column("chat_key", Text),
    _must("raw_box", LargeBinary),
    # new → done | quarantined (a third failure, or what can never be handled)
    _must("state", Text),
    _must("tries", Integer),
    Column("error", Text),
    Column("done_at", Instant),
    _one_of("state", "new", "done", "quarantined"),
    Index("ix_inbox_new", "id", **_where("state = 'new'")),
    Index("ix_inbox_done", "done_at", **_where("state = 'done'")),
)

broadcasts = _table(
    "broadcasts",
    _id(),
    _ref("by_staff_id", "staff"),
    Column("text_zh_box", LargeBinary),
    Column("text_en_box", LargeBinary),
    _must("audience", Json),
    # draft → sending (confirmed) → done; draft | sending → stopped
    _must("state", Text),
    _must("created_at", Instant),
    Column("confirmed_at", Instant),
    Column("finished_at", Instant),
    Column("progress_message_id", BIG),
    _must("version", Integer),
    _one_of("state", "draft", "sending", "done", "stopped"),
    Index("ix_broadcasts_sending", "id", **_where("state = 'sending'")),
)

drafts = _table(
    "drafts",
    _id(),
    *_person(),
    _must("task", Text),
    _must("step", Text),
    _must("data_box", LargeBinary),
    Column("message_id", BIG),
    _must("version", Integer),
    _must("updated_at", Instant),
    UniqueConstraint("person_kind", "person_id"),
)

inbound_texts = _table(
    "inbound_texts",
    _id(),
    _ref("participant_id", "participants"),
    _must("text_box", LargeBinary),
    _must("at", Instant),
    _must("update_id", BIG, unique=True),
    # new → seen (a member of staff has answered or put it aside)
    _must("state", Text),
    Column("seen_at", Instant),
    _ref("seen_by", "staff", required=False),
    _one_of("state", "new", "seen"),
    Index("ix_inbound_texts_new", "id", **_where("state = 'new'")),
    Index("ix_inbound_texts_participant", "participant_id", "at"),
)

audit = _table(
    "audit",
    # Given by us, one after the other: a gap is a missing row.
    Column("id", Integer, primary_key=True, autoincrement=False),
    _must("at", Instant),
    _must("zone", Text),
    _must("actor_kind", Text),
    Column("actor_id", Integer),
    Column("actor_name", Text),
    _must("action", Text),
    Column("subject_kind", Text),
    Column("subject_id", Integer),
    Column("before", Json),
    Column("after", Json),
    Column("reason", Text),
    # Unique, so that the chain cannot fork.
    _must("prev_hash", Text, unique=True),
    _must("hash", Text),
    _one_of("actor_kind", "participant", "staff", "system", "operator"),
    Index("ix_audit_subject", "subject_kind", "subject_id"),
)

meta = _table("meta", Column("key", Text, primary_key=True), _must("value", Text))

APPEND_ONLY = ("audit",)
