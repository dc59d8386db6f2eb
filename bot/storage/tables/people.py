"""Participants, staff, their chats, and how they join."""

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, person, ref, table, where
from bot.storage.types import NUMBER, Day, Flag, Instant, Json

participants = table(
    "participants",
    id_(),
    must("code", Text, unique=True),
    must("arm", Text),
    must("dose", NUMBER),
    must("day1_on", Day),
    must("icf_on", Day),
    must("language", Text),
    must("zone", Text),
    must("flags", Json),
    must("baseline", Json),
    # enrolled → joined (chat linked) → active (both consents); active → joined (a consent refused later);
    # joined | active → enrolled (the bot was stopped, or the chat was not theirs);
    # any → withdrawn | completed, both ends
    must("status", Text),
    # A hint only: the next instant at which something may be due. NULL: nothing ever again.
    Column("wake_at", Instant, index=True),
    must("enrolled_at", Instant),
    Column("joined_at", Instant),
    Column("consented_at", Instant),
    Column("withdrawn_at", Instant),
    # The last day in hospital: what is asked at home starts the morning after.
    Column("inpatient_until_on", Day),
    one_of("language", "zh_CN", "en", "both"),
    one_of("status", "enrolled", "joined", "active", "withdrawn", "completed"),
)

staff = table(
    "staff",
    id_(),
    must("name", Text),
    must("role", Text),
    must("language", Text),
    must("on_call", Flag),
    # invited → active (joined) → revoked; invited → revoked
    must("status", Text),
    must("created_at", Instant),
    Column("revoked_at", Instant),
    one_of("role", "coordinator", "sub_investigator", "pi"),
    one_of("language", "zh_CN", "en"),
    one_of("status", "invited", "active", "revoked"),
)

links = table(
    "links",
    id_(),
    *person(),
    must("chat_key", Text),
    must("chat_box", LargeBinary),
    # live (ended_at NULL) → ended; while live, unreachable_at comes and goes
    must("linked_at", Instant),
    Column("ended_at", Instant),
    Column("unreachable_at", Instant),
    Index("uq_links_live_person", "person_kind", "person_id", unique=True, **where("ended_at IS NULL")),
    Index("uq_links_live_chat", "chat_key", unique=True, **where("ended_at IS NULL")),
)

codes = table(
    "codes",
    id_(),
    must("code_hash", Text, unique=True),
    *person(),
    must("created_at", Instant),
    must("expires_at", Instant),
    # open → used | revoked, by one conditional UPDATE; an open one expires by itself
    Column("used_at", Instant),
    Column("used_by_chat_key", Text),
    Column("revoked_at", Instant),
    Index("ix_codes_person", "person_kind", "person_id"),
)

code_tries = table(
    "code_tries",
    id_(),
    must("chat_key", Text),
    must("at", Instant, index=True),
    Index("ix_code_tries_chat", "chat_key", "at"),
)

# Apart from the participants, so that nobody who reads those has a number in hand by accident.
phones = table(
    "phones",
    id_(),
    ref("participant_id", "participants"),
    must("phone_box", LargeBinary),
    must("changed_at", Instant),
    UniqueConstraint("participant_id"),
)
