"""Answering a check-in: step by step, each tap one transaction, each answer judged on receipt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.domain import checkin as flow
from bot.domain.checkin import Accepted, AskAgain, Question, Refused
from bot.domain.items import NONE
from bot.domain.people import Participant
from bot.domain.triage import Assessment
from bot.errors import StaleTap
from bot.services import people
from bot.services.checkins import copies
from bot.services.checkins.asking import doubt
from bot.services.checkins.awaiting import heard_from
from bot.services.checkins.forms import Sheet, load_sheet
from bot.services.checkins.judging import judge, verdict_on
from bot.services.checkins.measuring import meet
from bot.services.checkins.turns import Turn, turn_of
from bot.services.trail import record
from bot.storage import answers, checkins
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import say


async def record_answer(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str, raw: str
) -> Turn:
    """Take one tapped answer (`skip` for none), judge it, and go on to the next question.

    A press that comes too late changes nothing: the turn then shows the form as
    it is. StaleTap where the check-in is not this participant's.
    """
    async with _step(study, participant, checkin_id) as step:
        return step.late(version, token) or await step.answer(raw)


async def toggle(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str, code: str, *, on: bool
) -> Turn:
    """Tick one of several, or take the tick away; each tick counts and is judged at once.

    The version stays the same, so that quick taps one after the other all count.
    """
    async with _step(study, participant, checkin_id) as step:
        return step.late(version, token) or await step.tick(step.several(token, code), code, on=on)


async def done_ticking(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str
) -> Turn:
    """Go on from a question where several may be ticked; nothing ticked means none of them."""
    async with _step(study, participant, checkin_id) as step:
        late = step.late(version, token)
        if late is not None:
            return late
        return await step.answer(",".join(step.sheet.chosen(step.several(token))) or NONE)


async def back(study: Study, participant: Participant, checkin_id: int, version: int, token: str) -> Turn:
    """Go back to the question before; its answer stays until another is given."""
    async with _step(study, participant, checkin_id) as step:
        return step.late(version, token) or await step.back(token)


async def same_as_last(
    study: Study, participant: Participant, checkin_id: int, version: int, token: str
) -> Turn:
    """Repeat the last report for every item that is not measured anew, and judge what that makes."""
    async with _step(study, participant, checkin_id) as step:
        return step.late(version, token) or await step.repeat_last()


async def answer_typed(study: Study, participant: Participant, text: str, update_id: int) -> Turn | None:
    """Take typed text as the answer to the open question; None where nothing is asked that it answers."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        checkin = await checkins.current_for(tx, known.id)
        if checkin is None or checkin.current_item is None:
            return None
        checkin = await _late_after_all(tx, checkin)
        step = _Step(study, tx, await load_sheet(study, tx, known, checkin, now), now, participant)
        if await answers.given_by_update(tx, known.id, update_id):
            # The handler runs twice: the answer was taken, only the screen may be missing.
            return step.turn()
        is_typed = step.sheet.at(step.sheet.checkin.current_item or "").typed
        turn = await step.answer(text, update_id)
        refused = turn.view.note is not None and turn.view.version == checkin.version
        return None if refused and not is_typed else turn


