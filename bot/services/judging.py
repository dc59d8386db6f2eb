"""Judging the answers of a check-in, and bringing help where they call for it."""

from datetime import datetime

from bot.domain import triage
from bot.domain.people import Participant
from bot.domain.triage import Assessment, Finding
from bot.screens.contact import emergency
from bot.services import people
from bot.services.alerts import raise_alert
from bot.services.facts import context_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import answers, findings, outbox
from bot.storage.answers import Answer
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.storage.findings import NewFinding
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

EMERGENCY = "emergency"


async def judge(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    now: datetime,
    *,
    finished: bool = False,
    keep: bool = True,
) -> Assessment:
    """Return what the answers so far mean; what is new in it is kept, pages staff, and helps the participant.

    All in the caller's transaction. While the form is open, a measurement
    without its place is judged at its mildest. `keep=False` only looks.
    """
    given = await answers.current(tx, checkin.id)
    context = await context_of(study, tx, participant, checkin.id, checkin.form, now)
    assess = triage.assess if finished else triage.assess_so_far
    verdict = assess({item: each.value for item, each in given.items()}, context, study.protocol)
    if keep:
        await _act(study, tx, participant, checkin, verdict, given, now)
    return verdict


async def _act(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    verdict: Assessment,
    given: dict[str, Answer],
    now: datetime,
) -> None:
    new = [
        each for each in verdict.findings if await _keep(study, tx, participant, checkin, each, given, now)
    ]
    if not new:
        return
    if any(each.tier == "red" for each in new):
        await _help(tx, participant, checkin, verdict.call_120, now)
    await raise_alert(tx, study, participant, checkin, verdict, now)


async def _keep(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    found: Finding,
    given: dict[str, Answer],
    now: datetime,
) -> bool:
    """Keep a finding under the latest answer that it rests on; False when it was kept before."""
    resting = [given[item].id for item in found.items if item in given]
    latest = max(resting, default=None)
    new = NewFinding(
        participant_id=participant.id,
        source=f"answer:{latest}" if latest is not None else f"checkin:{checkin.id}",
        rule=found.rule,
        rule_version=found.version,
        tier=found.tier,
        hours=found.hours,
        protocol_version=study.protocol.version,
        detail=_detail(found),
        checkin_id=checkin.id,
        answer_id=latest,
    )
    return await findings.add(tx, new, now) is not None


def _detail(found: Finding) -> dict[str, object]:
    return {
        "reason": found.reason.as_json(),
        "evidence": [each.as_json() for each in found.evidence],
        "notes": [each.as_json() for each in found.notes],
        "values": dict(found.values),
        "call_120": found.call_120,
        "serious_prompt": found.serious_prompt,
    }


async def _help(tx: Tx, participant: Participant, checkin: Checkin, call_120: bool, now: datetime) -> None:
    """Queue the emergency text once; once more only where "go there" becomes "call"."""
    called = await outbox.by_key(tx, _emergency_key(checkin, call_120=True))
    if called is not None:
        return
    intent = Intent(
        _emergency_key(checkin, call_120=call_120),
        EMERGENCY,
        outbox.URGENT,
        participant.ref,
        {"call_120": call_120, "checkin": checkin.id},
        subject=Subject("checkin", checkin.id),
    )
    await outbox.enqueue(tx, intent, now)


def _emergency_key(checkin: Checkin, *, call_120: bool) -> str:
    return f"emergency:{checkin.id}:{'call' if call_120 else 'go'}"


async def render_emergency(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the emergency text: true whatever has happened since."""
    if message.to is None:
        return Skip("nobody to help")
    participant = await people.participant(tx, message.to.id)
    return Outgoing(emergency(study.site, call_120=bool(message.params["call_120"])), participant.language)


KIND = Kind(render_emergency)
