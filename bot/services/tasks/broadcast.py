"""Writing a broadcast, step by step: both languages, the audience, a preview, and off it goes.

A file and a time are asked for from the preview, by whoever wants them: most broadcasts have neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from markupsafe import Markup

from bot.domain.attachment import Attachment
from bot.domain.audience import Audience, words_of
from bot.domain.people import LANGUAGES, Action, StaffMember
from bot.domain.protocol import Protocol
from bot.domain.unsaid import names_arm_or_dose
from bot.errors import BadInput
from bot.screens import audience as audience_screens
from bot.screens import broadcast as screens
from bot.screens.wizard import Question
from bot.services.broadcasts import broadcasts
from bot.services.broadcasts.audience import Crowd, crowd
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.tasks import when
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import Language, Screen, Texts, Verbatim, key

# Both texts, and what stands around them, must fit into one message of 4096 UTF-16 units.
MOST_UNITS = 1700


@dataclass(frozen=True, slots=True)
class Facts:
    """Whom the chosen audience holds now, and the letter as each kind of reader would see it."""

    protocol: Protocol
    now: datetime
    zone: str
    needs_approval: bool
    crowd: Crowd
    shown: Mapping[str, str]


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load who is meant, and write the letter."""
    return Facts(
        study.protocol,
        now,
        study.site.zone,
        study.site.broadcast_approval,
        await crowd(study, tx, _audience(data), now),
        _shown(study, data),
    )


def _audience(data: Data) -> Audience:
    return Audience.from_json(data.get("audience") or {})


def _shown(study: Study, data: Data) -> dict[str, str]:
    letter = screens.letter(Verbatim(data.get("zh") or "", data.get("en") or ""))
    return {each: plain_text(study.texts, letter, each) for each in LANGUAGES}


def plain_text(texts: Texts, screen: Screen, language: Language) -> str:
    """Return the text of a screen without its markup."""
    lines = texts.render(screen, language).text.split("\n")
    # Line by line: striptags would join the lines into one.
    return "\n".join(str(Markup(line).striptags()) for line in lines)


def _ask_zh(facts: Facts, data: Data) -> Question:
    return screens.ask_zh(data.get("zh"))


def _ask_en(facts: Facts, data: Data) -> Question:
    return screens.ask_en(data.get("en"))


def _read_zh(facts: Facts, data: Data, text: str) -> Taken:
    return _written(facts, data, "zh", text)


def _read_en(facts: Facts, data: Data, text: str) -> Taken:
    return _written(facts, data, "en", text)


def _keep_zh(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "zh")


def _keep_en(facts: Facts, data: Data, word: str) -> Taken:
    return _kept(data, "en")


def _written(facts: Facts, data: Data, language: Literal["zh", "en"], text: str) -> Taken:
    words = text.strip()
    if len(words.encode("utf-16-le")) // 2 > MOST_UNITS:
        raise BadInput("wizard.too_long", most=MOST_UNITS)
    has_chinese = any("\u4e00" <= each <= "\u9fff" for each in words)
    if language == "zh" and not has_chinese:
        raise BadInput("broadcast.refused_not_chinese")
    if language == "en" and (has_chinese or not any(each.isalpha() for each in words)):
        raise BadInput("broadcast.refused_not_english")
    if names_arm_or_dose(words, facts.protocol):
        raise BadInput("broadcast.refused_arm")
    return Taken({**data, language: words})


def _kept(data: Data, language: Literal["zh", "en"]) -> Taken:
    if not data.get(language):
        raise BadInput("wizard.type_it")
    return Taken(data)


def _ask_audience(facts: Facts, data: Data) -> Question:
    reached, left_out = ([each.code for each in part] for part in (facts.crowd.reached, facts.crowd.left_out))
    return audience_screens.ask(_audience(data), facts.protocol, reached, left_out)


def _pick_audience(facts: Facts, data: Data, word: str) -> Taken:
    if word in (audience_screens.EVERYONE, audience_screens.THESE):
        if not facts.crowd.reached:
            raise BadInput("broadcast.refused_nobody")
        return Taken({**data, "audience": _audience(data).as_json()})
    if word not in words_of(facts.protocol, LANGUAGES):
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "audience": _audience(data).toggled(word).as_json()}, stay=True)


def _ask_confirm(facts: Facts, data: Data) -> Question:
    file = Attachment.from_json(data.get("file"))
    if data.get("asking") == "file":
        return screens.ask_file(file.kind if file else None)
    if data.get("asking") == "when":
        return screens.ask_when(when.ask(facts.now, facts.zone, data), timed=bool(data.get("send_at")))
    return screens.summary(
        screens.Summary(
            shown=facts.shown,
            seen=data.get("see", "both"),
            audience=audience_screens.described(_audience(data), facts.protocol),
            reached=len(facts.crowd.reached),
            left_out=len(facts.crowd.left_out),
            file=file.kind if file else None,
            send_at=_instant(data.get("send_at")),
            zone=facts.zone,
            needs_approval=facts.needs_approval,
        )
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _pick_confirm(facts: Facts, data: Data, word: str) -> Taken:
    asking = data.get("asking")
    if asking is None:
        return _change(data, word)
    if word == "nofile" and asking == "file":
        return _answered(data, file=None)
    if word == "at_once" and asking == "when":
        return _answered(data, send_at=None, day=None)
    if asking == "when":
        return _timed(*when.pick(facts.now, facts.zone, data, word))
    raise BadInput("wizard.use_buttons")


def _change(data: Data, word: str) -> Taken:
    if word.startswith("see.") and word[4:] in LANGUAGES:
        return Taken({**data, "see": word[4:]}, stay=True)
    if word in ("file", "when"):
        return Taken({**data, "asking": word, "day": None}, stay=True)
    raise BadInput("wizard.use_buttons")


def _answered(data: Data, **changed: Any) -> Taken:
    return Taken({**data, **changed, "asking": None}, stay=True)


def _timed(data: Data, at: datetime | None) -> Taken:
    return Taken(data, stay=True) if at is None else _answered(data, send_at=at.isoformat())


def _read_confirm(facts: Facts, data: Data, text: str) -> Taken:
    if data.get("asking") != "when":
        raise BadInput("wizard.use_buttons")
    return _timed(*when.read(facts.now, facts.zone, data, text))


def _file_confirm(facts: Facts, data: Data, file: Attachment) -> Taken:
    return _answered(data, file=file.as_json())


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Send it off and show the progress."""
    if draft.data.get("asking"):
        raise BadInput("wizard.use_buttons")
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
        Step("confirm", _ask_confirm, _pick_confirm, _read_confirm, _file_confirm),
    ),
    load,
    finish,
)
