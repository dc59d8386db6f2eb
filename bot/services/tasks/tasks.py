"""Tasks of several steps: one draft for each person, in the store, edited in one message."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from bot.domain.attachment import Attachment
from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import BadInput, NotAllowed, StaleTap
from bot.screens import wizard
from bot.screens.wizard import Place, Question
from bot.services.steps import Data, Taken, Task
from bot.services.tasks import (
    broadcast,
    bulk,
    care,
    complete,
    enrol,
    infusion,
    leave,
    loosen,
    move,
    outcome,
    phone,
    reply,
    retime,
    saved,
)
from bot.storage import drafts, staff
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import Phrase, Screen, Value, say

TASKS: dict[str, Task[Any]] = {
    task.name: task
    for task in cast(
        "tuple[Task[Any], ...]",
        (
            enrol.TASK,
            infusion.TASK,
            move.TASK,
            outcome.TASK,
            complete.TASK,
            broadcast.TASK,
            reply.TASK,
            retime.TASK,
            bulk.TASK,
            saved.TASK,
            care.FLAGS,
            care.BASELINE,
            loosen.TASK,
            care.HOSPITAL,
            leave.TASK,
            phone.TASK,
        ),
    )
}
Deed = Literal["pick", "back", "cancel", "confirm"]
_UPDATE = "_update"


@dataclass(frozen=True, slots=True)
class Turn:
    """What to show after a step: in the message to edit, or a new one (None).

    `is_open`: the message shown is the one that the next step edits. `closes`:
    another message whose buttons are void now. `invite`: whose link to hand over.
    `private`: what was typed shall not stay in the chat.
    """

    screen: Screen
    message_id: int | None
    toast: Phrase | None = None
    is_open: bool = True
    closes: int | None = None
    invite: PersonRef | None = None
    private: bool = False


async def begin(
    study: Study,
    by: PersonRef,
    name: str,
    argument: int = 0,
    *,
    code: str = "",
    drop: int | None = None,
) -> Turn:
    """Begin a task; another one in hand is dropped only where `drop` is its version.

    `argument` is the id of what the task is about, 0 for none. `code` is the
    participant who was named along with it: the button that drops keeps it.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        task = _task(name)
        await _member(tx, by, task.action)
        held = await drafts.get(tx, by)
        if held is not None and held.task in TASKS and held.version != drop:
            screen = wizard.busy(_place(TASKS[held.task], held), name, task.title, argument, code)
            return Turn(screen, None, is_open=False)
        draft = await drafts.start(tx, by, name, task.steps[0].name, {"about": argument}, now)
        closes = held.message_id if held else None
        return Turn(await _screen(study, tx, task, draft, now), None, closes=closes)


async def resume(study: Study, by: PersonRef) -> Turn:
    """Show the task in hand below; StaleTap where there is none."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        task, draft = await _held(tx, by)
        return Turn(await _screen(study, tx, task, draft, now), None, closes=draft.message_id)


async def placed(study: Study, by: PersonRef, message_id: int) -> None:
    """Remember the message that shows the task."""
    async with study.db.begin() as tx:
        await drafts.set_message(tx, by, message_id)


async def press(
    study: Study, by: PersonRef, message_id: int, version: int, deed: Deed, word: str = ""
) -> Turn:
    """Do what a step's button asks for; StaleTap where no task is in hand.

    A button of an earlier step, or of another message, changes nothing: the
    step is shown as it is now.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        task, draft = await _held(tx, by)
        member = await _member(tx, by, task.action)
        if draft.message_id != message_id or draft.version != version:
            return await _again(study, tx, task, draft, message_id, now)
        if deed == "cancel":
            await drafts.drop(tx, by)
            return Turn(wizard.cancelled(task.title), message_id, is_open=False)
        if deed == "back":
            return await _go_to(study, tx, task, draft, -1, draft.data, now)
        if deed == "pick":
            return await _take(study, tx, task, draft, word, now)
        if draft.step != task.steps[-1].name:
            raise StaleTap("confirmed before the last step")
    return await _finish(study, task, member, draft)


