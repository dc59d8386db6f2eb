"""Keeping an answer for the next time: in both languages, then a look at it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, StaffMember
from bot.errors import BadInput
from bot.screens import talk as screens
from bot.screens.wizard import Question
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.services.trail import record
from bot.storage import replies
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """Nothing has to be known for it."""


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load nothing."""
    return Facts()


def _ask_zh(facts: Facts, data: Data) -> Question:
    return screens.ask_saved_zh(data.get("zh"))


def _ask_en(facts: Facts, data: Data) -> Question:
    return screens.ask_saved_en(data.get("en"))


def _keep_zh(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "zh")


def _keep_en(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "en")


def _read_zh(facts: Facts, data: Data, text: str) -> Taken:
    return _read(data, "zh", text)


def _read_en(facts: Facts, data: Data, text: str) -> Taken:
    return _read(data, "en", text)


def _kept(data: Data, name: str) -> Taken:
    if not data.get(name):
        raise BadInput("wizard.type_it")
    return Taken(data)


def _read(data: Data, name: str, text: str) -> Taken:
    if len(text) > LONGEST:
        raise BadInput("wizard.too_long", most=LONGEST)
    return Taken({**data, name: text.strip()})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    return screens.check_saved(data["zh"], data["en"])


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Keep the answer; the same words twice are kept once."""
    now = study.clock.now()
    words = (draft.data["zh"], draft.data["en"])
    async with study.db.begin() as tx:
        if words not in [(each.zh, each.en) for each in await replies.saved(tx)]:
            saved_id = await replies.save(tx, *words, member.id, now)
            await record(tx, study, member.ref, "save_answer", now, after={"saved": saved_id})
        kept = await replies.saved(tx)
    return Finished(screens.saved_list(kept))


TASK: Task[Facts] = Task(
    "saved",
    key("task.saved"),
    Action.ANSWER_MESSAGES,
    (
        Step("zh", _ask_zh, _keep_zh, _read_zh),
        Step("en", _ask_en, _keep_en, _read_en),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
