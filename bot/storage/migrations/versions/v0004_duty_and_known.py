"""The rota with its hours and swaps, and alerts that were closed as known.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create four tables."""
    _rota()
    _hours()
    _swaps()
    _known()


def _rota() -> None:
    op.create_table(
        "rota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_on", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_rota_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
        sa.UniqueConstraint("duty_on", name=op.f("uq_rota_duty_on")),
        sqlite_strict=True,
    )


def _hours() -> None:
    op.create_table(
        "duty_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('on', 'off')", name=op.f("ck_duty_hours_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duty_hours_order")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_hours_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_hours")),
        sqlite_strict=True,
    )
    op.create_index("ix_duty_hours_ends", "duty_hours", ["ends_at"], unique=False)


def _swaps() -> None:
    states = "state IN ('asked', 'accepted', 'declined', 'void')"
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_on", sa.Text(), nullable=False),
        sa.Column("from_staff_id", sa.Integer(), nullable=False),
        sa.Column("to_staff_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.CheckConstraint(states, name=op.f("ck_duty_swaps_state")),
        sa.ForeignKeyConstraint(["from_staff_id"], ["staff.id"], name=op.f("fk_duty_swaps_from_staff_id")),
        sa.ForeignKeyConstraint(["to_staff_id"], ["staff.id"], name=op.f("fk_duty_swaps_to_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swaps")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_duty_swaps_asked",
        "duty_swaps",
        ["duty_on", "to_staff_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )


def _known() -> None:
    op.create_table(
        "known",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_known_alert_id")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_known_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known")),
        sa.UniqueConstraint("alert_id", name=op.f("uq_known_alert_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_known_participant", "known", ["participant_id", "until"], unique=False)
