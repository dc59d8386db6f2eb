"""Reports that were asked and do not come: the participant is nudged, then staff have to telephone.

Clinical defaults 4 and 9, "Missed". The clock of a report runs from the
actual sending of its question. Everything is a row and a tick.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.findings import Assessment, Context, Finding
from bot.domain.missed import LastTier, Missed, MissedNow, assess_missed
from bot.domain.people import Participant, ParticipantStatus, PersonRef
from bot.domain.timetable import quiet_until
from bot.domain.words import Words
from bot.services import people
from bot.services.alerts import emergencies
from bot.services.alerts.alerts import raise_alert
from bot.services.checkins.judging import detail_of
from bot.services.facts import HISTORY, context_of, course_of, in_hospital, is_scheduled
from bot.services.trail import SYSTEM, record
from bot.storage import alerts, answers, awaited, checkins, findings, outbox
from bot.storage.awaited import Awaited
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.storage.findings import NewFinding
from bot.storage.outbox import Intent
from bot.storage.types import Subject
from bot.study import Study

log = logging.getLogger(__name__)

BATCH = 100
NUDGE = "nudge"
# A look that comes so late was not late by itself: nobody was there to look.
ON_TIME = timedelta(minutes=2)
_TIERS: tuple[LastTier, ...] = ("red", "amber")


async def begin(study: Study, tx: Tx, checkin: Checkin, sent_at: datetime) -> None:
    """Await the report of a scheduled check-in from the moment its question went out."""
    if not is_scheduled(checkin):
        return
    participant = await people.participant(tx, checkin.participant_id)
    context = await _context(study, tx, participant, checkin, sent_at)
    first = assess_missed(Missed(0), context, study.protocol).next_after_minutes
    if first is not None:
        look_at = sent_at + timedelta(minutes=first)
        await awaited.add(tx, participant.id, checkin.id, sent_at, look_at)


async def heard_from(tx: Tx, participant_id: int) -> None:
    """End the waiting for every report of somebody who has just finished one."""
    await awaited.settle_all(tx, participant_id, "answered")


async def let_go(tx: Tx, participant_id: int) -> None:
    """End the waiting for somebody who is in hospital or has left: nothing of theirs is missed."""
    await awaited.settle_all(tx, participant_id, "dropped")


async def who_is_nudged(tx: Tx, participant: Participant, *, caregiver: bool) -> list[PersonRef]:
    """Return who is reminded of an open report: the participant, and where `caregiver` is said theirs too."""
    others = await people.caregivers_of(tx, participant.id) if caregiver else []
    return [participant.ref, *others]


async def was_away(study: Study, away: timedelta) -> None:
    """Let every clock stand still for as long as the bot was down or cut off: nothing is missed meanwhile."""
    now = study.clock.now()
    if away <= ON_TIME:
        return
    async with study.db.begin() as tx:
        for each in await awaited.waiting(tx):
            missing = min(away, now - each.sent_at)
            await awaited.shift(
                tx, each.id, clock_from=each.clock_from + missing, look_at=each.look_at + missing
            )


async def tick(study: Study, last_at: datetime | None) -> int:
    """Look at every report whose next moment has come; return how many were looked at.

    `last_at`: the tick before. Where a look is late, nobody was there since then.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await awaited.due(tx, now, BATCH)
    if any(now - each.look_at > ON_TIME for each in due) and last_at is not None:
        await was_away(study, now - last_at)
        async with study.db.begin() as tx:
            due = await awaited.due(tx, now, BATCH)
    looked = 0
    for each in due:
        try:
            async with study.db.begin() as tx:
                await _look(study, tx, each, now)
            looked += 1
        except Exception:
            log.exception("the report of check-in %d could not be looked for", each.checkin_id)
    return looked


@dataclass(frozen=True, slots=True)
class _Case:
    """One report that has not come, with what decides what follows."""

    row: Awaited
    participant: Participant
    checkin: Checkin
    context: Context
    meaning: MissedNow


async def _look(study: Study, tx: Tx, row: Awaited, now: datetime) -> None:
    participant = await people.participant(tx, row.participant_id)
    checkin = await checkins.get(tx, row.checkin_id)
    if checkin is None or checkin.state == "done":
        await awaited.settle(tx, row.id, "answered")
        return
    if await _is_not_missed(tx, participant, now):
        await awaited.settle(tx, row.id, "dropped")
        return
    context = await _context(study, tx, participant, checkin, row.sent_at)
    meaning = assess_missed(await _missed(tx, row, now), context, study.protocol)
    await _follow(study, tx, _Case(row, participant, checkin, context, meaning), now)


