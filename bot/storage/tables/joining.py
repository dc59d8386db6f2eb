"""What joining leaves behind: consents, proofs of a chat, caregivers, and who is phoned instead."""

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, person, ref, table, where
from bot.storage.types import Instant

consents = table(
    "consents",
    id_(),
    *person(),
    must("kind", Text),
    # Which edition of the text was read, and in which language.
    must("version", Text),
    must("language", Text),
    # Never changed: the newest row of a kind counts. void: given on a phone that turned out to be another's.
    must("decision", Text),
    must("at", Instant),
    one_of("kind", "sensitive", "abroad"),
    one_of("decision", "given", "refused", "withdrawn", "void"),
    Index("ix_consents_person", "person_kind", "person_id", "id"),
)

link_checks = table(
    "link_checks",
    id_(),
    ref("link_id", "links"),
    # What Telegram calls the account: for staff to tell who joined, gone once they have.
    Column("account_box", LargeBinary),
    Column("tested_at", Instant),
    Column("seen_at", Instant),
    Column("confirmed_at", Instant),
    ref("confirmed_by", "staff", required=False),
    UniqueConstraint("link_id"),
)

caregivers = table(
    "caregivers",
    id_(),
    ref("participant_id", "participants"),
    must("relation", Text),
    must("language", Text),
    # invited → joined (chat linked) → active (consented); any → ended
    must("status", Text),
    must("invited_at", Instant),
    Column("joined_at", Instant),
    Column("ended_at", Instant),
    one_of("relation", "spouse", "child", "parent", "other"),
    one_of("language", "zh_CN", "en", "both"),
    one_of("status", "invited", "joined", "active", "ended"),
    Index("ix_caregivers_participant", "participant_id", "id"),
)

phone_list = table(
    "phone_list",
    id_(),
    ref("participant_id", "participants"),
    must("reason", Text),
    # live (ended_at NULL) → ended (the chat is used after all, or the study is left)
    must("since_at", Instant),
    Column("ended_at", Instant),
    Column("called_at", Instant),
    ref("called_by", "staff", required=False),
    one_of("reason", "refused", "stopped", "leaving"),
    Index("uq_phone_list_live", "participant_id", unique=True, **where("ended_at IS NULL")),
)
