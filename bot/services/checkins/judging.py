"""Judging the answers of a check-in, and bringing help where they call for it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.domain import triage
from bot.domain.telling import REPEAT, second_words
from bot.domain.triage import Assessment, Finding
from bot.domain.trying import written_case
from bot.domain.words import Words
from bot.services.alerts import emergencies
from bot.services.alerts.alerts import raise_alert
from bot.services.checkins import remeasuring
from bot.services.checkins.forms import Sheet
from bot.services.facts import context_of
from bot.storage import findings
from bot.storage.db import Tx
from bot.storage.findings import NewFinding
from bot.storage.types import Subject
from bot.study import Study

CASE = "case"
"""Under this name a finding keeps what it was judged on."""


async def judge(study: Study, tx: Tx, sheet: Sheet, now: datetime, *, finished: bool = False) -> Assessment:
    """Return what the answers so far mean; what is new in it is kept, pages staff, and helps the participant.

    All in the caller's transaction.
    """
    verdict = verdict_on(study, sheet, now, finished=finished)
    new = [each for each in verdict.findings if await _keep(study, tx, sheet, each, now, finished=finished)]
    if any(each.tier == "red" for each in new):
        subject = Subject("checkin", sheet.checkin.id)
        await emergencies.send(study, tx, sheet.participant, subject, verdict.call_120, now)
    if new:
        await raise_alert(tx, study, sheet.participant, sheet.checkin, verdict, now)
    await remeasuring.watch(study, tx, sheet, verdict, now)
    return verdict


def verdict_on(study: Study, sheet: Sheet, now: datetime, *, finished: bool) -> Assessment:
    """Return what the answers so far mean, and change nothing.

    While the form is open, a measurement without its place is judged at its mildest.
    """
    context = context_of(study, sheet.participant, sheet.course, sheet.past, sheet.form.id, now)
    assess = triage.assess if finished else triage.assess_so_far
    return assess(sheet.given, context, study.protocol)


async def _keep(study: Study, tx: Tx, sheet: Sheet, found: Finding, now: datetime, *, finished: bool) -> bool:
    """Keep a finding under the latest answer that it rests on; False when it was kept before.

    What it was judged on is kept with it: it can be judged again under the same protocol.
    """
    context = context_of(study, sheet.participant, sheet.course, sheet.past, sheet.form.id, now)
    case = written_case(sheet.given, context, so_far=not finished)
    resting = [sheet.answers[item].id for item in found.items if item in sheet.answers]
    latest = max(resting, default=None)
    new = NewFinding(
        participant_id=sheet.participant.id,
        source=f"answer:{latest}" if latest is not None else f"checkin:{sheet.checkin.id}",
        rule=found.rule,
        rule_version=found.version,
        tier=found.tier,
        hours=found.hours,
        protocol_version=study.protocol.version,
        detail={**detail_of(found, _notes(study, sheet, found)), CASE: case},
        checkin_id=sheet.checkin.id,
        answer_id=latest,
    )
    return await findings.add(tx, new, now) is not None


def _notes(study: Study, sheet: Sheet, found: Finding) -> tuple[Words, ...]:
    return (*_by_whom(sheet, found), *_second_notes(study, sheet, found))


def _by_whom(sheet: Sheet, found: Finding) -> tuple[Words, ...]:
    """Say on the page where the caregiver answered what it rests on."""
    by = {each.answered_by for item, each in sheet.answers.items() if item in found.items}
    return (Words("alert.by_caregiver"),) if "caregiver" in by else ()


def _second_notes(study: Study, sheet: Sheet, found: Finding) -> Iterator[Words]:
    """Yield for staff what became of second readings: awaited, as measured, or none."""
    if found.remeasure:
        yield Words("again.page_waiting")
    for name in sorted(found.items & sheet.answers.keys()):
        value = sheet.answers[name].value
        if not isinstance(value, Mapping) or REPEAT not in value:
            continue
        second = second_words(study.protocol.items[name], value)
        yield Words("again.page_none") if second is None else Words("again.page_second", {"value": second})


def detail_of(found: Finding, more_notes: Sequence[Words] = ()) -> dict[str, object]:
    """Return why a finding fired, as it is kept: keys of texts and values, never words of a language."""
    return {
        "reason": found.reason.as_json(),
        "evidence": [each.as_json() for each in found.evidence],
        "notes": [each.as_json() for each in (*found.notes, *more_notes)],
        "values": dict(found.values),
        "call_120": found.call_120,
        "serious_prompt": found.serious_prompt,
    }
