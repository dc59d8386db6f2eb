"""Second readings, and reports that are awaited.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the two tables of what is waited for."""
    _second_readings()
    _awaited_reports()


def _waiting() -> dict[str, Any]:
    return {
        "sqlite_where": sa.text("state = 'waiting'"),
        "postgresql_where": sa.text("state = 'waiting'"),
    }


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _second_readings() -> None:
    name = "second_readings"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("ask_at", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'answered', 'missing', 'moot')", name=op.f("ck_second_readings_state")
        ),
        _to(name, "answer_id", "answers"),
        _to(name, "checkin_id", "checkins"),
        _to(name, "participant_id", "participants"),
        _to(name, "second_id", "answers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_readings")),
        sqlite_strict=True,
    )
    op.create_index("uq_second_readings_waiting", name, ["participant_id", "item"], unique=True, **_waiting())
    op.create_index("ix_second_readings_due", name, ["answer_by"], unique=False, **_waiting())
    op.create_index("ix_second_readings_checkin", name, ["checkin_id"], unique=False)


def _awaited_reports() -> None:
    name = "awaited_reports"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("checkin_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=False),
        sa.Column("clock_from", sa.Text(), nullable=False),
        sa.Column("look_at", sa.Text(), nullable=False),
        sa.Column("nudged", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'answered', 'alerted', 'dropped')", name=op.f("ck_awaited_reports_state")
        ),
        _to(name, "checkin_id", "checkins"),
        _to(name, "participant_id", "participants"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awaited_reports")),
        sa.UniqueConstraint("checkin_id", name=op.f("uq_awaited_reports_checkin_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_awaited_reports_due", name, ["look_at"], unique=False, **_waiting())
    op.create_index("ix_awaited_reports_participant", name, ["participant_id"], unique=False, **_waiting())
