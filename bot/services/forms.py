"""A check-in's sheet: its form, what was answered on it, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain import checkin as flow
from bot.domain.checkin import Question, Who
from bot.domain.items import Form, Item
from bot.domain.people import Participant
from bot.storage import answers
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.study import Study

# A report older than this is not "last time" any more.
LAST_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of one check-in with the answers given so far; `last` is the report before it."""

    form: Form
    items: Mapping[str, Item]
    given: Mapping[str, Any]
    who: Who
    last: Mapping[str, Any]

    def next(self) -> Question | None:
        """Return the first question without an answer."""
        return flow.next_question(self.form, self.items, self.given, self.who)

    def at(self, token: str) -> Question:
        """Return the question that a token names; StaleTap where there is none."""
        return flow.question_at(token, self.form, self.items, self.given, self.who)

    def before(self, token: str) -> Question | None:
        """Return the question before that of a token."""
        return flow.back(self.form, self.items, self.given, self.who, token)

    def chosen(self, question: Question) -> tuple[str, ...]:
        """Return what is ticked where several may be."""
        if question.item.id not in self.given:
            return ()
        value = question.item.read(self.given[question.item.id]).get(question.part.key)
        return value if isinstance(value, tuple) else ()

    def same(self) -> dict[str, Any]:
        """Return the answers of the last report that may be repeated for what is not answered yet."""
        repeated = flow.same_as_last(self.form, self.items, self.last, self.who)
        return {item: value for item, value in repeated.items() if item not in self.given}

    def may_repeat(self) -> bool:
        """Tell whether repeating is offered: as long as nothing but measurements was answered."""
        untouched = all(self.items[item].vital for item in self.given)
        return untouched and bool(self.same())


async def load_sheet(study: Study, tx: Tx, participant: Participant, checkin: Checkin) -> Sheet:
    """Load the sheet of a check-in."""
    given = {item: each.value for item, each in (await answers.current(tx, checkin.id)).items()}
    protocol = study.protocol
    return Sheet(
        form=protocol.forms[checkin.form],
        items=protocol.items,
        given=given,
        who=await _who(tx, participant, checkin),
        last=await _last(tx, participant, checkin),
    )


async def _who(tx: Tx, participant: Participant, checkin: Checkin) -> Who:
    """Return flags and ages of answers as they were when the check-in was opened.

    What was answered on this very sheet must not make its own question vanish.
    """
    asked = await answers.last_asked(tx, participant.id)
    hours = {
        item: (checkin.opened_at - at).total_seconds() / 3600
        for item, at in asked.items()
        if at < checkin.opened_at
    }
    return Who(participant.flags, hours)


async def _last(tx: Tx, participant: Participant, checkin: Checkin) -> Mapping[str, Any]:
    reports = await answers.history(tx, participant.id, checkin.due_at - LAST_WITHIN)
    earlier = [each for each in reports if each.checkin_id != checkin.id and each.form == checkin.form]
    return earlier[-1].answers if earlier else {}
