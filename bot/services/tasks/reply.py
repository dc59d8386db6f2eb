"""Answering what a participant wrote: type or choose, check, send."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, Participant, ParticipantStatus, StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens import talk as screens
from bot.screens.join import LANGUAGE_NAMES
from bot.screens.wizard import Question
from bot.services import people
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.services.talk import conversations
from bot.storage import links, replies, staff, texts_in, threads
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.storage.replies import Saved
from bot.storage.texts_in import InboundText
from bot.study import Study
from bot.texts import Phrase, Verbatim, key

LONGEST = 1000
SAVED = "s"


@dataclass(frozen=True, slots=True)
class Facts:
    """The text that is answered, who wrote it, the last answer so far, and the answers that are kept.

    `answered` is what was said to its author since the text came.
    """

    text: InboundText
    author: Participant
    zone: str
    reachable: bool
    last_reply: int
    saved: tuple[Saved, ...]
    answered: screens.Answered | None


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the text that the task is about."""
    text = await texts_in.get(tx, int(data["about"]))
    if text is None:
        raise StaleTap("no such text")
    author = await people.participant(tx, text.participant_id)
    if author.status is ParticipantStatus.WITHDRAWN:
        raise StaleTap("has left the study: nothing is sent there")
    link = await links.get(tx, author.ref)
    reachable = link is not None and link.unreachable_at is None
    last = await replies.last_id(tx, author.id)
    kept, since = tuple(await replies.saved(tx)), await _since(tx, text)
    return Facts(text, author, study.site.zone, reachable, last, kept, since)


async def _since(tx: Tx, text: InboundText) -> screens.Answered | None:
    said = await replies.of_participant(tx, text.participant_id, text.at)
    if not said:
        return None
    member = await staff.get(tx, said[-1].staff_id)
    words = Verbatim(said[-1].zh, said[-1].en)
    return screens.Answered(member.name if member else "?", said[-1].at, words)


def _ask(facts: Facts, data: Data) -> Question:
    text = facts.text
    return screens.ask_reply(
        facts.author.code,
        text.at,
        text.text,
        facts.zone,
        data.get("reply"),
        facts.saved,
        facts.answered,
    )


def _pick(facts: Facts, data: Data, word: str) -> Taken:
    if word.startswith(SAVED):
        chosen = next((each for each in facts.saved if f"{SAVED}{each.id}" == word), None)
        if chosen is None:
            raise BadInput("messages.refused_gone")
        return _take(facts, data, chosen.zh, chosen.en)
    if not data.get("reply"):
        raise BadInput("wizard.type_it")
    return Taken(data)


def _read(facts: Facts, data: Data, text: str) -> Taken:
    if len(text) > LONGEST:
        raise BadInput("wizard.too_long", most=LONGEST)
    return _take(facts, data, text.strip(), text.strip())


def _take(facts: Facts, data: Data, zh: str, en: str) -> Taken:
    # Whoever answers has seen the answers so far: one that comes in between is told.
    return Taken({**data, "reply": zh, "reply_en": en, "after": facts.last_reply})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    language = Phrase(LANGUAGE_NAMES[facts.author.language])
    words = Verbatim(data["reply"], data["reply_en"])
    shown = {"zh_CN": words.zh_CN, "en": words.en}.get(facts.author.language)
    both = shown is None and words.zh_CN != words.en
    text = f"{words.zh_CN}\n\n{words.en}" if both else shown or words.zh_CN
    return screens.check_reply(
        facts.author.code,
        language,
        text,
        facts.zone,
        reachable=facts.reachable,
        answered=facts.answered,
    )


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Answer, and settle what is answered; BadInput where somebody else has answered meanwhile."""
    now = study.clock.now()
    data = draft.data
    async with study.db.begin() as tx:
        facts = await load(study, tx, data, now)
        words = (data["reply"], data["reply_en"])
        done = await conversations.answer(
            study, tx, member.ref, facts.author, facts.text.id, data["after"], words, now
        )
        if not done:
            raise BadInput("messages.refused_answered")
        left = len(await threads.waiting(tx))
    return Finished(screens.replied(facts.author.code, left))


TASK: Task[Facts] = Task(
    "reply",
    key("task.reply"),
    Action.ANSWER_MESSAGES,
    (Step("text", _ask, _pick, _read), Step("confirm", _ask_confirm)),
    load,
    finish,
)
