"""To which days a visit may be moved: those of its window, with weekends and holidays named."""

from datetime import date, datetime

from bot import almanac
from bot.domain import calendar, planning, proposals
from bot.domain.people import Participant
from bot.domain.planning import PlannedVisit
from bot.domain.proposals import Proposal
from bot.domain.workdays import DAY, OfferedDay, Workdays, days_in, offered_day
from bot.services.facts import course_of
from bot.storage.db import Tx
from bot.study import Study


def workdays_of(study: Study, now: datetime) -> Workdays:
    """Return the working days of the site around an instant."""
    return almanac.workdays(study.site, calendar.to_local(now, study.site.zone).date())


def days_for(
    visit: PlannedVisit, workdays: Workdays, today: date, *, most: int = 35
) -> tuple[OfferedDay, ...]:
    """Return the days of a visit's window from today on; where it has one day only, the next two weeks."""
    days = days_in(visit.window, workdays, today)
    if len(days) > 1:
        return days[:most]
    first = max(visit.on, today)
    return tuple(offered_day(first + n * DAY, workdays) for n in range(14))


async def proposals_for(
    study: Study, tx: Tx, participant: Participant, now: datetime
) -> tuple[Proposal, ...]:
    """Return what is proposed for a participant's visits on days off."""
    today = calendar.to_local(now, participant.zone).date()
    plan = planning.plan(await course_of(tx, participant), study.protocol)
    return proposals.proposals(plan, workdays_of(study, now), today)
