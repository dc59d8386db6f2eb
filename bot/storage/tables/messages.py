"""What comes in, what goes out, and what is being written."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, person, ref, table, where
from bot.storage.types import BIG, Instant, Json

outbox = table(
    "outbox",
    id_(),
    must("key", Text, unique=True),
    must("kind", Text),
    # Which way out: the chat, or the second channel to staff.
    must("channel", Text),
    # The Bot API method, once sent.
    Column("method", Text),
    # 0 emergency text and pages, 1 replies, 2 reminders and check-ins, 3 broadcasts
    must("priority", Integer),
    *person(required=False),
    # Ids and text keys, never a person's words: those are loaded afresh when it is sent.
    must("params", Json),
    must("not_before", Instant),
    Column("expires_at", Instant),
    # queued → sending → sent | failed | uncertain | skipped | queued (retry, or once more after a crash);
    # queued → expired | skipped; skipped → queued (only a broadcast that was paused goes on)
    must("state", Text),
    must("attempts", Integer),
    # How often it went out once more although it had perhaps arrived.
    must("repeats", Integer),
    Column("lease_until", Instant),
    Column("last_error", Text),
    must("created_at", Instant),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("message_id", BIG),
    Column("text_box", LargeBinary),
    Column("subject_kind", Text),
    Column("subject_id", Integer),
    one_of("channel", "telegram", "second"),
    one_of("state", "queued", "sending", "sent", "failed", "expired", "skipped", "uncertain"),
    CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
    # A claim walks this one from the front, priority by priority: it never sees what is not due.
    Index("ix_outbox_due", "priority", "not_before", "id", **where("state = 'queued'")),
    Index("ix_outbox_next", "not_before", **where("state = 'queued'")),
    Index("ix_outbox_expiry", "expires_at", **where("state = 'queued'")),
    Index("ix_outbox_leases", "lease_until", **where("state = 'sending'")),
    Index("ix_outbox_subject", "subject_kind", "subject_id"),
    # For counting only: with the state in front it would be taken for the claims.
    Index("ix_outbox_counts", "priority", "state"),
    Index("ix_outbox_person", "person_kind", "person_id", "kind"),
)

attempts = table(
    "attempts",
    id_(),
    ref("outbox_id", "outbox"),
    must("n", Integer),
    must("at", Instant),
    must("result", Text),
    Column("detail", Text),
    one_of("result", "sent", "failed", "retry", "perhaps", "skipped", "crashed"),
    Index("ix_attempts_outbox", "outbox_id"),
)

inbox = table(
    "inbox",
    # The order of arrival: Telegram starts its ids anew after a quiet week.
    id_(),
    must("update_id", BIG, unique=True),
    must("received_at", Instant),
    Column("chat_key", Text),
    must("raw_box", LargeBinary),
    # new → done | quarantined (a third failure, or what can never be handled)
    must("state", Text),
    must("tries", Integer),
    Column("error", Text),
    Column("done_at", Instant),
    one_of("state", "new", "done", "quarantined"),
    Index("ix_inbox_new", "id", **where("state = 'new'")),
    Index("ix_inbox_quarantined", "id", **where("state = 'quarantined'")),
    Index("ix_inbox_done", "done_at", **where("state = 'done'")),
)

broadcasts = table(
    "broadcasts",
    id_(),
    ref("by_staff_id", "staff"),
    Column("text_zh_box", LargeBinary),
    Column("text_en_box", LargeBinary),
    # A picture or document as Telegram keeps it: its kind and its file id.
    Column("file_box", LargeBinary),
    must("audience", Json),
    # draft → awaiting (a second person's approval) → scheduled | sending; draft → scheduled | sending
    # scheduled → sending (its time has come); sending ⇄ paused; sending → done
    # awaiting | scheduled | sending | paused → stopped
    must("state", Text),
    must("created_at", Instant),
    # When it shall go out; NULL: at once.
    Column("send_at", Instant),
    ref("approved_by", "staff", required=False),
    Column("approved_at", Instant),
    Column("confirmed_at", Instant),
    Column("finished_at", Instant),
    Column("progress_message_id", BIG),
    must("version", Integer),
    one_of("state", "draft", "awaiting", "scheduled", "sending", "paused", "done", "stopped"),
    Index("ix_broadcasts_sending", "id", **where("state = 'sending'")),
    Index("ix_broadcasts_scheduled", "send_at", **where("state = 'scheduled'")),
)

drafts = table(
    "drafts",
    id_(),
    *person(),
    must("task", Text),
    must("step", Text),
    must("data_box", LargeBinary),
    Column("message_id", BIG),
    must("version", Integer),
    must("updated_at", Instant),
    UniqueConstraint("person_kind", "person_id"),
)

inbound_texts = table(
    "inbound_texts",
    id_(),
    ref("participant_id", "participants"),
    must("text_box", LargeBinary),
    must("at", Instant),
    must("update_id", BIG, unique=True),
    # new → seen (a member of staff has answered or put it aside)
    must("state", Text),
    Column("seen_at", Instant),
    ref("seen_by", "staff", required=False),
    one_of("state", "new", "seen"),
    Index("ix_inbound_texts_new", "id", **where("state = 'new'")),
    Index("ix_inbound_texts_participant", "participant_id", "at"),
)

asked_texts = table(
    "asked_texts",
    id_(),
    ref("text_id", "inbound_texts"),
    ref("participant_id", "participants"),
    # The items that were asked because of the text, by id.
    must("items", Json),
    # From when an answer to them counts.
    must("since", Instant),
    # Without an answer by then, staff are alerted.
    must("answer_by", Instant),
    # waiting → answered | alerted
    must("state", Text),
    one_of("state", "waiting", "answered", "alerted"),
    UniqueConstraint("text_id"),
    Index("ix_asked_texts_waiting", "answer_by", **where("state = 'waiting'")),
)
