"""What became of a visit beyond the plan: done elsewhere, called off, how much was given, a reaction.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATUS = "status IN ('planned', 'done', 'missed', 'held', 'elsewhere', 'cancelled')"
DOSE = "dose_given IN ('full', 'partial')"
ASIDE = """
    CREATE TABLE visits_before AS
    SELECT id, participant_id, visit_type, moved_to_on, moved_to_time, attendance, attendance_at, started_at,
        ended_at, status
    FROM visits
"""
BACK = """
    INSERT INTO visits (id, participant_id, visit_type, moved_to_on, moved_to_time, attendance, attendance_at,
        started_at, ended_at, status)
    SELECT id, participant_id, visit_type, moved_to_on, moved_to_time, attendance, attendance_at, started_at,
        ended_at, status
    FROM visits_before
"""


def upgrade() -> None:
    """Let a visit have more ends, and make room for what staff say about it."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        _alter()


def _rebuild() -> None:
    # SQLite cannot change a constraint; nothing refers to a visit, so that the table may go for a moment.
    op.execute(ASIDE)
    op.drop_table("visits")
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
        sa.Column("dose_given", sa.Text(), nullable=True),
        sa.Column("reaction", sa.Integer(), nullable=True),
        sa.Column("note_box", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "attendance IN ('unknown', 'coming', 'cannot')", name=op.f("ck_visits_attendance")
        ),
        sa.CheckConstraint(STATUS, name=op.f("ck_visits_status")),
        sa.CheckConstraint(DOSE, name=op.f("ck_visits_dose_given")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_visits_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("participant_id", "visit_type", name=op.f("uq_visits_participant_id_visit_type")),
        sqlite_strict=True,
    )
    op.execute(BACK)
    op.drop_table("visits_before")


def _alter() -> None:
    op.add_column("visits", sa.Column("dose_given", sa.Text(), nullable=True))
    op.add_column("visits", sa.Column("reaction", sa.Integer(), nullable=True))
    op.add_column("visits", sa.Column("note_box", sa.LargeBinary(), nullable=True))
    op.drop_constraint(op.f("ck_visits_status"), "visits", type_="check")
    op.create_check_constraint(op.f("ck_visits_status"), "visits", STATUS)
    op.create_check_constraint(op.f("ck_visits_dose_given"), "visits", DOSE)
