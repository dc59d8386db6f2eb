"""Completing somebody's study, with what would still have gone out shown first."""

from bot.domain.people import Action, StaffMember
from bot.errors import BadInput
from bot.screens import completing as screens
from bot.screens.wizard import Question
from bot.services import people
from bot.services.steps import Data, Finished, Step, Task
from bot.services.tasks import whom
from bot.services.tasks.whom import Facts, load
from bot.services.visits import completing
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


def _ask_confirm(facts: Facts, data: Data) -> Question:
    if facts.course is None:
        raise BadInput("task.refused.nobody")
    completing.check(facts.course, facts.protocol, facts.zone, facts.now)
    coming = completing.still_to_come(facts.course, facts.protocol, facts.now)
    last = coming[-1] if coming else None
    return screens.summary(facts.participant.code, len(coming), last.due_at if last else None, facts.zone)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Complete it; doing so once more changes nothing."""
    async with study.db.begin() as tx:
        participant = await people.participant(tx, draft.data["participant"])
    await completing.complete(study, member.ref, participant)
    return Finished(screens.done(participant.code))


TASK: Task[Facts] = Task(
    "complete",
    key("task.complete"),
    Action.ENROL,
    (Step("participant", whom.ask, whom.pick, whom.read), Step("confirm", _ask_confirm)),
    load,
    finish,
)
