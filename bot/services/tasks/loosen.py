"""A baseline that was mistyped: corrected by the PI alone, also where alerts come later then."""

from bot.domain.people import Action, StaffMember
from bot.domain.tightening import check_plausible, path
from bot.domain.units import number
from bot.errors import BadInput
from bot.screens import care as screens
from bot.screens.wizard import Question
from bot.services.participation import care
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.tasks.care import Facts, load
from bot.services.visits.changes import checked_words
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


def _ask_which(facts: Facts, data: Data) -> Question:
    return screens.ask_which_wrong(facts.view, data.get("name"))


def _pick_which(facts: Facts, data: Data, word: str) -> Taken:
    if word not in facts.view.baselines:
        raise BadInput("wizard.use_buttons")
    return Taken({"about": data["about"], "name": word})


def _ask_value(facts: Facts, data: Data) -> Question:
    return screens.ask_right_value(facts.view, data["name"], facts.protocol)


def _read_value(facts: Facts, data: Data, text: str) -> Taken:
    item_id, stored = path(data["name"], facts.protocol)
    value = number(text, facts.protocol.items[item_id].part(stored).digits)
    check_plausible(data["name"], value, facts.protocol)
    return Taken({**data, "value": value})


def _ask_reason(facts: Facts, data: Data) -> Question:
    return screens.ask_why_wrong()


def _read_reason(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "reason": checked_words(text, "visits.refused.reason")})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    return screens.confirm_correction(facts.view, data["name"], data["value"], data["reason"], facts.protocol)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Correct it under the name of the PI who confirms."""
    data = draft.data
    changed = await care.correct_baseline(
        study, member.ref, int(data["about"]), data["name"], data["value"], data["reason"]
    )
    return Finished(screens.baseline_set(changed.code, data["name"], data["value"]))


TASK: Task[Facts] = Task(
    "loosen",
    key("task.loosen"),
    Action.LOOSEN_BASELINE,
    (
        Step("which", _ask_which, _pick_which, no_words),
        Step("value", _ask_value, read=_read_value),
        Step("reason", _ask_reason, read=_read_reason),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
