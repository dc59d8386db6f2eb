"""A check-in's sheet: all that answering and judging it needs, loaded once in a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import checkin as flow
from bot.domain.checkin import Question, Who
from bot.domain.items import Form, Item
from bot.domain.people import Participant
from bot.domain.planning import Course
from bot.services.facts import HISTORY, course_of
from bot.storage import answers
from bot.storage.answers import Answer, PastReport
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.study import Study

# A report older than this is not "last time" any more.
LAST_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One check-in with its answers so far, as they stand in the caller's transaction.

    `past`: the participant's other reports, the oldest first. What the
    transaction changes is a new sheet: `answered`, `moved`.
    """

    participant: Participant
    checkin: Checkin
    form: Form
    items: Mapping[str, Item]
    answers: Mapping[str, Answer]
    who: Who
    past: Sequence[PastReport]
    course: Course

    @property
    def given(self) -> dict[str, Any]:
        """Return the answers so far, by item."""
        return {item: each.value for item, each in self.answers.items()}

    def answered(self, *new: Answer) -> "Sheet":
        """Return the sheet with these answers, each in the place of the one before it."""
        fresh = {each.item: each for each in new}
        kept = {item: each for item, each in self.answers.items() if item not in fresh}
        return replace(self, answers=kept | fresh)

    def moved(self, checkin: Checkin | None) -> "Sheet":
        """Return the sheet of the check-in as it was advanced; None changes nothing."""
        return self if checkin is None else replace(self, checkin=checkin)

    def next(self) -> Question | None:
        """Return the first question without an answer."""
        return flow.next_question(self.form, self.items, self.given, self.who)

    def at(self, token: str) -> Question:
        """Return the question that a token names; StaleTap where there is none."""
        return flow.question_at(token, self.form, self.items, self.given, self.who)

    def shown(self) -> Question | None:
        """Return the question at which the participant stands; None when the check-in is over."""
        current = self.checkin.current_item
        return None if self.checkin.state != "open" or current is None else self.at(current)

    def before(self, token: str) -> Question | None:
        """Return the question before that of a token."""
        return flow.back(self.form, self.items, self.given, self.who, token)

    def chosen(self, question: Question) -> tuple[str, ...]:
        """Return what is ticked where several may be."""
        if question.item.id not in self.answers:
            return ()
        value = question.item.read(self.answers[question.item.id].value).get(question.part.key)
        return value if isinstance(value, tuple) else ()

    def same(self) -> dict[str, Any]:
        """Return the answers of the last report that may be repeated for what is not answered yet.

        None where it did not end GREEN, or another form was alarming since: nobody repeats chills by habit.
        """
        last = self._last()
        if last is None or last.tier != "green" or self._alarming_since():
            return {}
        repeated = flow.same_as_last(self.form, self.items, last.answers, self.who)
        return {item: value for item, value in repeated.items() if item not in self.answers}

    def may_repeat(self) -> bool:
        """Tell whether repeating is offered: as long as nothing but measurements was answered."""
        untouched = all(self.items[item].vital for item in self.answers)
        return untouched and bool(self.same())

    def _alarming_since(self) -> bool:
        return bool(self.past) and self.past[-1].tier in ("amber", "red")

    def _last(self) -> PastReport | None:
        since = self.checkin.due_at - LAST_WITHIN
        earlier = [each for each in self.past if each.due_at >= since and each.form == self.checkin.form]
        return earlier[-1] if earlier else None


async def load_sheet(
    study: Study,
    tx: Tx,
    participant: Participant,
    checkin: Checkin,
    now: datetime,
    course: Course | None = None,
) -> Sheet:
    """Load the sheet of a check-in; `course` where the caller has read it in this transaction."""
    since = min(now - HISTORY, checkin.due_at - LAST_WITHIN)
    form = study.protocol.forms[checkin.form]
    return Sheet(
        participant,
        checkin,
        form,
        study.protocol.items,
        await answers.current(tx, checkin.id),
        await who_of(study, tx, participant, form, checkin.opened_at),
        await answers.history(tx, participant.id, since, but=checkin.id),
        course or await course_of(tx, participant),
    )


async def who_of(study: Study, tx: Tx, participant: Participant, form: Form, opened_at: datetime) -> Who:
    """Return flags and ages of answers as they were when the check-in was opened.

    What was answered on this very sheet must not make its own question vanish.
    Only items that are asked at intervals are looked for, no further back than that.
    """
    all_asked = flow.asked(form, study.protocol.items, Who(participant.flags))
    intervals = {item.id: item.every_hours for item in all_asked if item.every_hours is not None}
    if not intervals:
        return Who(participant.flags)
    since = opened_at - timedelta(hours=max(intervals.values()))
    asked = await answers.last_asked(tx, participant.id, intervals, since, opened_at)
    hours = {item: (opened_at - at).total_seconds() / 3600 for item, at in asked.items()}
    return Who(participant.flags, hours)
