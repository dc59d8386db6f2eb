"""Which other days a participant is offered who cannot come."""

from datetime import date, datetime

from bot.domain import calendar
from bot.domain.people import Participant
from bot.domain.planning import PlannedVisit
from bot.domain.workdays import DAY, OfferedDay, days_in
from bot.services.visits.days import workdays_of
from bot.study import Study

MOST = 6


def other_days(
    study: Study, visit: PlannedVisit, participant: Participant, now: datetime
) -> tuple[date, ...]:
    """Return days inside the window from tomorrow on: working days first, those near the plan before others.

    Weekends come last, and holidays not at all. None for an infusion: its days are the site's to set.
    """
    if visit.type.kind != "follow_up":
        return ()
    tomorrow = calendar.to_local(now, participant.zone).date() + DAY
    days = days_in(visit.window, workdays_of(study, now), tomorrow)
    open_days = [each for each in days if each.on != visit.on and each.mark != "holiday"]

    def rank(each: OfferedDay) -> tuple[bool, int, date]:
        return each.mark != "working", abs((each.on - visit.planned_on).days), each.on

    return tuple(each.on for each in sorted(open_days, key=rank)[:MOST])
