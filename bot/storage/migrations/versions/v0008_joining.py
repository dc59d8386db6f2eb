"""Consents, proofs of a chat, caregivers, and who is phoned instead; caregivers may be linked.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from bot.storage.migrations.checks import widen

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PEOPLE = ("participant", "staff")
ACTORS = ("participant", "staff", "system", "operator")
CAREGIVER = ("caregiver",)


def upgrade() -> None:
    """Create the four tables, and let a caregiver be somebody with a chat."""
    for table in ("links", "codes", "drafts", "outbox"):
        widen(table, "person_kind", PEOPLE, PEOPLE + CAREGIVER)
    widen("audit", "actor_kind", ACTORS, ACTORS + CAREGIVER)
    _consents()
    _link_checks()
    _caregivers()
    _phone_list()


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "person_kind IN ('participant', 'staff', 'caregiver')", name=op.f("ck_consents_person_kind")
        ),
        sa.CheckConstraint("kind IN ('sensitive', 'abroad')", name=op.f("ck_consents_kind")),
        sa.CheckConstraint(
            "decision IN ('given', 'refused', 'withdrawn', 'void')", name=op.f("ck_consents_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sqlite_strict=True,
    )
    op.create_index("ix_consents_person", "consents", ["person_kind", "person_id", "id"], unique=False)


def _link_checks() -> None:
    op.create_table(
        "link_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("account_box", sa.LargeBinary(), nullable=True),
        sa.Column("tested_at", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_link_checks_link_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_link_checks_confirmed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_checks")),
        sa.UniqueConstraint("link_id", name=op.f("uq_link_checks_link_id")),
        sqlite_strict=True,
    )


def _caregivers() -> None:
    op.create_table(
        "caregivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("invited_at", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "relation IN ('spouse', 'child', 'parent', 'other')", name=op.f("ck_caregivers_relation")
        ),
        sa.CheckConstraint("language IN ('zh_CN', 'en', 'both')", name=op.f("ck_caregivers_language")),
        sa.CheckConstraint(
            "status IN ('invited', 'joined', 'active', 'ended')", name=op.f("ck_caregivers_status")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_caregivers_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caregivers")),
        sqlite_strict=True,
    )
    op.create_index("ix_caregivers_participant", "caregivers", ["participant_id", "id"], unique=False)


def _phone_list() -> None:
    op.create_table(
        "phone_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("called_at", sa.Text(), nullable=True),
        sa.Column("called_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason IN ('refused', 'stopped', 'leaving')", name=op.f("ck_phone_list_reason")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_phone_list_participant_id")
        ),
        sa.ForeignKeyConstraint(["called_by"], ["staff.id"], name=op.f("fk_phone_list_called_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_list")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_phone_list_live",
        "phone_list",
        ["participant_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
