"""Answering what a participant wrote: type, check, send."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, Participant, StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens import talk as screens
from bot.screens.join import LANGUAGE_NAMES
from bot.screens.wizard import Question
from bot.services import conversations, people
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.services.trail import record
from bot.storage import links, texts_in
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.storage.texts_in import InboundText
from bot.study import Study
from bot.texts import Phrase, key

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """The text to be answered, and who wrote it."""

    text: InboundText
    author: Participant
    zone: str
    reachable: bool


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the text that the task is about."""
    text = await texts_in.get(tx, int(data["about"]))
    if text is None:
        raise StaleTap("no such text")
    author = await people.participant(tx, text.participant_id)
    link = await links.get(tx, author.ref)
    reachable = link is not None and link.unreachable_at is None
    return Facts(text, author, study.site.zone, reachable)


def _ask(facts: Facts, data: Data) -> Question:
    text = facts.text
    return screens.ask_reply(facts.author.code, text.at, text.text, facts.zone, data.get("reply"))


def _keep(facts: Facts, data: Data, word: str) -> Taken:
    if not data.get("reply"):
        raise BadInput("wizard.type_it")
    return Taken(data)


def _read(facts: Facts, data: Data, text: str) -> Taken:
    if len(text) > LONGEST:
        raise BadInput("wizard.too_long", most=LONGEST)
    return Taken({**data, "reply": text.strip()})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    language = Phrase(LANGUAGE_NAMES[facts.author.language])
    return screens.check_reply(facts.author.code, language, data["reply"], reachable=facts.reachable)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Queue the answer and put the text aside; BadInput where somebody has answered it before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        facts = await load(study, tx, draft.data, now)
        queued = await conversations.queue_reply(
            tx, facts.author.ref, facts.text.id, draft.data["reply"], now
        )
        if not queued:
            raise BadInput("messages.refused_answered")
        await conversations.settle(study, tx, member.ref, facts.text.id, now)
        after = {"text": facts.text.id}
        await record(tx, study, member.ref, "reply", now, subject=facts.author.ref, after=after)
        left = await texts_in.count_unseen(tx)
    return Finished(screens.replied(facts.author.code, left))


TASK: Task[Facts] = Task(
    "reply",
    key("task.reply"),
    Action.ANSWER_MESSAGES,
    (Step("text", _ask, _keep, _read), Step("confirm", _ask_confirm)),
    load,
    finish,
)
