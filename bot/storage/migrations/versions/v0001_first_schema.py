"""The first schema, written out: a migration never changes after its release.

Revision ID: 0001
Revises: none
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Create every table, and make the audit trail append-only."""
    _participants()
    _staff()
    _links()
    _codes()
    _code_tries()
    _visits()
    _checkins()
    _answers()
    _alerts()
    _findings()
    _outbox()
    _attempts()
    _inbox()
    _broadcasts()
    _drafts()
    _inbound_texts()
    _audit()
    _meta()
    _append_only()
    # The row that writers of the trail stand in line for, where they can run side by side.
    op.execute("INSERT INTO meta (key, value) VALUES ('audit_lock', '')")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _participants() -> None:
    op.create_table(
        "participants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("dose", NUMBER, nullable=False),
        sa.Column("day1_on", sa.Text(), nullable=False),
        sa.Column("icf_on", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("wake_at", sa.Text(), nullable=True),
        sa.Column("enrolled_at", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.Column("inpatient_until_on", sa.Text(), nullable=True),
        sa.CheckConstraint("language IN ('zh_CN', 'en', 'both')", name=op.f("ck_participants_language")),
        sa.CheckConstraint(
            "status IN ('enrolled', 'joined', 'active', 'withdrawn', 'completed')",
            name=op.f("ck_participants_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("code", name=op.f("uq_participants_code")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_participants_wake_at"), "participants", ["wake_at"], unique=False)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("on_call", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.CheckConstraint("language IN ('zh_CN', 'en')", name=op.f("ck_staff_language")),
        sa.CheckConstraint("role IN ('coordinator', 'sub_investigator', 'pi')", name=op.f("ck_staff_role")),
        sa.CheckConstraint("status IN ('invited', 'active', 'revoked')", name=op.f("ck_staff_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sqlite_strict=True,
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("chat_key", sa.Text(), nullable=False),
        sa.Column("chat_box", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("unreachable_at", sa.Text(), nullable=True),
        sa.CheckConstraint("person_kind IN ('participant', 'staff')", name=op.f("ck_links_person_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sqlite_strict=True,
    )
    op.create_index("uq_links_live_chat", "links", ["chat_key"], unique=True, **_where("ended_at IS NULL"))
    op.create_index(
        "uq_links_live_person",
        "links",
        ["person_kind", "person_id"],
        unique=True,
        **_where("ended_at IS NULL"),
    )


def _codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.Column("used_by_chat_key", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.CheckConstraint("person_kind IN ('participant', 'staff')", name=op.f("ck_codes_person_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_codes_code_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_codes_person", "codes", ["person_kind", "person_id"], unique=False)


def _code_tries() -> None:
    op.create_table(
        "code_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_key", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_tries")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_code_tries_at"), "code_tries", ["at"], unique=False)
    op.create_index("ix_code_tries_chat", "code_tries", ["chat_key", "at"], unique=False)


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("visit_type", sa.Text(), nullable=False),
        sa.Column("moved_to_on", sa.Text(), nullable=True),
        sa.Column("moved_to_time", sa.Text(), nullable=True),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.Column("attendance_at", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "attendance IN ('unknown', 'coming', 'cannot')", name=op.f("ck_visits_attendance")
        ),
        sa.CheckConstraint("status IN ('planned', 'done', 'missed', 'held')", name=op.f("ck_visits_status")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_visits_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("participant_id", "visit_type", name=op.f("uq_visits_participant_id_visit_type")),
        sqlite_strict=True,
    )


def _checkins() -> None:
    op.create_table(
        "checkins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("current_item", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'missed', 'superseded')", name=op.f("ck_checkins_state")
        ),
        sa.CheckConstraint("tier IN ('red', 'amber', 'green')", name=op.f("ck_checkins_tier")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_checkins_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkins")),
        sa.UniqueConstraint("key", name=op.f("uq_checkins_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_checkins_participant", "checkins", ["participant_id", "due_at"], unique=False)


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("text_box", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.Text(), nullable=False),
        sa.Column("update_id", BIG, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkins.id"], name=op.f("fk_answers_checkin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sqlite_strict=True,
    )
    op.create_index("ix_answers_checkin", "answers", ["checkin_id", "id"], unique=False)
    op.create_index(
        "uq_answers_live", "answers", ["checkin_id", "item"], unique=True, **_where("superseded_at IS NULL")
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("tier_since", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.Text(), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("contacted_at", sa.Text(), nullable=True),
        sa.Column("contacted_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note_box", sa.LargeBinary(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("paged_at", sa.Text(), nullable=True),
        sa.Column("participant_asked_at", sa.Text(), nullable=True),
        sa.Column("wake_at", sa.Text(), nullable=True),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("facts_box", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'contacted', 'closed')", name=op.f("ck_alerts_state")
        ),
        sa.CheckConstraint("tier IN ('red', 'amber')", name=op.f("ck_alerts_tier")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["staff.id"], name=op.f("fk_alerts_acknowledged_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_alerts_closed_by")),
        sa.ForeignKeyConstraint(["contacted_by"], ["staff.id"], name=op.f("fk_alerts_contacted_by")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_alerts_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_alerts_live", "alerts", ["participant_id"], unique=False, **_where("state <> 'closed'")
    )
    op.create_index(op.f("ix_alerts_wake_at"), "alerts", ["wake_at"], unique=False)


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("checkin_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("detail_box", sa.LargeBinary(), nullable=False),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("tier IN ('red', 'amber', 'green')", name=op.f("ck_findings_tier")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_findings_alert_id")),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_findings_answer_id")),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkins.id"], name=op.f("fk_findings_checkin_id")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_findings_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("source", "rule", name=op.f("uq_findings_source_rule")),
        sqlite_strict=True,
    )
    op.create_index("ix_findings_alert", "findings", ["alert_id"], unique=False)
    op.create_index("ix_findings_participant", "findings", ["participant_id", "found_at"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("text_box", sa.LargeBinary(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("channel IN ('telegram', 'second')", name=op.f("ck_outbox_channel")),
        sa.CheckConstraint("person_kind IN ('participant', 'staff')", name=op.f("ck_outbox_person_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'expired', 'skipped', 'uncertain')",
            name=op.f("ck_outbox_state"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 3", name=op.f("ck_outbox_priority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["priority", "not_before", "id"],
        unique=False,
        **_where("state = 'queued'"),
    )
    op.create_index("ix_outbox_expiry", "outbox", ["expires_at"], unique=False, **_where("state = 'queued'"))
    op.create_index(
        "ix_outbox_leases", "outbox", ["lease_until"], unique=False, **_where("state = 'sending'")
    )
    op.create_index("ix_outbox_next", "outbox", ["not_before"], unique=False, **_where("state = 'queued'"))
    op.create_index("ix_outbox_person", "outbox", ["person_kind", "person_id", "kind"], unique=False)
    op.create_index("ix_outbox_counts", "outbox", ["priority", "state"], unique=False)
    op.create_index("ix_outbox_subject", "outbox", ["subject_kind", "subject_id"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "result IN ('sent', 'failed', 'retry', 'perhaps', 'skipped', 'crashed')",
            name=op.f("ck_attempts_result"),
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempts_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sqlite_strict=True,
    )
    op.create_index("ix_attempts_outbox", "attempts", ["outbox_id"], unique=False)


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", BIG, nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("chat_key", sa.Text(), nullable=True),
        sa.Column("raw_box", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'quarantined')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("update_id", name=op.f("uq_inbox_update_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_inbox_done", "inbox", ["done_at"], unique=False, **_where("state = 'done'"))
    op.create_index("ix_inbox_quarantined", "inbox", ["id"], unique=False, **_where("state = 'quarantined'"))
    op.create_index("ix_inbox_new", "inbox", ["id"], unique=False, **_where("state = 'new'"))


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_staff_id", sa.Integer(), nullable=False),
        sa.Column("text_zh_box", sa.LargeBinary(), nullable=True),
        sa.Column("text_en_box", sa.LargeBinary(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("progress_message_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'sending', 'done', 'stopped')", name=op.f("ck_broadcasts_state")
        ),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_broadcasts_by_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_broadcasts_sending", "broadcasts", ["id"], unique=False, **_where("state = 'sending'")
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("data_box", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.CheckConstraint("person_kind IN ('participant', 'staff')", name=op.f("ck_drafts_person_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("person_kind", "person_id", name=op.f("uq_drafts_person_kind_person_id")),
        sqlite_strict=True,
    )


def _inbound_texts() -> None:
    op.create_table(
        "inbound_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("text_box", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("update_id", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('new', 'seen')", name=op.f("ck_inbound_texts_state")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_inbound_texts_participant_id")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["staff.id"], name=op.f("fk_inbound_texts_seen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_texts")),
        sa.UniqueConstraint("update_id", name=op.f("uq_inbound_texts_update_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_inbound_texts_new", "inbound_texts", ["id"], unique=False, **_where("state = 'new'"))
    op.create_index("ix_inbound_texts_participant", "inbound_texts", ["participant_id", "at"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('participant', 'staff', 'system', 'operator')", name=op.f("ck_audit_actor_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_audit_prev_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject_id"], unique=False)


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
        sqlite_strict=True,
    )


def _append_only() -> None:
    statements = _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


_SQLITE = (
    "CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_never_changed BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)
