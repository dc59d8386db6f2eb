"""Who somebody is: a chat's live link looked up afresh each time."""

from dataclasses import dataclass, replace

from bot.domain.people import Participant, ParticipantStatus, PersonRef, StaffMember
from bot.errors import StaleTap
from bot.storage import caregivers, links, participants, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent
from bot.study import Study

Person = Participant | StaffMember


@dataclass(frozen=True, slots=True)
class Joined:
    """The code was good, and the chat is now this person's; `former_chat` was theirs until then."""

    person: Person
    former_chat: int | None = None


async def who(study: Study, telegram_id: int) -> Person | None:
    """Return the person whose live chat this is; None for strangers, revoked staff included."""
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        return None if ref is None else await person(tx, ref)


async def person(tx: Tx, ref: PersonRef) -> Person | None:
    """Return a participant, also as spoken for by a caregiver, or a member of staff who was not revoked."""
    if ref.kind == "caregiver":
        return await spoken_for(tx, ref)
    if ref.kind == "participant":
        return await participants.get(tx, ref.id)
    member = await staff.get(tx, ref.id)
    return None if member is None or member.status == "revoked" else member


async def spoken_for(tx: Tx, ref: PersonRef) -> Participant | None:
    """Return the participant as their caregiver speaks for them, in the caregiver's language."""
    caregiver = await caregivers.get(tx, ref.id)
    if caregiver is None or caregiver.status == "ended":
        return None
    known = await participants.get(tx, caregiver.participant_id)
    if known is None:
        return None
    spoken = replace(known, language=caregiver.language, spoken_for_by=caregiver)
    if caregiver.status == "active":
        return spoken
    # Until they have agreed themselves, they see and do nothing but that.
    return replace(spoken, status=ParticipantStatus.JOINED, consented_at=None)


async def reader(tx: Tx, ref: PersonRef) -> Participant:
    """Return whom a message to a participant or their caregiver is about, in the reader's language."""
    found = await person(tx, ref)
    if not isinstance(found, Participant):
        raise StaleTap(f"nobody at {ref}")
    return found


async def caregivers_of(tx: Tx, participant_id: int) -> list[PersonRef]:
    """Return the caregivers who have joined and agreed."""
    return [each.ref for each in await caregivers.live_of(tx, participant_id) if each.status == "active"]


async def copies(tx: Tx, intent: Intent, participant_id: int) -> list[Intent]:
    """Return the same message for each caregiver; its key stays known, to ask whether it is still true."""
    return [
        replace(intent, key=f"{intent.key}:{ref}", to=ref, params={**intent.params, "key": intent.key})
        for ref in await caregivers_of(tx, participant_id)
    ]


async def participant(tx: Tx, participant_id: int) -> Participant:
    """Return a participant that must be there; StaleTap otherwise."""
    found = await participants.get(tx, participant_id)
    if found is None:
        raise StaleTap(f"no participant {participant_id}")
    return found