@asynccontextmanager
async def _step(study: Study, participant: Participant, checkin_id: int) -> AsyncIterator["_Step"]:
    """Hold the transaction of one tap; StaleTap where the check-in is not this participant's."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        checkin = await checkins.get(tx, checkin_id)
        if checkin is None or checkin.participant_id != participant.id:
            raise StaleTap("not a check-in of this participant")
        known = await people.participant(tx, participant.id)
        checkin = await _late_after_all(tx, checkin)
        yield _Step(study, tx, await load_sheet(study, tx, known, checkin, now), now, participant)


async def _late_after_all(tx: Tx, checkin: Checkin) -> Checkin:
    """Take up a report that was missed, as long as no other was asked since: its buttons still fit."""
    if checkin.state != "missed":
        return checkin
    current = await checkins.current_for(tx, checkin.participant_id)
    if current is None or current.id != checkin.id:
        return checkin
    return await checkins.reopen(tx, checkin) or checkin


@dataclass(slots=True)
class _Step:
    """One tap in its transaction; `sheet` is loaded once and follows what the tap changes."""

    study: Study
    tx: Tx
    sheet: Sheet
    now: datetime
    speaker: Participant

    def turn(self, verdict: Assessment | None = None) -> Turn:
        return turn_of(self.study, self.sheet, self.now, verdict)

    def late(self, version: int, token: str) -> Turn | None:
        """Return the form as it is when a button no longer fits it; None when it does."""
        checkin = self.sheet.checkin
        if checkin.state == "open" and checkin.version == version and checkin.current_item == token:
            return None
        if checkin.state == "open":
            return self.turn().saying(say("checkin.toast_moved_on"))
        if checkin.state == "done":
            return self.turn().saying(say("checkin.toast_finished"))
        return self.turn().saying(say("checkin.closed"))

    def several(self, token: str, code: str | None = None) -> Question:
        """Return the question where several may be ticked, `code` among them; StaleTap otherwise."""
        question = self.sheet.at(token)
        if question.part.kind != "several" or (code is not None and code not in question.part.choices):
            raise StaleTap("nothing to tick")
        return question

    async def tick(self, question: Question, code: str, *, on: bool) -> Turn:
        chosen = set(self.sheet.chosen(question))
        wanted = chosen | {code} if on else chosen - {code}
        given = flow.accept_answer(question, tuple(wanted), self.sheet.given)
        if wanted == chosen or not isinstance(given, Accepted):
            return self.turn()
        await self._keep(given)
        return self.turn(await self._judge())

    async def back(self, token: str) -> Turn:
        earlier = self.sheet.before(token)
        if earlier is None:
            return self.turn().saying(say("checkin.toast_first"))
        await self._advance(current_item=earlier.token)
        return self.turn()

    async def repeat_last(self) -> Turn:
        repeated = self.sheet.same()
        if not repeated:
            return self.turn().saying(say("checkin.toast_no_last"))
        kept = await answers.add_all(
            self.tx,
            checkin_id=self.sheet.checkin.id,
            values=repeated,
            now=self.now,
            answered_by=self.speaker.answers_as,
        )
        self.sheet = self.sheet.answered(*kept)
        return await self._go_on()

    async def answer(self, raw: str, update_id: int | None = None) -> Turn:
        current = self.sheet.at(self.sheet.checkin.current_item or "")
        given = flow.accept_answer(current, raw, self.sheet.given)
        if isinstance(given, Refused):
            return self.turn().noting(given)
        if isinstance(given, AskAgain):
            await self._advance(current_item=given.question.token)
            if update_id is not None:
                await doubt(
                    self.study, self.tx, self.sheet.participant, current.item.id, raw, update_id, self.now
                )
            return self.turn().noting(given)
        await self._keep(given, update_id)
        return await self._go_on()

    async def _keep(self, given: Accepted, update_id: int | None = None) -> None:
        before, sheet = self.sheet.answers.get(given.item), self.sheet
        by = self.speaker.answers_as
        await self._add(given.item, given.value, by, update_id, first=before is None)
        # Section 9: of the participant and the caregiver, the graver answer counts. Both are kept.
        if before is not None and before.answered_by != by and self._was_graver(sheet):
            await self._add(before.item, before.value, before.answered_by, None, first=False)

    async def _add(self, item: str, value: object, by: str, update_id: int | None, *, first: bool) -> None:
        kept = await answers.add(
            self.tx,
            checkin_id=self.sheet.checkin.id,
            item=item,
            value=value,
            now=self.now,
            answered_by=by,
            update_id=update_id,
            first=first,
        )
        self.sheet = self.sheet.answered(kept)

    def _was_graver(self, sheet: Sheet) -> bool:
        """Tell whether what stood before meant more than what stands now."""
        then, now = (verdict_on(self.study, each, self.now, finished=False) for each in (sheet, self.sheet))
        return _gravity(then) > _gravity(now)

    async def _go_on(self) -> Turn:
        """Judge the answers so far, with what was just kept: what is alarming pages in this transaction."""
        following = self.sheet.next()
        verdict = await self._judge(finished=following is None)
        if following is None:
            await self._finish(verdict)
        else:
            await self._advance(current_item=following.token)
        return self.turn(verdict)

    async def _judge(self, *, finished: bool = False) -> Assessment:
        verdict = await judge(self.study, self.tx, self.sheet, self.now, finished=finished)
        await meet(self.study, self.tx, self.sheet, self.now)
        return verdict

    async def _finish(self, verdict: Assessment) -> None:
        await self._advance(
            current_item=None,
            state="done",
            tier=verdict.tier,
            finished_at=self.now,
            answered_by=self.speaker.answers_as,
        )
        who, after = self.speaker.ref, {"key": self.sheet.checkin.key, "tier": verdict.tier}
        await heard_from(self.tx, self.sheet.participant.id)
        await copies.refresh(self.tx, self.sheet.checkin.id, self.now)
        await record(
            self.tx, self.study, self.speaker.actor, "finish_checkin", self.now, subject=who, after=after
        )

    async def _advance(self, **changed: object) -> None:
        self.sheet = self.sheet.moved(await checkins.advance(self.tx, self.sheet.checkin, **changed))


def _gravity(verdict: Assessment) -> tuple[int, int]:
    return ("green", "amber", "red").index(verdict.tier), -(verdict.amber_hours or 0)
