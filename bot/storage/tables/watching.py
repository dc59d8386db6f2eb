"""What is waited for from participants: second readings, and reports that were asked."""

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, ref, table, where
from bot.storage.types import BIG, Flag, Instant

second_readings = table(
    "second_readings",
    id_(),
    ref("participant_id", "participants"),
    ref("checkin_id", "checkins"),
    must("item", Text),
    # The first reading, as the answer stands.
    ref("answer_id", "answers"),
    # When it is asked, and by when it must have come.
    must("ask_at", Instant),
    must("answer_by", Instant),
    # When the question went out, and its message.
    Column("asked_at", Instant),
    Column("message_id", BIG),
    # Whether an implausible value was just given for it.
    must("again", Flag),
    # The answer that came instead, where another report held the value.
    ref("second_id", "answers", required=False),
    # waiting → answered | missing (none came) | moot (corrected, closed, or no longer followed)
    must("state", Text),
    one_of("state", "waiting", "answered", "missing", "moot"),
    # One at a time for each thing that is measured: nobody is asked twice.
    Index("uq_second_readings_waiting", "participant_id", "item", unique=True, **where("state = 'waiting'")),
    Index("ix_second_readings_due", "answer_by", **where("state = 'waiting'")),
    Index("ix_second_readings_checkin", "checkin_id"),
)

awaited_reports = table(
    "awaited_reports",
    id_(),
    ref("participant_id", "participants"),
    ref("checkin_id", "checkins"),
    # When its question went out.
    must("sent_at", Instant),
    # From when its minutes count: the sending, later by what the bot was away.
    must("clock_from", Instant),
    # A hint: the next instant at which something may be due.
    must("look_at", Instant),
    must("nudged", Integer),
    # waiting → answered | alerted (nothing more follows) | dropped (not missed: hospital, a RED, has left)
    must("state", Text),
    UniqueConstraint("checkin_id"),
    one_of("state", "waiting", "answered", "alerted", "dropped"),
    Index("ix_awaited_reports_due", "look_at", **where("state = 'waiting'")),
    Index("ix_awaited_reports_participant", "participant_id", **where("state = 'waiting'")),
)
