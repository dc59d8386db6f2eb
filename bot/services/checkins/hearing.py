"""What a participant's own words mean, and the help that they bring: text only ever raises a tier."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bot.domain import triage
from bot.domain.freetext import Found, Heard, read
from bot.domain.people import Participant
from bot.domain.protocol import Protocol
from bot.domain.triage import Assessment, Context
from bot.domain.trying import written_case
from bot.domain.words import Words
from bot.services.alerts import emergencies
from bot.services.alerts.alerts import raise_alert
from bot.services.checkins.judging import CASE, detail_of
from bot.services.checkins.spoken import measure_again
from bot.services.facts import HISTORY, context_of, course_of
from bot.storage import answers, findings
from bot.storage.db import Tx
from bot.storage.findings import NewFinding
from bot.storage.types import Subject
from bot.study import Study

# A word that no rule of the protocol waits for: AMBER to be reached within this many hours.
HOURS = 4
VERSION = 1
TEXT, SETTLED = "text", "settled"
BY_CAREGIVER = "（家人 · caregiver）"
"""Stands before a caregiver's words: staff read both in one thread."""
_PRIVATE = "TEXT:private"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard, and what the rules say of its readings and its names, in their context."""

    heard: Heard
    judged: Assessment
    context: Context

    @property
    def call_120(self) -> bool:
        """Tell whether it is 120 that should be called, rather than the way to the emergency department."""
        return self.heard.call_120 or self.judged.call_120

    def spotted(self, protocol: Protocol) -> tuple[tuple[str, str, int | None], ...]:
        """Return rule, tier and hours of each finding that it makes."""
        spotted = _spotted(protocol, self, unanswered=False)
        return tuple((each.rule, each.tier, each.hours) for each in spotted)


@dataclass(frozen=True, slots=True)
class _Spotted:
    rule: str
    version: int
    tier: Literal["red", "amber"]
    hours: int | None
    detail: Mapping[str, object]


async def hear(
    study: Study, tx: Tx, participant: Participant, text: str, now: datetime, *, settled: bool = False
) -> Hearing:
    """Return what a text means under the participant's clocks, flags and earlier reports.

    `settled`: what was doubtful in it was asked once more, and nobody answered.
    """
    past = await answers.history(tx, participant.id, now - HISTORY)
    course = await course_of(tx, participant)
    context = context_of(study, participant, course, past, study.protocol.report_form, now)
    return heard_in(text, study.protocol, context, settled=settled)


def heard_in(text: str, protocol: Protocol, context: Context, *, settled: bool = False) -> Hearing:
    """Return what a text means under a protocol and a context, whenever that was."""
    # Who wrote it is no part of it: the mark would make it somebody else's illness.
    heard = read(text.removeprefix(BY_CAREGIVER), protocol, context, settled=settled)
    judged = triage.assess(heard.answers, replace(context, heard=heard.heard), protocol)
    return Hearing(heard, judged, context)


async def act_on(
    study: Study,
    tx: Tx,
    participant: Participant,
    text_id: int,
    hearing: Hearing,
    now: datetime,
    *,
    asked_at: datetime | None = None,
    caregiver: bool = False,
) -> None:
    """Bring help for a text that was kept, in the caller's transaction.

    What is RED sends the emergency text first of all. `asked_at`: what it
    brought up was asked then, and nobody answered. `caregiver`: it was written
    by the one who cares.
    """
    unanswered = asked_at is not None
    by: Literal["self", "caregiver"] = "caregiver" if caregiver else "self"
    readings, said_at = hearing.heard.answers, asked_at or now
    report = await measure_again(study, tx, participant, text_id, readings, hearing.judged, by, said_at, now)
    new = list(_spotted(study.protocol, hearing, unanswered=unanswered, again=report is not None))
    case = {**written_case({}, hearing.context), TEXT: text_id, SETTLED: unanswered}
    for each in new or [_unclear(unanswered=unanswered)]:
        await findings.add(tx, replace(_row(study, participant, text_id, each, case), checkin_id=report), now)
    is_red = any(each.tier == "red" for each in new)
    if is_red:
        await emergencies.send(study, tx, participant, Subject(TEXT, text_id), hearing.call_120, now)
    verdict = Assessment(
        "red" if is_red else "amber",
        None if is_red else min((each.hours or HOURS for each in new), default=HOURS),
        hearing.judged.findings,
        hearing.call_120,
        (),
    )
    await raise_alert(tx, study, participant, None, verdict, now)


def _spotted(
    protocol: Protocol, hearing: Hearing, *, unanswered: bool, again: bool = False
) -> Iterator[_Spotted]:
    """Yield what the rules found, then each hazard that none of them stands for; each rule once."""
    notes = _notes(unanswered=unanswered)
    for finding in hearing.judged.findings:
        more = (*notes, Words("again.page_waiting")) if again and finding.remeasure else notes
        yield _Spotted(finding.rule, finding.version, finding.tier, finding.hours, detail_of(finding, more))
    seen: set[str] = set()
    # A hazard that is named twice counts for its gravest mention.
    for found in sorted(hearing.heard.findings, key=lambda each: each.act != "red"):
        if found.act != "queue" and not _has_a_rule(protocol, found, hearing):
            spotted = _by_word(protocol, found, notes)
            if spotted.rule not in seen:
                seen.add(spotted.rule)
                yield spotted


def _has_a_rule(protocol: Protocol, found: Found, hearing: Hearing) -> bool:
    """Tell whether a rule that fired says all that a word or a reading would."""
    fired = hearing.judged.findings
    if found.hazard in protocol.words.readings:
        return any(not each.items.isdisjoint(found.items) for each in fired)
    named = {each.rule for each in fired} - set(hearing.heard.rules)
    return found.heard is not None and bool(named)


def _by_word(protocol: Protocol, found: Found, notes: Sequence[Words]) -> _Spotted:
    """Return a hazard under a stable name; where an item is private, that name must not tell of it."""
    private = [item for item in found.items if protocol.items[item].private]
    detail = {
        "reason": Words(f"hazard.{found.hazard}").as_json(),
        "evidence": [],
        "notes": [note.as_json() for note in notes],
        "values": {f"{item}.words": True for item in private},
        "call_120": False,
        "serious_prompt": False,
    }
    rule = _PRIVATE if private else f"TEXT:{found.hazard}"
    is_red = found.act == "red"
    return _Spotted(rule, VERSION, "red" if is_red else "amber", None if is_red else HOURS, detail)


def _unclear(*, unanswered: bool) -> _Spotted:
    """Stand in where today's words find nothing any more in what was asked about before."""
    detail = {
        "reason": Words("hazard.unclear").as_json(),
        "notes": [note.as_json() for note in _notes(unanswered=unanswered)],
    }
    return _Spotted("TEXT:unclear", VERSION, "amber", HOURS, detail)


def _notes(*, unanswered: bool) -> tuple[Words, ...]:
    read_them = Words("words.page_read_them")
    return (read_them, Words("words.page_unanswered")) if unanswered else (read_them,)


def _row(
    study: Study, participant: Participant, text_id: int, each: _Spotted, case: Mapping[str, Any]
) -> NewFinding:
    return NewFinding(
        participant_id=participant.id,
        source=f"{TEXT}:{text_id}",
        rule=each.rule,
        rule_version=each.version,
        tier=each.tier,
        hours=each.hours,
        protocol_version=study.protocol.version,
        detail={**each.detail, CASE: case},
    )
