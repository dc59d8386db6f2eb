"""Who somebody is: a chat's live link looked up afresh each time."""

from bot.domain.people import Participant, PersonRef, StaffMember
from bot.errors import StaleTap
from bot.storage import links, participants, staff
from bot.storage.db import Tx
from bot.study import Study

Person = Participant | StaffMember


async def who(study: Study, telegram_id: int) -> Person | None:
    """Return the person whose live chat this is; None for strangers, revoked staff included."""
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        return None if ref is None else await person(tx, ref)


async def person(tx: Tx, ref: PersonRef) -> Person | None:
    """Return a participant, or a member of staff who was not revoked."""
    if ref.kind == "participant":
        return await participants.get(tx, ref.id)
    member = await staff.get(tx, ref.id)
    return None if member is None or member.status == "revoked" else member


async def participant(tx: Tx, participant_id: int) -> Participant:
    """Return a participant that must be there; StaleTap otherwise."""
    found = await participants.get(tx, participant_id)
    if found is None:
        raise StaleTap(f"no participant {participant_id}")
    return found
