"""Visits, check-ins, answers, and the alerts that come of them."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, UniqueConstraint

from bot.storage.tables.base import id_, must, one_of, ref, table, where
from bot.storage.types import BIG, Day, Flag, Instant, Json, TimeOfDay

visits = table(
    "visits",
    id_(),
    ref("participant_id", "participants"),
    must("visit_type", Text),
    # Facts only: the plan is computed from the protocol and the anchor.
    Column("moved_to_on", Day),
    Column("moved_to_time", TimeOfDay),
    # unknown ⇄ coming ⇄ cannot, as often as the participant says so; a move sets it back to unknown
    must("attendance", Text),
    Column("attendance_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    # planned → done | missed | elsewhere (follow-up), done | held (infusion), cancelled (an unscheduled one);
    # missed → done | elsewhere (recorded late); held → done (given after all); any of them → planned, by a
    # correction whose reason, with what stood there before, is kept in the audit trail
    must("status", Text),
    # Of an infusion that took place; one of which nothing was given is held.
    Column("dose_given", Text),
    Column("reaction", Flag),
    # What staff say about it: where it was done, why it was missed or moved, what was seen.
    Column("note_box", LargeBinary),
    UniqueConstraint("participant_id", "visit_type"),
    one_of("attendance", "unknown", "coming", "cannot"),
    one_of("status", "planned", "done", "missed", "held", "elsewhere", "cancelled"),
    one_of("dose_given", "full", "partial"),
)

checkins = table(
    "checkins",
    id_(),
    ref("participant_id", "participants"),
    must("key", Text, unique=True),
    must("form", Text),
    must("due_at", Instant),
    must("opened_at", Instant),
    # open → done | missed | superseded (another was opened); superseded → missed (no report came at all);
    # missed → open (answered late after all)
    must("state", Text),
    Column("message_id", BIG),
    Column("current_item", Text),
    Column("tier", Text),
    # Rises with every change: a button that carries an older one is stale.
    must("version", Integer),
    Column("answered_by", Text),
    Column("finished_at", Instant),
    must("protocol_version", Text),
    one_of("state", "open", "done", "missed", "superseded"),
    one_of("tier", "red", "amber", "green"),
    Index("ix_checkins_participant", "participant_id", "due_at"),
)

answers = table(
    "answers",
    id_(),
    ref("checkin_id", "checkins"),
    must("item", Text),
    # NULL: skipped. The person's own words are taken out of it, into the box.
    Column("value", Json),
    Column("text_box", LargeBinary),
    must("answered_at", Instant),
    Column("update_id", BIG),
    must("answered_by", Text),
    # live (NULL) → superseded by a later answer to the same item
    Column("superseded_at", Instant),
    Index("uq_answers_live", "checkin_id", "item", unique=True, **where("superseded_at IS NULL")),
    Index("ix_answers_checkin", "checkin_id", "id"),
    Index("ix_answers_update", "update_id", **where("update_id IS NOT NULL")),
)

alerts = table(
    "alerts",
    id_(),
    ref("participant_id", "participants"),
    must("tier", Text),
    Column("hours", Integer),
    # When it got its present tier: later than its opening where it was raised.
    must("tier_since", Instant),
    # open → acknowledged → contacted → closed; open | acknowledged → contacted; any but closed → closed;
    # acknowledged | contacted → open where something graver was found. A closed one is woken only for the
    # form of a potential serious adverse event, until that was recorded as sent.
    must("state", Text),
    must("opened_at", Instant),
    Column("acknowledged_at", Instant),
    ref("acknowledged_by", "staff", required=False),
    Column("contacted_at", Instant),
    ref("contacted_by", "staff", required=False),
    Column("closed_at", Instant),
    ref("closed_by", "staff", required=False),
    Column("outcome", Text),
    Column("note_box", LargeBinary),
    # How often it was paged, the highest step paged (-1: none yet), and when last.
    must("round", Integer),
    must("step", Integer),
    Column("paged_at", Instant),
    Column("participant_asked_at", Instant),
    Column("wake_at", Instant, index=True),
    must("protocol_version", Text),
    # What the page says (clocks, reasons), as it was when the alert was opened.
    must("facts_box", LargeBinary),
    one_of("tier", "red", "amber"),
    one_of("state", "open", "acknowledged", "contacted", "closed"),
    Index("ix_alerts_live", "participant_id", **where("state <> 'closed'")),
)

findings = table(
    "findings",
    id_(),
    ref("participant_id", "participants"),
    ref("checkin_id", "checkins", required=False),
    ref("answer_id", "answers", required=False),
    must("rule", Text),
    must("rule_version", Integer),
    must("tier", Text),
    Column("hours", Integer),
    # The reason in keys and values: values may quote the person's own words.
    must("detail_box", LargeBinary),
    must("protocol_version", Text),
    must("found_at", Instant),
    ref("alert_id", "alerts", required=False),
    # What it was found in, so that the same is found once: `answer:5`, `text:7`, `missed:3`.
    must("source", Text),
    UniqueConstraint("source", "rule"),
    one_of("tier", "red", "amber", "green"),
    Index("ix_findings_participant", "participant_id", "found_at"),
    Index("ix_findings_alert", "alert_id"),
)
