"""The audit trail, and single values about the installation."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text

from bot.storage.tables.base import must, one_of, table
from bot.storage.types import Instant, Json

audit = table(
    "audit",
    # Given by us, one after the other: a gap is a missing row.
    Column("id", Integer, primary_key=True, autoincrement=False),
    must("at", Instant),
    must("zone", Text),
    must("actor_kind", Text),
    Column("actor_id", Integer),
    Column("actor_name", Text),
    must("action", Text),
    Column("subject_kind", Text),
    Column("subject_id", Integer),
    Column("before", Json),
    Column("after", Json),
    Column("reason", Text),
    # Unique, so that the chain cannot fork.
    must("prev_hash", Text, unique=True),
    must("hash", Text),
    one_of("actor_kind", "participant", "staff", "system", "operator", "caregiver"),
    Index("ix_audit_subject", "subject_kind", "subject_id"),
)

# What was typed for a row of the trail; its `reason` holds what proves these words.
audit_words = table(
    "audit_words",
    # The row's own id. No reference: whoever cuts a row out is found by the chain.
    Column("id", Integer, primary_key=True, autoincrement=False),
    must("words_box", LargeBinary),
)

meta = table("meta", Column("key", Text, primary_key=True), must("value", Text))

# Every protocol that was signed or judged by, so that an alert can be replayed under the one that raised it.
protocols = table(
    "protocols",
    Column("digest", Text, primary_key=True),
    must("version", Text),
    Column("anchor", Text),
    must("definition", LargeBinary),
    Column("words", LargeBinary),
    must("kept_at", Instant),
    Index("ix_protocols_version", "version", "kept_at"),
)
