"""What staff look up: the visits of today and tomorrow, and where one participant stands."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Literal

from bot.domain import calendar, planning
from bot.domain.people import ENDED, Action, Participant, ParticipantStatus, PersonRef
from bot.domain.planning import PlannedVisit
from bot.errors import NotAllowed
from bot.screens.alerts import sae_lines, title
from bot.screens.card import CardView, PlanLine, Report
from bot.screens.enrol import Waiting
from bot.screens.overview import AlertLine, Asked, Expected, FormDue, TodayView
from bot.services.alerts.view import view_of
from bot.services.facts import course_of, is_scheduled
from bot.services.people import participant as participant_of
from bot.services.trail import record
from bot.storage import alerts, checkins, links, participants, phone_list, phones, staff, texts_in
from bot.storage import codes as join_codes
from bot.storage.alerts import Alert
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.study import Study

# The protocol asks at least once in four weeks.
LOOK_BACK = timedelta(days=35)
LAST_REPORTS = 3


async def today(study: Study, by: PersonRef) -> TodayView:
    """Return the visits of today and tomorrow where the site is, the live alerts, and what waits."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await today_view(study, tx, now)


async def today_view(study: Study, tx: Tx, now: datetime) -> TodayView:
    """Return the same in the caller's transaction."""
    first = calendar.to_local(now, study.site.zone).date()
    people = [each for each in await participants.all_(tx) if each.status not in ENDED]
    visits = [(each, visit) for each in people for visit in await _plan(study, tx, each)]
    days = [first + timedelta(days=n) for n in range(2)]
    since = calendar.local_to_utc(first - timedelta(days=1), time(0), study.site.zone)
    asked = await checkins.unanswered(tx, since)
    listed = {each.participant_id for each in await phone_list.all_live(tx)}
    in_chat = [each for each in people if each.id not in listed]
    return TodayView(
        tuple((on, _expected([pair for pair in visits if pair[1].on == on])) for on in days),
        await _lines(study, tx, await alerts.all_live(tx)),
        _with_status(in_chat, ParticipantStatus.ENROLLED),
        await texts_in.count_unseen(tx),
        by_phone=tuple(each.code for each in people if each.id in listed),
        open=_asked(people, asked, "open"),
        missed=_asked(people, asked, "missed"),
        unreachable=tuple([each.code for each in in_chat if await _is_lost(tx, each)]),
        not_agreed=_with_status(in_chat, ParticipantStatus.JOINED),
        forms=await _forms(study, tx, now),
    )


async def _forms(study: Study, tx: Tx, now: datetime) -> tuple[FormDue, ...]:
    views = [await view_of(study, tx, each) for each in await alerts.forms_due(tx)]
    return tuple(FormDue(view.id, title(view), view.code, tuple(sae_lines(view, now))) for view in views)


def _with_status(people: Iterable[Participant], status: ParticipantStatus) -> tuple[str, ...]:
    return tuple(each.code for each in people if each.status is status)


async def _is_lost(tx: Tx, each: Participant) -> bool:
    """Tell whether somebody has joined, and their chat takes nothing any more."""
    if each.status not in (ParticipantStatus.JOINED, ParticipantStatus.ACTIVE):
        return False
    link = await links.get(tx, each.ref)
    return link is None or link.unreachable_at is not None


def _asked(people: Iterable[Participant], asked: Iterable[Checkin], state: str) -> tuple[Asked, ...]:
    """Return the newest check-in of each person in that state, of those that the protocol asked."""
    found = {each.id: each for each in people}
    newest = {
        each.participant_id: each
        for each in asked
        if each.state == state and is_scheduled(each) and each.participant_id in found
    }
    return tuple(Asked(found[id_].code, each.due_at, found[id_].zone) for id_, each in newest.items())


async def _plan(study: Study, tx: Tx, participant: Participant) -> tuple[PlannedVisit, ...]:
    plan = planning.plan(await course_of(tx, participant), study.protocol)
    return tuple(visit for visit in plan if visit.takes_place)


def _expected(pairs: list[tuple[Participant, PlannedVisit]]) -> tuple[Expected, ...]:
    ordered = sorted(pairs, key=lambda pair: (pair[1].type.product is None, pair[1].starts_at, pair[0].code))
    return tuple(
        Expected(
            each.code,
            visit.type.name,
            visit.starts_at,
            each.zone,
            visit.facts.attendance if visit.is_ahead else "done",
            visit.type.product is not None,
            tuple(extra.staff for extra in visit.extras),
        )
        for each, visit in ordered
    )


