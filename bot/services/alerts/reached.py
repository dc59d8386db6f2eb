"""When the participant was reached, where that was before the press: typed, and checked."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain import contact
from bot.domain.people import Action, PersonRef
from bot.domain.spelled import read_moment
from bot.errors import BadInput
from bot.screens.alert_view import AlertView
from bot.services.alerts.acts import allowed
from bot.services.alerts.view import alert_of, view_of
from bot.storage import drafts
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Phrase

TASK = "reached_when"


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of a typed time: the minute, or why it is refused; `message_id` is the one that asked."""

    view: AlertView
    at: datetime | None
    refused: Phrase | None
    message_id: int | None


async def wait(study: Study, by: PersonRef, alert_id: int, message_id: int) -> AlertView:
    """Wait for the time of contact to be typed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.ACKNOWLEDGE)
        view = await view_of(study, tx, await alert_of(tx, alert_id))
        if view.state not in ("contacted", "closed"):
            await drafts.start(tx, by, TASK, "when", {"alert": alert_id}, now)
            await drafts.set_message(tx, by, message_id)
        return view


async def typed(study: Study, by: PersonRef, text: str) -> Typed | None:
    """Take what is typed as the time of contact; None where none is waited for. Nothing is recorded yet."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task != TASK:
            return None
        await allowed(tx, by, Action.ACKNOWLEDGE)
        view = await view_of(study, tx, await alert_of(tx, int(draft.data["alert"])))
        if view.state in ("contacted", "closed"):
            await drafts.drop(tx, by)
            return Typed(view, None, None, draft.message_id)
        try:
            at = contact.checked(read_moment(text, now, view.zone), view.live_since, now)
        except BadInput as error:
            return Typed(view, None, Phrase(error.key), draft.message_id)
        await drafts.drop(tx, by)
        return Typed(view, at, None, draft.message_id)


async def leave(study: Study, by: PersonRef) -> None:
    """Go back: what is typed next is no time any more."""
    async with study.db.begin() as tx:
        await forget(tx, by)


async def forget(tx: Tx, by: PersonRef) -> None:
    """Forget that a time was waited for; another task of this person stays."""
    draft = await drafts.get(tx, by)
    if draft is not None and draft.task == TASK:
        await drafts.drop(tx, by)
