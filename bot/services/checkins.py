"""Check-ins: opened on schedule or on request, answered step by step, each answer judged on receipt."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import checkin as flow
from bot.domain.agenda import DueCheckin, is_still_true
from bot.domain.checkin import Accepted, AskAgain, Question, Refused
from bot.domain.items import NONE
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.words import Words
from bot.errors import NotAllowed, StaleTap
from bot.screens import checkins as screens
from bot.screens.checkins import CheckinView
from bot.services import people
from bot.services.facts import facts_of, is_scheduled
from bot.services.forms import Sheet, load_sheet
from bot.services.judging import judge
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import answers, checkins, outbox
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Phrase, say

CHECKIN = "checkin"
# The fullest form is what somebody fills in who reports of their own accord.
REPORT_FORM = "full"


@dataclass(frozen=True, slots=True)
class Turn:
    """A check-in as it is after a tap or a typed answer, and what to say in passing.

    `message_id`: the message that shows the check-in so far, where there is one.
    """

    view: CheckinView
    toast: Phrase | None = None
    message_id: int | None = None


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
    await outbox.enqueue(tx, intent, now)


async def open_report(study: Study, participant: Participant, occurrence: str) -> Turn:
    """Open the full form at the participant's wish, or go on with the one that is open.

    `occurrence` names the message or press that asked for it: asking twice opens one.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        if known.status is not ParticipantStatus.ACTIVE:
            raise NotAllowed("not followed")
        going_on = await checkins.current_for(tx, known.id)
        if going_on is not None and going_on.form == REPORT_FORM:
            return await _turn(study, tx, known, going_on, now)
        key = f"report:{known.id}:{occurrence}"
        opened = await _open(study, tx, known, key, REPORT_FORM, now, now) or await checkins.by_key(tx, key)
        if opened is None:
            raise StaleTap("the report could not be opened")
        return await _turn(study, tx, known, opened, now)


async def _open(
    study: Study, tx: Tx, participant: Participant, key: str, form: str, due_at: datetime, now: datetime
) -> Checkin | None:
    """Open a check-in and put an end to those that are open still: what they hold has been judged."""
    opened = await checkins.open_(
        tx,
        participant_id=participant.id,
        key=key,
        form=form,
        due_at=due_at,
        now=now,
        protocol_version=study.protocol.version,
    )
    if opened is None:
        return None
    for older in await checkins.all_open(tx, participant.id):
        if older.id != opened.id:
            state = "missed" if is_scheduled(older) else "superseded"
            await checkins.advance(tx, older, state=state)
    sheet = await load_sheet(study, tx, participant, opened)
    first = sheet.next()
    started = await checkins.advance(tx, opened, current_item=first.token if first else None)
    await record(
        tx,
        study,
        participant.ref,
        "open_checkin",
        now,
        subject=participant.ref,
        after={"key": key, "form": form},
    )
    return started


async def record_answer(
    study: Study,
    participant: Participant,
    checkin_id: int,
    version: int,
    token: str,
    raw: str,
    update_id: int | None = None,
) -> Turn:
    """Take one tapped answer (`skip` for none), judge it, and go on to the next question.

    A press that comes too late changes nothing: the turn then shows the form as
    it is. StaleTap where the check-in is not this participant's.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known, checkin = await _own(tx, participant, checkin_id)
        late = await _late(study, tx, known, checkin, version, token, now)
        if late is not None:
            return late
        return await _answer(study, tx, known, checkin, raw, update_id, now)


async def toggle(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str, code: str, *, on: bool
) -> Turn:
    """Tick one of several, or take the tick away; each tick counts and is judged at once.

    The version stays the same, so that quick taps one after the other all count.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known, checkin = await _own(tx, participant, checkin_id)
        late = await _late(study, tx, known, checkin, version, token, now)
        if late is not None:
            return late
        sheet = await load_sheet(study, tx, known, checkin)
        question = sheet.at(token)
        if question.part.kind != "several" or code not in question.part.choices:
            raise StaleTap("nothing to tick")
        chosen = set(sheet.chosen(question))
        wanted = chosen | {code} if on else chosen - {code}
        if wanted != chosen:
            given = flow.accept_answer(question, tuple(wanted), sheet.given)
            if isinstance(given, Accepted):
                await _keep(study, tx, known, checkin, given, None, now)
        return await _turn(study, tx, known, checkin, now)


