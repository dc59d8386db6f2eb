"""What staff typed into the trail stands sealed beside it; rows from before stay as they are: append-only.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of words, of which none may be taken out; a new key may seal them anew."""
    op.create_table(
        "audit_words",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words_box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_words")),
        sqlite_strict=True,
    )
    statements = _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


_SQLITE = (
    "CREATE TRIGGER audit_words_never_deleted BEFORE DELETE ON audit_words"
    " BEGIN SELECT RAISE(ABORT, 'the words of the audit trail stay'); END",
)
_POSTGRESQL = (
    "CREATE TRIGGER audit_words_never_deleted BEFORE DELETE ON audit_words"
    " FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_words_never_truncated BEFORE TRUNCATE ON audit_words"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)
