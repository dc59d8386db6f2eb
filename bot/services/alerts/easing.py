"""A normal second reading leaves its alert with more time: the one way in which a tier gets milder."""

from datetime import datetime

from bot.services.alerts.chain import advance, record
from bot.services.alerts.copies import refresh_copies
from bot.storage import alerts, findings
from bot.storage.db import Tx
from bot.study import Study

EASED = "ease_alert"


async def ease_after(study: Study, tx: Tx, participant_id: int, first_id: int, now: datetime) -> None:
    """Give an AMBER alert the time that its findings ask for without those of the first reading.

    What the second reading left standing was found anew under its own answer.
    An alert that is RED, or rests on anything as urgent, stays as it is.
    """
    for alert in await alerts.open_for(tx, participant_id):
        if alert.tier != "amber" or alert.hours is None:
            continue
        found = [each.what for each in await findings.of_alert(tx, alert.id)]
        standing = [each for each in found if each.answer_id != first_id]
        hours = min((each.hours for each in standing if each.hours is not None), default=None)
        if hours is None or hours <= alert.hours:
            continue
        eased = await alerts.ease(tx, alert.id, hours, now)
        if eased is not None:
            before, after = {"hours": alert.hours}, {"hours": hours}
            await record(study, tx, alert.id, EASED, now, before=before, after=after)
            await advance(study, tx, eased, now)
            await refresh_copies(tx, alert.id, now)
