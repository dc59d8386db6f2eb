"""Who belongs to an audience now, and who of them can be reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain import calendar, planning
from bot.domain.audience import Audience, is_meant
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.planning import PlannedVisit
from bot.services.facts import course_of
from bot.storage import participants
from bot.storage.db import Tx
from bot.study import Study


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everyone who is meant: `reached` have joined and agreed, `left_out` have not."""

    reached: tuple[Participant, ...]
    left_out: tuple[Participant, ...]

    def why_left_out(self) -> dict[str, list[str]]:
        """Return the codes of who is left out, by the reason."""
        return {
            "not_joined": [each.code for each in self.left_out if each.status is ParticipantStatus.ENROLLED],
            "not_agreed": [each.code for each in self.left_out if each.status is ParticipantStatus.JOINED],
        }


def can_read(participant: Participant) -> bool:
    """Tell whether a participant has joined and agreed to be written to."""
    return participant.status is ParticipantStatus.ACTIVE


async def crowd(study: Study, tx: Tx, audience: Audience, now: datetime) -> Crowd:
    """Return who is meant as it stands now."""
    meant = [each for each in await participants.all_(tx) if await _is_meant(study, tx, audience, each, now)]
    return Crowd(*(tuple(_those(meant, reached=reached)) for reached in (True, False)))


def _those(meant: Iterable[Participant], *, reached: bool) -> Iterable[Participant]:
    return (each for each in meant if can_read(each) is reached)


async def _is_meant(study: Study, tx: Tx, audience: Audience, each: Participant, now: datetime) -> bool:
    # The plan costs a query for each: it is read only where a criterion rests on it.
    by_plan = bool(audience.phases) or audience.visit_within is not None
    plan: tuple[PlannedVisit, ...] = ()
    if by_plan:
        plan = planning.plan(await course_of(tx, each), study.protocol)
    today = calendar.to_local(now, each.zone).date()
    return is_meant(audience, each, plan, study.protocol, now, today)