async def _lines(study: Study, tx: Tx, live: list[Alert]) -> tuple[AlertLine, ...]:
    return tuple([AlertLine(each.id, title(await view_of(study, tx, each))) for each in live])


async def card(study: Study, by: PersonRef, code: str) -> CardView | None:
    """Return where a participant stands, by their code; None where there is none."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        found = await participants.by_code(tx, code.strip().zfill(3))
        return None if found is None else await _looked_at(study, tx, by, found, now)


async def card_of(study: Study, by: PersonRef, participant_id: int) -> CardView:
    """Return where a participant stands, by their id; StaleTap where there is none."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await _looked_at(study, tx, by, await participant_of(tx, participant_id), now)


async def _looked_at(study: Study, tx: Tx, by: PersonRef, known: Participant, now: datetime) -> CardView:
    """Return a card; opening that of somebody who has withdrawn stands in the trail."""
    if known.status is ParticipantStatus.WITHDRAWN:
        await record(tx, study, by, "see_withdrawn", now, subject=known.ref)
    return await card_view(study, tx, known, now)


async def card_view(study: Study, tx: Tx, known: Participant, now: datetime) -> CardView:
    """Return the same in the caller's transaction."""
    today_on = calendar.to_local(now, known.zone).date()
    plan = planning.plan(await course_of(tx, known), study.protocol)
    ahead = [each for each in plan if each.takes_place and each.is_ahead and each.on >= today_on]
    coming = ahead[0] if ahead and known.status not in ENDED else None
    recent = await checkins.since(tx, known.id, now - LOOK_BACK)
    waiting = next((each for each in reversed(recent) if each.state == "open"), None)
    link, by_phone = await links.get(tx, known.ref), await phone_list.get(tx, known.id)
    scheduled = [each for each in recent if is_scheduled(each)]
    return CardView(
        id=known.id,
        code=known.code,
        status=known.status.value,
        study_day=calendar.study_day(known.day1_on, today_on),
        reachable=link is not None and link.unreachable_at is None,
        next_name=coming.type.name if coming else None,
        next_at=coming.starts_at if coming else None,
        attendance=coming.facts.attendance if coming else "unknown",
        zone=known.zone,
        reports=_reports(recent),
        open_since=waiting.opened_at if waiting else None,
        alerts=await _lines(study, tx, await alerts.open_for(tx, known.id)),
        extras=tuple(extra.staff for extra in coming.extras) if coming else (),
        plan=tuple(PlanLine(each.type.name, each.on, _became(each)) for each in plan),
        flags=sorted(known.flags),
        answered=sum(each.state == "done" for each in scheduled),
        asked=len(scheduled),
        days=LOOK_BACK.days,
        has_phone=await phones.is_known(tx, known.id),
        by_phone=by_phone.reason if by_phone else None,
        withdrawn_at=known.withdrawn_at,
    )


def _reports(recent: Iterable[Checkin]) -> tuple[Report, ...]:
    done = [(each.finished_at, each.tier or "green") for each in recent if each.finished_at is not None]
    newest = sorted(done, key=lambda each: each[0], reverse=True)[:LAST_REPORTS]
    return tuple(Report(at, tier) for at, tier in newest)


def _became(visit: PlannedVisit) -> Literal["done", "missed", "held", "ahead"]:
    if visit.facts.status == "missed":
        return "missed"
    if visit.facts.status == "held":
        return "held"
    return "ahead" if visit.is_ahead else "done"


async def codes(study: Study, by: PersonRef) -> list[str]:
    """Return the codes of everyone who has not left."""
    async with study.db.begin() as tx:
        await _may(tx, by)
        return [each.code for each in await participants.all_(tx) if each.status not in ENDED]


async def not_joined(study: Study, by: PersonRef) -> list[Waiting]:
    """Return those who have not joined yet, each with the age of the last link."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        everyone = await participants.all_(tx)
        waiting = [each for each in everyone if each.status is ParticipantStatus.ENROLLED]
        return [await _waiting(tx, each, now) for each in waiting]


async def _waiting(tx: Tx, each: Participant, now: datetime) -> Waiting:
    last = await join_codes.latest(tx, each.ref)
    works = last is not None and last.works_at(now)
    return Waiting(each.id, each.code, each.enrolled_at or now, last.created_at if last else None, works)


async def _may(tx: Tx, by: PersonRef) -> None:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.SEE_PARTICIPANT):
        raise NotAllowed(Action.SEE_PARTICIPANT)
