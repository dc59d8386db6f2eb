"""What is asked because of a participant's words, and by when it must be answered.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of the questions that wait for an answer."""
    op.create_table(
        "asked_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'answered', 'alerted')", name=op.f("ck_asked_texts_state")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_asked_texts_participant_id")
        ),
        sa.ForeignKeyConstraint(["text_id"], ["inbound_texts.id"], name=op.f("fk_asked_texts_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_texts")),
        sa.UniqueConstraint("text_id", name=op.f("uq_asked_texts_text_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_asked_texts_waiting",
        "asked_texts",
        ["answer_by"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
