"""The protocols that were in force, so that an alert can be replayed under the one that raised it.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of protocols."""
    op.create_table(
        "protocols",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_protocols")),
        sqlite_strict=True,
    )
    op.create_index("ix_protocols_version", "protocols", ["version", "kept_at"], unique=False)
