"""The days of participants: other days that they ask for, calendar files, and when they are reminded."""

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, ref, table, where
from bot.storage.types import Day, Instant, Json

proposals = table(
    "proposals",
    id_(),
    ref("participant_id", "participants"),
    must("visit_type", Text),
    # The day on which they cannot come, and the one that they ask for.
    must("from_on", Day),
    must("to_on", Day),
    # open → accepted (staff moved the visit) | declined (staff will call) | withdrawn (another day, or moved)
    must("state", Text),
    must("created_at", Instant),
    Column("decided_at", Instant),
    ref("decided_by", "staff", required=False),
    one_of("state", "open", "accepted", "declined", "withdrawn"),
    Index("uq_proposals_open", "participant_id", "visit_type", unique=True, **where("state = 'open'")),
)

calendar_files = table(
    "calendar_files",
    id_(),
    ref("participant_id", "participants"),
    must("visit_type", Text),
    # What the last file said; a file that says otherwise has the next number.
    must("starts_at", Instant),
    must("sequence", Integer),
    must("given_at", Instant),
    UniqueConstraint("participant_id", "visit_type"),
)

reminder_times = table(
    "reminder_times",
    id_(),
    ref("participant_id", "participants"),
    # Reminder of the protocol → time on the wall, as HH:MM; what is not named is as the protocol has it.
    must("times", Json),
    must("changed_at", Instant),
    UniqueConstraint("participant_id"),
)
