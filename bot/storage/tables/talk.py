"""The talk between participants and team: threads, who has read what, pictures, and answers."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, ref, table, where
from bot.storage.types import BIG, Instant

threads = table(
    "threads",
    id_(),
    # One for each participant; its texts and its replies are found by the participant.
    ref("participant_id", "participants"),
    # waiting ⇄ answered: a text makes it wait, a reply or putting it aside ends that
    must("state", Text),
    # Of the oldest text that waits.
    must("since", Instant),
    # From then on it is overdue, and staff are reminded at `wake_at`, again and again.
    must("overdue_at", Instant),
    must("wake_at", Instant),
    ref("assigned_to", "staff", required=False),
    UniqueConstraint("participant_id"),
    one_of("state", "waiting", "answered"),
    Index("ix_threads_waiting", "since", **where("state = 'waiting'")),
    Index("ix_threads_wake", "wake_at", **where("state = 'waiting'")),
)

receipts = table(
    "receipts",
    id_(),
    ref("text_id", "inbound_texts"),
    ref("participant_id", "participants"),
    # What the participant was told at once: kept, asked, alerted, photo, unreadable; nothing for red.
    must("told", Text),
    # The message that says so, edited when a human has read the text; NULL until it is out.
    Column("message_id", BIG),
    # waiting → read → answered; waiting → answered
    must("state", Text),
    Column("read_at", Instant),
    ref("read_by", "staff", required=False),
    UniqueConstraint("text_id"),
    one_of("state", "waiting", "read", "answered"),
    one_of("told", "kept", "asked", "alerted", "photo", "unreadable", "red"),
    Index("ix_receipts_participant", "participant_id", "text_id"),
)

media = table(
    "media",
    id_(),
    ref("text_id", "inbound_texts"),
    ref("participant_id", "participants"),
    must("kind", Text),
    # Telegram's own name of the file and the message that brought it, sealed.
    must("file_box", LargeBinary),
    # Pictures that were sent together are acknowledged once.
    Column("album", Text),
    UniqueConstraint("text_id"),
    Index("ix_media_participant", "participant_id", "text_id"),
)

replies = table(
    "replies",
    id_(),
    ref("participant_id", "participants"),
    # The last text that its author had seen, and the last reply: of two at once, one is told.
    ref("text_id", "inbound_texts"),
    must("after_id", Integer),
    ref("staff_id", "staff"),
    must("zh_box", LargeBinary),
    must("en_box", LargeBinary),
    must("at", Instant),
    UniqueConstraint("participant_id", "after_id"),
)

saved_answers = table(
    "saved_answers",
    id_(),
    must("zh_box", LargeBinary),
    must("en_box", LargeBinary),
    ref("by_staff_id", "staff"),
    must("created_at", Instant),
    # live (NULL) → removed
    Column("removed_at", Instant),
)
