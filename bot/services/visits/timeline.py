"""All visits of a participant, those that were and those to come, and each by itself."""

from datetime import datetime

from bot.domain import calendar, planning
from bot.domain.people import Participant
from bot.papers.calendar_file import FILE_NAME as CALENDAR_NAME
from bot.papers.calendar_file import Appointment, calendar_file
from bot.screens.visits import Timeline, VisitView
from bot.services import people
from bot.services.facts import course_of, planned_visit, visit_view
from bot.services.trail import record
from bot.services.visits.visits import is_expected
from bot.storage import calendar_files
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Verbatim

__all__ = ["CALENDAR_NAME", "for_calendar", "one", "timeline", "timeline_in"]


async def timeline(study: Study, participant: Participant) -> Timeline:
    """Return the visits before today or settled, and those to come, each in order."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        return await timeline_in(study, tx, participant, now)


async def timeline_in(study: Study, tx: Tx, participant: Participant, now: datetime) -> Timeline:
    """Return the visits within a transaction."""
    today = calendar.to_local(now, participant.zone).date()
    plan = planning.plan(await course_of(tx, participant), study.protocol)
    ahead = [each for each in plan if each.is_ahead and each.on >= today]
    past = [each for each in plan if each not in ahead]
    views = [tuple(visit_view(each, participant.zone) for each in some) for some in (past, ahead)]
    return Timeline(views[0], views[1], today)


async def one(study: Study, participant: Participant, visit_type: str) -> tuple[VisitView, bool]:
    """Return a visit of the plan, and whether the participant is still expected; StaleTap for none."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        visit = planned_visit(study, await course_of(tx, known), visit_type)
        return visit_view(visit, known.zone), is_expected(visit, known, now)


async def for_calendar(study: Study, participant: Participant, visit_type: str) -> bytes | None:
    """Return a visit as a file for the phone's calendar; None when it is over.

    Another file for the same visit replaces the first one there.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        visit = planned_visit(study, await course_of(tx, known), visit_type)
        if not is_expected(visit, known, now):
            return None
        sequence = await calendar_files.give(tx, known.id, visit.id, visit.starts_at, now)
        after = {"visit": visit.id, "sequence": sequence}
        await record(tx, study, known.ref, "calendar_file", now, subject=known.ref, after=after)
    where = Verbatim(study.site.address.zh_CN, study.site.address.en)
    uid = f"{known.id}-{visit.id}@{study.bot_username}".lower()
    given = Appointment(uid, sequence, visit.starts_at, known.zone, where)
    return calendar_file(given, study.texts, known.language, now)
