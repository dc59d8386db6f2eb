"""What was done about a participant, the oldest first: the audit trail, for staff to read."""

from bot.domain.people import Action, PersonRef
from bot.screens.deeds import LINES, Done, RecordView
from bot.services.alerts.acts import allowed
from bot.storage import audit, participants, staff
from bot.storage.audit import Entry
from bot.study import Study


async def of_participant(study: Study, by: PersonRef, code: str) -> RecordView | None:
    """Return the last rows about a participant; None where nobody has this code."""
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_PARTICIPANT)
        known = await participants.by_code(tx, code)
        if known is None:
            return None
        names = {member.id: member.name for member in await staff.all_(tx)}
        entries = await audit.about(tx, known.ref)
    done = [_done(each, names) for each in entries[-LINES:]]
    return RecordView(known.code, study.site.zone, done, max(0, len(entries) - LINES))


def _done(entry: Entry, names: dict[int, str]) -> Done:
    who = names.get(entry.actor_id or 0, "?") if entry.actor_kind == "staff" else entry.actor_name or ""
    return Done(entry.action, entry.at, entry.actor_kind, who, entry.reason or "")
