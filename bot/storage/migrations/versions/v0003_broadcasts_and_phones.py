"""Broadcasts with a file, a time, an approval and a pause; phone numbers, sealed, in a table of their own.

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('draft', 'awaiting', 'scheduled', 'sending', 'paused', 'done', 'stopped')"
ASIDE = """
    CREATE TABLE broadcasts_before AS
    SELECT id, by_staff_id, text_zh_box, text_en_box, audience, state, created_at, confirmed_at, finished_at,
        progress_message_id, version
    FROM broadcasts
"""
BACK = """
    INSERT INTO broadcasts (id, by_staff_id, text_zh_box, text_en_box, audience, state, created_at,
        confirmed_at, finished_at, progress_message_id, version)
    SELECT id, by_staff_id, text_zh_box, text_en_box, audience, state, created_at, confirmed_at, finished_at,
        progress_message_id, version
    FROM broadcasts_before
"""


def upgrade() -> None:
    """Add the columns and states of broadcasts, and the table of phone numbers."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _alter()
    op.create_index(
        "ix_broadcasts_scheduled", "broadcasts", ["send_at"], unique=False, **_where("state = 'scheduled'")
    )
    op.create_table(
        "phones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("phone_box", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_phones_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_phones_participant_id")),
        sqlite_strict=True,
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _rebuild() -> None:
    # SQLite changes no CHECK: the table is made anew under its own name. Nothing refers to it.
    op.execute(ASIDE)
    op.drop_table("broadcasts")
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_staff_id", sa.Integer(), nullable=False),
        sa.Column("text_zh_box", sa.LargeBinary(), nullable=True),
        sa.Column("text_en_box", sa.LargeBinary(), nullable=True),
        sa.Column("file_box", sa.LargeBinary(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("send_at", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("progress_message_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_broadcasts_state")),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_broadcasts_by_staff_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_broadcasts_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sqlite_strict=True,
    )
    op.execute(BACK)
    op.execute("DROP TABLE broadcasts_before")
    op.create_index(
        "ix_broadcasts_sending", "broadcasts", ["id"], unique=False, **_where("state = 'sending'")
    )


def _alter() -> None:
    op.drop_constraint(op.f("ck_broadcasts_state"), "broadcasts", type_="check")
    op.create_check_constraint(op.f("ck_broadcasts_state"), "broadcasts", STATES)
    op.add_column("broadcasts", sa.Column("file_box", sa.LargeBinary(), nullable=True))
    for name in ("send_at", "approved_at"):
        op.add_column("broadcasts", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("broadcasts", sa.Column("approved_by", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_broadcasts_approved_by"), "broadcasts", "staff", ["approved_by"], ["id"])