async def _is_not_missed(tx: Tx, participant: Participant, now: datetime) -> bool:
    """Tell whether somebody has left, is in hospital, or is being called about a RED alert anyway."""
    if participant.status is not ParticipantStatus.ACTIVE or await in_hospital(tx, participant, now):
        return True
    live = await alerts.open_for(tx, participant.id)
    return any(each.tier == "red" and each.state in ("open", "acknowledged") for each in live)


async def _context(study: Study, tx: Tx, participant: Participant, checkin: Checkin, at: datetime) -> Context:
    """Return the clocks of the instant at which it was asked: they say which period counts."""
    course = await course_of(tx, participant)
    return context_of(study, participant, course, (), checkin.form, at)


async def _missed(tx: Tx, row: Awaited, now: datetime) -> Missed:
    late = (now - row.clock_from).total_seconds() / 60
    last = await _last_tier(tx, row.participant_id, now)
    return Missed(late, last, await alerts.contacted_since(tx, row.participant_id, row.sent_at))


async def _last_tier(tx: Tx, participant_id: int, now: datetime) -> LastTier | None:
    """Return what the last report was found to be, where its alert is not closed."""
    live = {each.id for each in await alerts.open_for(tx, participant_id)}
    past = await answers.history(tx, participant_id, now - HISTORY) if live else []
    if not past:
        return None
    last = max(past, key=lambda report: report.answered_at)
    found = await findings.since(tx, participant_id, now - HISTORY)
    tiers = {f.what.tier for f in found if f.what.checkin_id == last.checkin_id and f.what.alert_id in live}
    return next((tier for tier in _TIERS if tier in tiers), None)


async def _follow(study: Study, tx: Tx, case: _Case, now: datetime) -> None:
    row, meaning = case.row, case.meaning
    if meaning.nudges > row.nudged:
        await _nudge(study, tx, case, now)
    for finding in meaning.assessment.findings:
        await _alert(study, tx, case, finding, now)
    if meaning.next_after_minutes is None:
        await awaited.settle(tx, row.id, "alerted")
        return
    look_at = row.clock_from + timedelta(minutes=meaning.next_after_minutes)
    await awaited.move(tx, row.id, look_at=look_at, nudged=meaning.nudges)


async def _nudge(study: Study, tx: Tx, case: _Case, now: datetime) -> None:
    """Ask once more; by night only in the first hours after an infusion."""
    quiet = quiet_until(study.protocol.quiet_hours, now, case.participant.zone)
    watchful = _is_watchful(study, case.context.clocks.hours_since)
    for to in await who_is_nudged(tx, case.participant, caregiver=case.meaning.caregiver):
        intent = Intent(
            f"{NUDGE}:{case.checkin.id}:{case.meaning.nudges}:{to}",
            NUDGE,
            outbox.REMINDER,
            to,
            {"checkin": case.checkin.id},
            not_before=now if watchful else quiet,
            subject=Subject("checkin", case.checkin.id),
        )
        await outbox.enqueue(tx, intent, now)


def _is_watchful(study: Study, hours_since: Mapping[str, float]) -> bool:
    first = study.protocol.cadence.first_hours.hours
    return any(hours <= first for hours in hours_since.values())


async def _alert(study: Study, tx: Tx, case: _Case, found: Finding, now: datetime) -> None:
    """Keep that it is missed, and have somebody telephone; RED tells the participant to go for help."""
    new = NewFinding(
        participant_id=case.participant.id,
        source=f"missed:{case.checkin.id}:{found.tier}",
        rule=found.rule,
        rule_version=found.version,
        tier=found.tier,
        hours=found.hours,
        protocol_version=study.protocol.version,
        detail=detail_of(found, (Words("missed.page_task"),)),
    )
    if await findings.add(tx, new, now) is None:
        return
    await checkins.mark_missed(tx, case.checkin)
    after = {"key": case.checkin.key, "tier": found.tier, "hours": found.hours}
    await record(tx, study, SYSTEM, "miss_checkin", now, subject=case.participant.ref, after=after)
    if found.tier == "red":
        await emergencies.send(study, tx, case.participant, Subject("checkin", case.checkin.id), False, now)
    await raise_alert(tx, study, case.participant, None, _verdict(found), now)


def _verdict(found: Finding) -> Assessment:
    return Assessment(found.tier, found.hours, (found,), False, ())
