"""The talk with each participant: what waits, since when, whose task it is, and what has been said."""

from datetime import datetime, timedelta

from bot.domain import calendar, timetable
from bot.domain.people import Action, Participant, ParticipantStatus, PersonRef, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.screens.threads import Colleague, Filter, Line, ListView, Said, ThreadView
from bot.services import notices, people
from bot.services.notices import tell_coordinators, tell_member
from bot.services.talk.reading import mark_read
from bot.services.trail import record
from bot.storage import media, replies, staff, texts_in, threads
from bot.storage.db import Tx
from bot.storage.threads import Thread
from bot.study import Study

LOOK_BACK = timedelta(days=90)
MOST_DONE = 20
BATCH = 50


async def wait(study: Study, tx: Tx, participant: Participant, now: datetime) -> None:
    """Let a participant's thread wait for an answer, within the transaction that keeps the text."""
    await threads.wait(tx, participant.id, now, overdue_at(study, participant, now))


def overdue_at(study: Study, participant: Participant, since: datetime) -> datetime:
    """Return when an answer is overdue; not in the quiet hours, since no question may be urgent."""
    day = calendar.study_day(participant.day1_on, calendar.to_local(since, participant.zone).date())
    practice = study.protocol.practice
    within = practice.question_soon if day <= practice.near_days.value else practice.question_later
    return _awake(study, since + within.value)


def _awake(study: Study, at: datetime) -> datetime:
    return timetable.quiet_until(study.protocol.quiet_hours, at, study.site.zone) or at


async def listed(study: Study, by: PersonRef, chosen: Filter = "waiting") -> ListView:
    """Return the threads that wait, the longest waiting first; or the last that are answered."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        waiting = await threads.waiting(tx)
        some = await threads.done(tx, MOST_DONE) if chosen == "answered" else waiting
        shown = [each for each in some if _fits(each, chosen, by, now)]
        names = {member.id: member.name for member in await staff.all_(tx)}
        lines = tuple([await _line(tx, each, names, now) for each in shown])
        mine = sum(each.assigned_to == by.id for each in waiting)
        late = sum(each.overdue_at <= now for each in waiting)
        return ListView(chosen, lines, len(waiting), mine, late, study.site.zone, now)


def _fits(thread: Thread, chosen: Filter, by: PersonRef, now: datetime) -> bool:
    if chosen == "mine":
        return thread.assigned_to == by.id
    return chosen != "overdue" or thread.overdue_at <= now


async def _line(tx: Tx, thread: Thread, names: dict[int, str], now: datetime) -> Line:
    author = await people.participant(tx, thread.participant_id)
    return Line(
        author.id,
        author.code,
        thread.since,
        waits=thread.state == "waiting",
        overdue=thread.state == "waiting" and thread.overdue_at <= now,
        assigned_to=names.get(thread.assigned_to or 0),
    )


async def open_(study: Study, by: PersonRef, participant_id: int) -> ThreadView:
    """Return a thread with its history; opening it is reading it, and its author sees that."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        author = await people.participant(tx, participant_id)
        last = await texts_in.last_id(tx, author.id)
        await mark_read(study, tx, by, author, last, now)
        return await _view(study, tx, author, last, now)


async def _view(study: Study, tx: Tx, author: Participant, last: int, now: datetime) -> ThreadView:
    since = now - LOOK_BACK
    names = {member.id: member.name for member in await staff.all_(tx)}
    files = {each.text_id: each.medium.kind for each in await media.since(tx, author.id, since)}
    said = [
        Said(each.at, None, each.text, each.text, each.id, files.get(each.id), waits=each.state == "new")
        for each in await texts_in.of_participant(tx, author.id, since)
    ]
    said += [
        Said(each.at, names.get(each.staff_id, "?"), each.zh, each.en)
        for each in await replies.of_participant(tx, author.id, since)
    ]
    thread = await threads.get(tx, author.id)
    today = calendar.to_local(now, author.zone).date()
    return ThreadView(
        author.id,
        author.code,
        calendar.study_day(author.day1_on, today),
        study.site.zone,
        tuple(sorted(said, key=lambda each: each.at)),
        last,
        waits=thread is not None and thread.state == "waiting",
        overdue=thread is not None and thread.state == "waiting" and thread.overdue_at <= now,
        assigned_to=names.get(thread.assigned_to or 0) if thread else None,
        withdrawn=author.status is ParticipantStatus.WITHDRAWN,
    )


