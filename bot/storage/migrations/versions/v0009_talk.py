"""The talk between participants and team: threads, receipts, files, and answers.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "saved_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zh_box", sa.LargeBinary(), nullable=False),
        sa.Column("en_box", sa.LargeBinary(), nullable=False),
        sa.Column("by_staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_saved_answers_by_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_answers")),
        sqlite_strict=True,
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("overdue_at", sa.Text(), nullable=False),
        sa.Column("wake_at", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'answered')", name=op.f("ck_threads_state")),
        sa.ForeignKeyConstraint(["assigned_to"], ["staff.id"], name=op.f("fk_threads_assigned_to")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_threads_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_threads_participant_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_threads_waiting",
        "threads",
        ["since"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_threads_wake",
        "threads",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_box", sa.LargeBinary(), nullable=False),
        sa.Column("album", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_media_participant_id")
        ),
        sa.ForeignKeyConstraint(["text_id"], ["inbound_texts.id"], name=op.f("fk_media_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("text_id", name=op.f("uq_media_text_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_media_participant", "media", ["participant_id", "text_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=True),
        sa.Column("read_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'read', 'answered')", name=op.f("ck_receipts_state")),
        sa.CheckConstraint(
            "told IN ('kept', 'asked', 'alerted', 'photo', 'unreadable', 'red')",
            name=op.f("ck_receipts_told"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_receipts_participant_id")
        ),
        sa.ForeignKeyConstraint(["read_by"], ["staff.id"], name=op.f("fk_receipts_read_by")),
        sa.ForeignKeyConstraint(["text_id"], ["inbound_texts.id"], name=op.f("fk_receipts_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("text_id", name=op.f("uq_receipts_text_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_receipts_participant", "receipts", ["participant_id", "text_id"], unique=False)
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("zh_box", sa.LargeBinary(), nullable=False),
        sa.Column("en_box", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_replies_participant_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_replies_staff_id")),
        sa.ForeignKeyConstraint(["text_id"], ["inbound_texts.id"], name=op.f("fk_replies_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("participant_id", "after_id", name=op.f("uq_replies_participant_id_after_id")),
        sqlite_strict=True,
    )
