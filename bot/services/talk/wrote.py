"""The participant's own words behind an alert: whoever may be paged for them may read them."""

from dataclasses import dataclass

from bot.domain.people import Action, PersonRef
from bot.screens.alert_view import AlertView
from bot.screens.alert_words import Wrote
from bot.services import people
from bot.services.alerts.acts import allowed
from bot.services.alerts.view import FILES_BEFORE, alert_of, view_of
from bot.services.talk.reading import mark_read
from bot.storage import texts_in
from bot.study import Study


@dataclass(frozen=True, slots=True)
class Read:
    """An alert, and what was written since the day before it."""

    view: AlertView
    texts: tuple[Wrote, ...]


async def read(study: Study, by: PersonRef, alert_id: int) -> Read:
    """Return the words behind an alert; reading them is recorded, and their author sees that they were read.

    Nothing in /messages is settled by it: an answer is still waited for there.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        alert = await alert_of(tx, alert_id)
        author = await people.participant(tx, alert.participant_id)
        found = await texts_in.of_participant(tx, author.id, alert.opened_at - FILES_BEFORE)
        await mark_read(study, tx, by, author, max((each.id for each in found), default=0), now)
        texts = tuple(Wrote(each.at, each.text) for each in found if each.text)
        return Read(await view_of(study, tx, alert), texts)