async def put_aside(study: Study, by: PersonRef, text_id: int) -> bool:
    """Note that a thread needs no answer up to a text; False when somebody had dealt with it before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        text = await texts_in.get(tx, text_id)
        if text is None:
            raise StaleTap(f"no text {text_id}")
        return await settle(study, tx, by, text.participant_id, text_id, now)


async def settle(study: Study, tx: Tx, by: PersonRef, participant_id: int, up_to: int, now: datetime) -> bool:
    """Record who has dealt with the texts up to one, within a transaction; a later one waits on."""
    if not await texts_in.mark_seen_up_to(tx, participant_id, up_to, by.id, now):
        return False
    about = PersonRef("participant", participant_id)
    await record(tx, study, by, "see_text", now, subject=about, after={"text": up_to})
    oldest = await threads.oldest_waiting(tx, participant_id)
    if oldest is None:
        await threads.answered(tx, participant_id)
    else:
        author = await people.participant(tx, participant_id)
        await threads.since(tx, participant_id, oldest, overdue_at(study, author, oldest))
    return True


async def colleagues(study: Study, by: PersonRef, participant_id: int) -> tuple[str, tuple[Colleague, ...]]:
    """Return the code of a thread, and whose task it may be made."""
    async with study.db.begin() as tx:
        await _may(tx, by)
        author = await people.participant(tx, participant_id)
        found = [each for each in await notices.coordinators(tx) if each.may(Action.ANSWER_MESSAGES)]
        return author.code, tuple(Colleague(each.id, each.name, me=each.id == by.id) for each in found)


async def assign(study: Study, by: PersonRef, participant_id: int, to: int) -> ThreadView:
    """Make a thread somebody's task, who is told; 0 makes it nobody's."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        author = await people.participant(tx, participant_id)
        thread = await threads.get(tx, author.id)
        if thread is None or author.status is ParticipantStatus.WITHDRAWN:
            raise StaleTap("no thread that anybody answers")
        member = await _assignee(tx, to)
        if thread.assigned_to != (member.id if member else None):
            await threads.assign(tx, author.id, member.id if member else None)
            before, after = {"assigned_to": thread.assigned_to}, {"assigned_to": to or None}
            await record(tx, study, by, "assign", now, subject=author.ref, before=before, after=after)
            if member is not None and member.ref != by:
                occurrence = f"{thread.id}:{member.id}:{now.isoformat()}"
                await tell_member(tx, member, "assigned", occurrence, now, about=author)
        last = await texts_in.last_id(tx, author.id)
        return await _view(study, tx, author, last, now)


async def _assignee(tx: Tx, to: int) -> StaffMember | None:
    member = await staff.get(tx, to) if to else None
    if to and (member is None or not member.may(Action.ANSWER_MESSAGES)):
        raise StaleTap("nobody who answers")
    return member


async def tick(study: Study) -> int:
    """Remind staff of what is overdue, once in every four hours; return of how many threads."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await threads.due(tx, now, BATCH)
        for thread in due:
            author = await people.participant(tx, thread.participant_id)
            occurrence = f"{thread.id}:{thread.wake_at.isoformat()}"
            since = thread.since.isoformat()
            member = await staff.get(tx, thread.assigned_to) if thread.assigned_to else None
            if member is not None and member.may(Action.ANSWER_MESSAGES):
                await tell_member(tx, member, "overdue", occurrence, now, about=author, at=since)
            else:
                await tell_coordinators(tx, "overdue", occurrence, now, about=author, at=since)
            again_at = now + study.protocol.practice.question_every.value
            await threads.set_wake(tx, thread.id, _awake(study, again_at))
    return len(due)


async def may_answer(tx: Tx, by: PersonRef) -> StaffMember:
    """Return the member of staff, who must be allowed to answer as their role is now."""
    return await _may(tx, by)


async def _may(tx: Tx, by: PersonRef) -> StaffMember:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.ANSWER_MESSAGES):
        raise NotAllowed(Action.ANSWER_MESSAGES)
    return member
