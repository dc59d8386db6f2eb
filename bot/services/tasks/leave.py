"""Recording that somebody has left the study, as they said it on the telephone: why, and a second thought."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import ENDED, Action, Participant, StaffMember
from bot.errors import BadInput
from bot.screens import leaving as screens
from bot.screens.card import card
from bot.screens.wizard import Question
from bot.services import people
from bot.services.participation import leaving
from bot.services.staff import overview
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.services.visits.changes import checked_words
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


@dataclass(frozen=True, slots=True)
class Facts:
    """Who it is about."""

    participant: Participant


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the participant."""
    return Facts(await people.participant(tx, int(data["about"])))


def _ask(facts: Facts, data: Data) -> Question:
    return screens.ask_reason(facts.participant.code, chosen=data.get("reason"))


def _pick(facts: Facts, data: Data, word: str) -> Taken:
    if word != screens.NO_REASON:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "reason": word})


def _read(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "reason": checked_words(text, "visits.refused.reason")})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    return screens.check_leaving(facts.participant.code)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Record it, end the chat, and show what is left of the card."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, int(draft.data["about"]))
        if known.status not in ENDED:
            await leaving.withdraw(study, member.ref, known, now, tx, str(draft.data["reason"]))
        view = await overview.card_view(study, tx, await people.participant(tx, known.id), now)
    return Finished(card(view, member.may))


TASK: Task[Facts] = Task(
    "leave",
    key("task.leave"),
    Action.ENROL,
    (Step("reason", _ask, _pick, _read), Step("confirm", _ask_confirm)),
    load,
    finish,
)
