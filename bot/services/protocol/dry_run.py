"""The dry run of a new protocol: what it would change for each participant, before anybody signs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.comparing import Change, Given, Person, changed_keys, changes
from bot.domain.definition import parsed
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.protocol import Protocol
from bot.services.facts import course_of
from bot.storage import answers, participants
from bot.storage.db import Tx
from bot.study import Study

_BACK = timedelta(days=45)
"""As far back as a report and the reports before it that it is compared with."""
_FOLLOWED = (ParticipantStatus.ENROLLED, ParticipantStatus.JOINED, ParticipantStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What differs in the file, (key, before, after), and for whom; who is not affected is not named."""

    keys: list[tuple[str, Any, Any]]
    people: dict[str, list[Change]]
    looked_at: int


async def dry_run(study: Study, new: Protocol) -> DryRun:
    """Compare a protocol with the one in force for everybody who is still followed; nothing is changed."""
    now, old = study.clock.now(), study.protocol
    async with study.db.begin() as tx:
        followed = [each for each in await participants.all_(tx) if each.status in _FOLLOWED]
        people = {each.code: await _person(tx, each, now) for each in followed}
    found = {code: changes(person, old, new, now) for code, person in people.items()}
    before = parsed(old.source.definition, old.id)
    keys = changed_keys(before, parsed(new.source.definition, new.id))
    return DryRun(keys, {code: each for code, each in found.items() if each}, len(people))


async def _person(tx: Tx, participant: Participant, now: datetime) -> Person:
    past = await answers.history(tx, participant.id, now - _BACK)
    # One left half-way counts: what it holds was judged as it came, and is often the gravest.
    given = tuple(Given(each.form, each.answered_at, each.answers) for each in past if each.answers)
    baseline = {name: float(v) for name, v in participant.baseline.items() if isinstance(v, int | float)}
    return Person(await course_of(tx, participant), participant.flags, baseline, given)
