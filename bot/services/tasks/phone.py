"""Entering how to reach a participant by telephone."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, Participant, StaffMember
from bot.domain.telephone import normal_phone, spaced
from bot.errors import BadInput
from bot.screens import card as screens
from bot.screens.wizard import Question
from bot.services import people
from bot.services.staff import overview, phones
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.storage import phones as store
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose number, and whether there is one."""

    participant: Participant
    known: bool


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the participant."""
    participant = await people.participant(tx, int(data["about"]))
    return Facts(participant, await store.is_known(tx, participant.id))


def _ask(facts: Facts, data: Data) -> Question:
    return screens.ask_phone(facts.participant.code, known=facts.known)


def _pick(facts: Facts, data: Data, word: str) -> Taken:
    if word != REMOVE or not facts.known:
        raise BadInput("wizard.type_it")
    return Taken({**data, "number": None})


def _read(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "number": normal_phone(text)})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    number = data["number"]
    return screens.check_phone(facts.participant.code, None if number is None else spaced(number))


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Keep or forget the number, and show the card, without it."""
    now, number = study.clock.now(), draft.data["number"]
    async with study.db.begin() as tx:
        participant = await people.participant(tx, int(draft.data["about"]))
        if number is None:
            await phones.forget(study, tx, member.ref, participant.id, now)
        else:
            await phones.put(study, tx, member.ref, participant.id, number, now)
        view = await overview.card_view(study, tx, participant, now)
    return Finished(screens.card(view, member.may))


TASK: Task[Facts] = Task(
    "phone",
    key("task.phone"),
    Action.ENROL,
    (
        Step("number", _ask, _pick, _read, private=True),
        # Typed once more instead of a press: it must not stay either.
        Step("confirm", _ask_confirm, private=True),
    ),
    load,
    finish,
)