async def done_ticking(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str
) -> Turn:
    """Go on from a question where several may be ticked; nothing ticked means none of them."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known, checkin = await _own(tx, participant, checkin_id)
        late = await _late(study, tx, known, checkin, version, token, now)
        if late is not None:
            return late
        sheet = await load_sheet(study, tx, known, checkin)
        question = sheet.at(token)
        if question.part.kind != "several":
            raise StaleTap("nothing was ticked here")
        chosen = ",".join(sheet.chosen(question)) or NONE
        return await _answer(study, tx, known, checkin, chosen, None, now)


async def back(study: Study, participant: Participant, checkin_id: int, version: int, token: str) -> Turn:
    """Go back to the question before; its answer stays until another is given."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known, checkin = await _own(tx, participant, checkin_id)
        late = await _late(study, tx, known, checkin, version, token, now)
        if late is not None:
            return late
        earlier = (await load_sheet(study, tx, known, checkin)).before(token)
        if earlier is None:
            return replace(await _turn(study, tx, known, checkin, now), toast=say("checkin.toast_first"))
        moved = await checkins.advance(tx, checkin, current_item=earlier.token)
        return await _turn(study, tx, known, moved or checkin, now)


async def same_as_last(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str
) -> Turn:
    """Repeat the last report for every item that is not measured anew; each answer is judged."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known, checkin = await _own(tx, participant, checkin_id)
        late = await _late(study, tx, known, checkin, version, token, now)
        if late is not None:
            return late
        sheet = await load_sheet(study, tx, known, checkin)
        repeated = sheet.same()
        if not repeated:
            turn = await _turn(study, tx, known, checkin, now)
            return replace(turn, toast=say("checkin.toast_no_last"))
        for item, value in repeated.items():
            given = Accepted(item, value, done=True, judge=True)
            await _keep(study, tx, known, checkin, given, None, now)
        return await _go_on(study, tx, known, checkin, now)


async def answer_typed(study: Study, participant: Participant, text: str, update_id: int) -> Turn | None:
    """Take typed text as the answer to the open question; None where nothing is asked that it answers."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        checkin = await checkins.current_for(tx, known.id)
        if checkin is None or checkin.current_item is None:
            return None
        if await answers.given_by_update(tx, known.id, update_id):
            # The handler runs twice: the answer was taken, only the screen may be missing.
            return await _turn(study, tx, known, checkin, now)
        question = (await load_sheet(study, tx, known, checkin)).at(checkin.current_item)
        turn = await _answer(study, tx, known, checkin, text, update_id, now)
        refused = turn.view.note is not None and turn.view.version == checkin.version
        return None if refused and not question.typed else turn


async def remember_message(study: Study, checkin_id: int, message_id: int) -> None:
    """Keep which message shows the check-in, to edit it when an answer is typed."""
    async with study.db.begin() as tx:
        await checkins.set_message(tx, checkin_id, message_id)


async def _own(tx: Tx, participant: Participant, checkin_id: int) -> tuple[Participant, Checkin]:
    checkin = await checkins.get(tx, checkin_id)
    if checkin is None or checkin.participant_id != participant.id:
        raise StaleTap("not a check-in of this participant")
    return await people.participant(tx, participant.id), checkin


async def _late(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    version: int,
    token: str,
    now: datetime,
) -> Turn | None:
    """Return the form as it is when a button no longer fits it; None when it does."""
    if checkin.state == "open" and checkin.version == version and checkin.current_item == token:
        return None
    turn = await _turn(study, tx, participant, checkin, now)
    if checkin.state == "open":
        return replace(turn, toast=say("checkin.toast_moved_on"))
    if checkin.state == "done":
        return replace(turn, toast=say("checkin.toast_finished"))
    return replace(turn, toast=say("checkin.closed"))


