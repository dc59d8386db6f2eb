"""Answers are found by the update that brought them.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index: without it each typed answer reads all that its participant ever answered."""
    op.create_index(
        "ix_answers_update",
        "answers",
        ["update_id"],
        unique=False,
        sqlite_where=sa.text("update_id IS NOT NULL"),
        postgresql_where=sa.text("update_id IS NOT NULL"),
    )
