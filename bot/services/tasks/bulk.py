"""Enrolling from a CSV file in the chat: the file, the dry run, and then all of it or nothing."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.attachment import Attachment
from bot.domain.people import Action, StaffMember
from bot.errors import BadInput
from bot.screens import importing as screens
from bot.screens.wizard import Question
from bot.services.participation import importing
from bot.services.participation.importing import COLUMNS, DryRun
from bot.services.steps import Data, Finished, Step, Taken, Task
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

NAME = "import"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file would do now; None before there is one."""

    found: DryRun | None


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Read the file against who is enrolled."""
    text = data.get("csv")
    return Facts(None if text is None else await importing.look(study, tx, text, now))


def _ask(facts: Facts, data: Data) -> Question:
    return screens.ask_file(COLUMNS)


def _file(facts: Facts, data: Data, file: Attachment) -> Taken:
    if file.text is None:
        raise BadInput("import.refused_text")
    return Taken({**data, "csv": file.text})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    assert facts.found is not None
    return screens.dry_run(_view(facts.found))


def _view(found: DryRun) -> screens.DryRunView:
    errors = tuple((each.line, each.why.key, each.why.values) for each in found.errors)
    return screens.DryRunView(found.codes, found.known, errors)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Enrol them all; a file that was taken before a crash enrols nobody twice."""
    done = await importing.commit(study, member.ref, draft.data["csv"])
    if done.errors:
        raise BadInput("import.refused_errors")
    return Finished(screens.imported(done.codes, done.known))


TASK: Task[Facts] = Task(
    NAME,
    key("task.import"),
    Action.ENROL,
    (Step("file", _ask, file=_file), Step("confirm", _ask_confirm, file=_file)),
    load,
    finish,
)