async def _answer(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    raw: str,
    update_id: int | None,
    now: datetime,
) -> Turn:
    sheet = await load_sheet(study, tx, participant, checkin)
    given = flow.accept_answer(sheet.at(checkin.current_item or ""), raw, sheet.given)
    if isinstance(given, Refused):
        return _with_note(await _turn(study, tx, participant, checkin, now), given)
    if isinstance(given, AskAgain):
        asked = await checkins.advance(tx, checkin, current_item=given.question.token)
        return _with_note(await _turn(study, tx, participant, asked or checkin, now), given)
    await _keep(study, tx, participant, checkin, given, update_id, now)
    return await _go_on(study, tx, participant, checkin, now)


def _with_note(turn: Turn, why: Refused | AskAgain) -> Turn:
    values: dict[str, str | int | float | Words] = {
        name: value if isinstance(value, int | float) else str(value) for name, value in why.values.items()
    }
    return replace(turn, view=replace(turn.view, note=Words(why.key, values)))


async def _keep(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    given: Accepted,
    update_id: int | None,
    now: datetime,
) -> None:
    """Store an answer and judge all the answers so far: what is alarming pages in this transaction."""
    await answers.add(
        tx,
        checkin_id=checkin.id,
        item=given.item,
        value=given.value,
        now=now,
        answered_by="self",
        update_id=update_id,
    )
    await judge(study, tx, participant, checkin, now)


async def _go_on(study: Study, tx: Tx, participant: Participant, checkin: Checkin, now: datetime) -> Turn:
    following = (await load_sheet(study, tx, participant, checkin)).next()
    if following is not None:
        moved = await checkins.advance(tx, checkin, current_item=following.token)
        return await _turn(study, tx, participant, moved or checkin, now)
    verdict = await judge(study, tx, participant, checkin, now, finished=True)
    finished = await checkins.advance(
        tx, checkin, current_item=None, state="done", tier=verdict.tier, finished_at=now, answered_by="self"
    )
    after = {"key": checkin.key, "tier": verdict.tier}
    await record(tx, study, participant.ref, "finish_checkin", now, subject=participant.ref, after=after)
    return await _turn(study, tx, participant, finished or checkin, now)


async def _turn(study: Study, tx: Tx, participant: Participant, checkin: Checkin, now: datetime) -> Turn:
    """Return the check-in as it is, ready to be shown."""
    sheet = await load_sheet(study, tx, participant, checkin)
    verdict = await judge(study, tx, participant, checkin, now, finished=checkin.state != "open", keep=False)
    question = _shown(sheet, checkin)
    view = CheckinView(
        checkin_id=checkin.id,
        version=checkin.version,
        form=checkin.form,
        state=checkin.state,
        question=question,
        chosen=sheet.chosen(question) if question else (),
        is_red=verdict.tier == "red",
        same=question is not None and sheet.may_repeat(),
        can_go_back=question is not None and sheet.before(question.token) is not None,
        tier=checkin.tier,
        call_120=verdict.call_120,
        stay_home=checkin.form == "pre_infusion",
    )
    return Turn(view, message_id=checkin.message_id)


def _shown(sheet: Sheet, checkin: Checkin) -> Question | None:
    if checkin.state != "open" or checkin.current_item is None:
        return None
    return sheet.at(checkin.current_item)


async def render_checkin(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the first question, or the one at which the participant stands; skipped when it is over."""
    checkin = await checkins.get(tx, message.params["checkin"])
    if checkin is None or checkin.state != "open":
        return Skip("no longer open")
    participant = await people.participant(tx, checkin.participant_id)
    facts = await facts_of(tx, participant, now)
    if not is_still_true(facts, study.protocol, message.key, now):
        return Skip("no longer true")
    turn = await _turn(study, tx, participant, checkin, now)
    return Outgoing(screens.checkin(turn.view, study.site), participant.language)


async def checkin_sent(study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime) -> None:
    """Remember which message shows the check-in."""
    if message_id is not None:
        await checkins.set_message(tx, message.params["checkin"], message_id)


KIND = Kind(render_checkin, after_sent=checkin_sent)
