"""Writing a broadcast, step by step: both languages, the audience, a preview, and off it goes."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.people import Action, Participant, StaffMember
from bot.errors import BadInput
from bot.screens import broadcast as screens
from bot.screens.wizard import Question
from bot.services import broadcasts
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.storage import participants
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

# Both texts, and what stands around them, must fit into one message of 4096 UTF-16 units.
MOST_UNITS = 1700


@dataclass(frozen=True, slots=True)
class Facts:
    """Everyone, whatever their state."""

    people: tuple[Participant, ...]

    def counts(self) -> dict[str, int]:
        """Return how many of each audience can be reached."""
        readers = [each for each in self.people if broadcasts.can_read(each)]
        by_language = Counter[str](each.language for each in readers)
        return {each: by_language[each] for each in screens.AUDIENCES} | {"all": len(readers)}

    def left_out(self, audience: str) -> int:
        """Return how many of an audience cannot be reached."""
        meant = [each for each in self.people if broadcasts.is_meant(each, audience)]
        return sum(not broadcasts.can_read(each) for each in meant)


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load everyone."""
    return Facts(tuple(await participants.all_(tx)))


def _ask_zh(facts: Facts, data: Data) -> Question:
    return screens.ask_zh(data.get("zh"))


def _ask_en(facts: Facts, data: Data) -> Question:
    return screens.ask_en(data.get("en"))


def _read_zh(facts: Facts, data: Data, text: str) -> Taken:
    return _written(data, "zh", text)


def _read_en(facts: Facts, data: Data, text: str) -> Taken:
    return _written(data, "en", text)


def _keep_zh(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "zh")


def _keep_en(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "en")


def _written(data: Data, language: Literal["zh", "en"], text: str) -> Taken:
    words = text.strip()
    if len(words.encode("utf-16-le")) // 2 > MOST_UNITS:
        raise BadInput("wizard.too_long", most=MOST_UNITS)
    has_chinese = any("\u4e00" <= each <= "\u9fff" for each in words)
    if language == "zh" and not has_chinese:
        raise BadInput("broadcast.refused_not_chinese")
    if language == "en" and (has_chinese or not any(each.isalpha() for each in words)):
        raise BadInput("broadcast.refused_not_english")
    return Taken({**data, language: words})


def _kept(data: Data, language: Literal["zh", "en"]) -> Taken:
    if not data.get(language):
        raise BadInput("wizard.type_it")
    return Taken(data)


def _ask_audience(facts: Facts, data: Data) -> Question:
    return screens.ask_audience(facts.counts(), data.get("audience"))


def _pick_audience(facts: Facts, data: Data, word: str) -> Taken:
    if word not in screens.AUDIENCES:
        raise BadInput("wizard.use_buttons")
    if not facts.counts()[word]:
        raise BadInput("broadcast.refused_nobody")
    return Taken({**data, "audience": word})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    audience = data["audience"]
    return screens.preview(
        data["zh"], data["en"], audience, facts.counts()[audience], facts.left_out(audience)
    )


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Send it off and show the progress."""
    sent = await broadcasts.confirm(study, member, draft)
    return Finished(screens.progress(await broadcasts.view_of(study, sent.id)))


TASK: Task[Facts] = Task(
    "broadcast",
    key("task.broadcast"),
    Action.BROADCAST,
    (
        Step("zh", _ask_zh, _keep_zh, _read_zh),
        Step("en", _ask_en, _keep_en, _read_en),
        Step("audience", _ask_audience, _pick_audience, no_words),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