async def typed(study: Study, by: PersonRef, text: str, update_id: int) -> Turn | None:
    """Take what was typed as the answer to the open step; None where no task is in hand.

    The same update twice, as after a crash, is taken once.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task not in TASKS:
            return None
        task = TASKS[draft.task]
        await _member(tx, by, task.action)
        if draft.data.get(_UPDATE) == update_id:
            return Turn(await _screen(study, tx, task, draft, now), draft.message_id)
        turn = await _take(study, tx, task, draft, text, now, update_id=update_id)
        return replace(turn, private=task.steps[task.place_of(draft.step)].private)


async def in_hand(study: Study, by: PersonRef) -> tuple[str, int] | None:
    """Return the name and version of the task in hand; None where there is none."""
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        return None if draft is None or draft.task not in TASKS else (draft.task, draft.version)


async def sent_file(study: Study, by: PersonRef, file: Attachment, update_id: int) -> Turn | None:
    """Take a picture or document as the answer to the open step; None where no task is in hand."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task not in TASKS:
            return None
        task = TASKS[draft.task]
        await _member(tx, by, task.action)
        if draft.data.get(_UPDATE) == update_id:
            return Turn(await _screen(study, tx, task, draft, now), draft.message_id)
        facts = await task.load(study, tx, draft.data, now)
        try:
            taken: Taken = task.steps[task.place_of(draft.step)].file(facts, draft.data, file)
        except BadInput as refused:
            return Turn(await _screen(study, tx, task, draft, now, refused), draft.message_id)
        data = {**taken.data, _UPDATE: update_id}
        return await _go_to(study, tx, task, draft, 0 if taken.stay else 1, data, now)


def _task(name: str) -> Task[Any]:
    if name not in TASKS:
        raise StaleTap(f"no task {name}")
    return TASKS[name]


async def _held(tx: Tx, by: PersonRef) -> tuple[Task[Any], Draft]:
    draft = await drafts.get(tx, by)
    if draft is None or draft.task not in TASKS:
        raise StaleTap("no task in hand")
    return TASKS[draft.task], draft


async def _member(tx: Tx, by: PersonRef, action: Action) -> StaffMember:
    """Return the member of staff, who must be allowed to do this as their role is now."""
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)
    return member


def _place(task: Task[Any], draft: Draft) -> Place:
    asked = task.asked(draft.data)
    number = asked.index(draft.step) + 1 if draft.step in asked else task.place_of(draft.step) + 1
    return Place(task.title, number, len(asked), draft.version)


async def _screen(
    study: Study, tx: Tx, task: Task[Any], draft: Draft, now: datetime, problem: BadInput | None = None
) -> Screen:
    facts = await task.load(study, tx, draft.data, now)
    try:
        question = task.steps[task.place_of(draft.step)].ask(facts, draft.data)
    except BadInput as gone:
        # What was chosen before is no more, as when somebody withdrew meanwhile.
        question = Question((worded(gone),))
    return wizard.frame(_place(task, draft), question, worded(problem) if problem else None)


async def _again(study: Study, tx: Tx, task: Task[Any], draft: Draft, message_id: int, now: datetime) -> Turn:
    screen = await _screen(study, tx, task, draft, now)
    toast = say("toast.old_button")
    if draft.message_id == message_id:
        return Turn(screen, message_id, toast)
    return Turn(screen, None, toast, closes=draft.message_id)


async def _take(
    study: Study,
    tx: Tx,
    task: Task[Any],
    draft: Draft,
    words: str,
    now: datetime,
    *,
    update_id: int | None = None,
) -> Turn:
    """Take a pressed word, or a typed one where there is an update; a refused one is asked for again."""
    step = task.steps[task.place_of(draft.step)]
    facts = await task.load(study, tx, draft.data, now)
    try:
        taken: Taken = (step.pick if update_id is None else step.read)(facts, draft.data, words)
    except BadInput as refused:
        return Turn(await _screen(study, tx, task, draft, now, refused), draft.message_id)
    data = taken.data if update_id is None else {**taken.data, _UPDATE: update_id}
    return await _go_to(study, tx, task, draft, 0 if taken.stay else 1, data, now)


def _next_step(task: Task[Any], step: str, by_steps: int, data: Data) -> str:
    """Return the step that many places on (or back), those left out that do not apply."""
    asked = [each.name for each in task.steps if each.applies(data) or each.name == step]
    return asked[max(0, min(asked.index(step) + by_steps, len(asked) - 1))]


async def _go_to(
    study: Study, tx: Tx, task: Task[Any], draft: Draft, by_steps: int, data: Data, now: datetime
) -> Turn:
    step = _next_step(task, draft.step, by_steps, data)
    moved = await drafts.advance(tx, draft, step, data, now)
    if moved is None:
        raise StaleTap("the draft has changed")
    return Turn(await _screen(study, tx, task, moved, now), draft.message_id)


async def _finish(study: Study, task: Task[Any], member: StaffMember, draft: Draft) -> Turn:
    now = study.clock.now()
    try:
        done = await task.finish(study, member, draft)
    except BadInput as refused:
        async with study.db.begin() as tx:
            return Turn(await _screen(study, tx, task, draft, now, refused), draft.message_id)
    async with study.db.begin() as tx:
        held = await drafts.get(tx, draft.person)
        if held is not None and (held.task, held.version) == (draft.task, draft.version):
            await drafts.drop(tx, draft.person)
    return Turn(done.screen, draft.message_id, is_open=False, invite=done.invite, closes=done.closes)


def worded(refused: BadInput) -> Phrase:
    """Return why an input was refused."""
    return Phrase(refused.key, cast("dict[str, Value]", dict(refused.values)))
