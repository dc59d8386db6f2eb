"""Who is on call when, and which findings staff have closed as known."""

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, ref, table, where
from bot.storage.types import Day, Instant

# One person for each duty day; a duty day begins at the hour of change and lasts until the next one's.
rota = table(
    "rota",
    id_(),
    must("duty_on", Day, unique=True),
    ref("staff_id", "staff"),
)

duty_hours = table(
    "duty_hours",
    id_(),
    ref("staff_id", "staff"),
    # on: on call too, for these hours; off: not on call, whatever the rota says
    must("kind", Text),
    must("starts_at", Instant),
    must("ends_at", Instant),
    one_of("kind", "on", "off"),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index("ix_duty_hours_ends", "ends_at"),
)

duty_swaps = table(
    "duty_swaps",
    id_(),
    must("duty_on", Day),
    ref("from_staff_id", "staff"),
    ref("to_staff_id", "staff"),
    # asked → accepted | declined | void (the rota had changed, or the day had begun)
    must("state", Text),
    must("asked_at", Instant),
    Column("answered_at", Instant),
    one_of("state", "asked", "accepted", "declined", "void"),
    Index("uq_duty_swaps_asked", "duty_on", "to_staff_id", unique=True, **where("state = 'asked'")),
)

known = table(
    "known",
    id_(),
    ref("participant_id", "participants"),
    ref("alert_id", "alerts"),
    # Until then the findings of that alert, no worse than they were, raise nothing.
    must("until", Instant),
    UniqueConstraint("alert_id"),
    Index("ix_known_participant", "participant_id", "until"),
)
