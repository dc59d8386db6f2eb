"""Check-ins: opened on schedule or on request, and shown; answering.py takes what is answered."""

from datetime import datetime

from bot.domain import checkin as flow
from bot.domain.agenda import DueCheckin, is_still_true
from bot.domain.people import Participant, ParticipantStatus
from bot.errors import NotAllowed, StaleTap
from bot.screens import checkins as screens
from bot.services import people
from bot.services.checkins import awaiting
from bot.services.checkins.forms import load_sheet, who_of
from bot.services.checkins.turns import Turn, turn_of
from bot.services.facts import facts_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import checkins, outbox
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

CHECKIN = "checkin"


async def open_scheduled(
    study: Study, tx: Tx, participant: Participant, item: DueCheckin, now: datetime
) -> None:
    """Open a check-in that is due and queue its first question; an older open one is over with it."""
    opened = await _open(study, tx, participant, item.key, item.form, item.due_at, now)
    if opened is None:
        return
    intent = Intent(
        item.key,
        CHECKIN,
        outbox.REMINDER,
        participant.ref,
        {"checkin": opened.id},
        expires_at=item.expires_at,
        subject=Subject(CHECKIN, opened.id),
    )
    await outbox.enqueue_many(tx, [intent, *await people.copies(tx, intent, participant.id)], now)


async def open_report(study: Study, participant: Participant, occurrence: str) -> Turn:
    """Open the full form at the participant's wish, or go on with the one that is open.

    `occurrence` names the message or press that asked for it: asking twice opens one.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        if known.status is not ParticipantStatus.ACTIVE:
            raise NotAllowed("not followed")
        checkin = await _report(study, tx, known, f"report:{known.id}:{occurrence}", now)
        return turn_of(study, await load_sheet(study, tx, known, checkin, now), now)


async def _report(study: Study, tx: Tx, participant: Participant, key: str, now: datetime) -> Checkin:
    going_on = await checkins.current_for(tx, participant.id)
    form = study.protocol.report_form
    if going_on is not None and going_on.form == form:
        return going_on
    opened = await _open(study, tx, participant, key, form, now, now) or await checkins.by_key(tx, key)
    if opened is None:
        raise StaleTap("the report could not be opened")
    return opened


async def _open(
    study: Study, tx: Tx, participant: Participant, key: str, form: str, due_at: datetime, now: datetime
) -> Checkin | None:
    """Open a check-in in place of those that are open still: what they hold has been judged.

    Their reports are awaited all the same, until something is heard.
    """
    opened = await checkins.open_(
        tx,
        participant_id=participant.id,
        key=key,
        form=form,
        due_at=due_at,
        now=now,
        protocol_version=study.protocol.version,
        current_item=await _first_step(study, tx, participant, form, now),
    )
    if opened is None:
        return None
    for older in await checkins.all_open(tx, participant.id):
        if older.id != opened.id:
            await checkins.advance(tx, older, state="superseded")
    after = {"key": key, "form": form}
    await record(tx, study, participant.ref, "open_checkin", now, subject=participant.ref, after=after)
    return opened


async def _first_step(study: Study, tx: Tx, participant: Participant, form: str, now: datetime) -> str | None:
    asked = study.protocol.forms[form]
    who = await who_of(study, tx, participant, asked, now)
    first = flow.next_question(asked, study.protocol.items, {}, who)
    return None if first is None else first.token


async def remember_message(study: Study, checkin_id: int, message_id: int) -> None:
    """Keep which message shows the check-in, to edit it when an answer is typed."""
    async with study.db.begin() as tx:
        await checkins.set_message(tx, checkin_id, message_id)


async def render_checkin(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the first question, or the one at which the participant stands; skipped when it is over."""
    checkin = await checkins.get(tx, message.params["checkin"])
    if checkin is None or checkin.state != "open":
        return Skip("no longer open")
    if message.to is None:
        return Skip("nobody to ask")
    participant = await people.reader(tx, message.to)
    facts = await facts_of(tx, participant, now)
    if not is_still_true(facts, study.protocol, message.params.get("key", message.key), now):
        return Skip("no longer true")
    turn = turn_of(study, await load_sheet(study, tx, participant, checkin, now, facts.course), now)
    return Outgoing(screens.checkin(turn.view, study.site), participant.language)


async def checkin_sent(study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime) -> None:
    """Remember which message shows the check-in, and await its report from now on."""
    if message.to is not None and message.to.kind == "caregiver":
        return
    if message_id is not None:
        await checkins.set_message(tx, message.params["checkin"], message_id)
    checkin = await checkins.get(tx, message.params["checkin"])
    if checkin is not None:
        await awaiting.begin(study, tx, checkin, now)


KIND = Kind(render_checkin, after_sent=checkin_sent)
