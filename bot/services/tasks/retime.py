"""Giving a broadcast that waits another time."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, StaffMember
from bot.errors import BadInput
from bot.screens import broadcast as screens
from bot.screens.wizard import Question
from bot.services.broadcasts import broadcasts, state
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.services.tasks import when
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


@dataclass(frozen=True, slots=True)
class Facts:
    """The broadcast, and now."""

    broadcast: Broadcast
    now: datetime
    zone: str


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the broadcast."""
    return Facts(await state.get(tx, int(data["about"])), now, study.site.zone)


def _ask(facts: Facts, data: Data) -> Question:
    if facts.broadcast.state != "scheduled":
        raise BadInput("broadcast.refused_begun")
    return when.ask(facts.now, facts.zone, data)


def _pick(facts: Facts, data: Data, word: str) -> Taken:
    return _taken(*when.pick(facts.now, facts.zone, data, word))


def _read(facts: Facts, data: Data, text: str) -> Taken:
    return _taken(*when.read(facts.now, facts.zone, data, text))


def _taken(data: Data, at: datetime | None) -> Taken:
    return Taken(data, stay=True) if at is None else Taken({**data, "send_at": at.isoformat()})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    return screens.check_time(facts.broadcast.id, datetime.fromisoformat(data["send_at"]), facts.zone)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Change the time; doing it once more changes nothing."""
    at = datetime.fromisoformat(draft.data["send_at"])
    number = int(draft.data["about"])
    view = await broadcasts.retime(study, member.ref, number, at)
    shown = draft.message_id
    older = None if shown is None else await broadcasts.shown_in(study, member.ref, number, shown)
    return Finished(screens.progress(view), closes=older)


TASK: Task[Facts] = Task(
    "retime",
    key("task.retime"),
    Action.BROADCAST,
    (Step("when", _ask, _pick, _read), Step("confirm", _ask_confirm)),
    load,
    finish,
)
