"""Caregivers: invited and removed by the participant, with a consent of their own; either can end it."""

from datetime import datetime
from typing import Literal

from bot.domain import consent
from bot.domain.consent import ConsentKind, Standing
from bot.domain.people import Caregiver, Language, Participant, ParticipantStatus, PersonRef, Relation
from bot.errors import NotAllowed, StaleTap
from bot.services import people
from bot.services.notices import tell_coordinators
from bot.services.participation import arrival
from bot.services.participation.ending import end_caregiver
from bot.services.participation.invitations import Invitation, invite_person
from bot.services.people import Joined
from bot.services.trail import record
from bot.storage import caregivers, consents, links
from bot.storage.db import Tx
from bot.study import Study

MOST = 2


async def listed(study: Study, participant: Participant) -> list[Caregiver]:
    """Return the caregivers of a participant who have not ended."""
    async with study.db.begin() as tx:
        return await caregivers.live_of(tx, participant.id)


async def others(study: Study, caregiver: Caregiver) -> list[Caregiver]:
    """Return who else has agreed to help the participant for whom a caregiver speaks."""
    async with study.db.begin() as tx:
        some = await caregivers.live_of(tx, caregiver.participant_id)
    return [each for each in some if each.status == "active" and each.id != caregiver.id]


async def own_chat(study: Study, participant: Participant) -> tuple[int, Language] | None:
    """Return the participant's own chat, and what they read there; None where there is none."""
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        chat = await links.chat_of(tx, known.ref)
    return None if chat is None else (chat, known.language)


async def invite(study: Study, participant: Participant, relation: Relation) -> Invitation | None:
    """Make a join link for a caregiver; None where there are as many as may be."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        if known.status is not ParticipantStatus.ACTIVE:
            raise NotAllowed("only who takes part here may invite")
        if len(await caregivers.live_of(tx, known.id)) >= MOST:
            return None
        added = await caregivers.add(tx, known.id, relation, known.language, now)
        return await invite_person(study, tx, known.ref, added.ref, now)


async def join(study: Study, tx: Tx, ref: PersonRef, chat_id: int, now: datetime) -> Joined:
    """Link a caregiver's chat, within the transaction that used the code; NotAllowed where it may not be."""
    found = await people.spoken_for(tx, ref)
    known = None if found is None else await people.participant(tx, found.id)
    if found is None or known is None or known.status is not ParticipantStatus.ACTIVE:
        raise NotAllowed("no caregiver of somebody who takes part here")
    if await links.link(tx, ref, chat_id, now) == "chat_taken":
        raise NotAllowed("this chat is another person's")
    if await caregivers.mark_joined(tx, ref.id, now):
        await record(tx, study, ref, "join", now, subject=found.ref, after={"caregiver": ref.id})
    return Joined(await people.reader(tx, ref))


async def decide(
    study: Study, caregiver: Caregiver, kind: ConsentKind, version: str, *, agrees: bool
) -> tuple[Literal["given", "refused", "old_text"], Standing]:
    """Record a caregiver's decision on one consent; a refusal ends their part."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        about = await people.reader(tx, caregiver.ref)
        made = Standing.of(await consents.of_person(tx, caregiver.ref))
        if version != consent.VERSION:
            return "old_text", made
        if agrees and made.is_given(kind):
            return "given", made
        decision: consent.Decision = "given" if agrees else "refused"
        language = about.language
        await consents.add(tx, caregiver.ref, kind, decision, now, version=version, language=language)
        after = {"kind": kind, "version": version, "language": language, "caregiver": caregiver.id}
        action = "consent" if agrees else "refuse_consent"
        await record(tx, study, caregiver.ref, action, now, subject=about.ref, after=after)
        if not agrees:
            await _end(study, tx, caregiver, caregiver.ref, now)
            return "refused", made
        made = Standing.of(await consents.of_person(tx, caregiver.ref))
        if made.complete and await caregivers.mark_active(tx, caregiver.id):
            await _tell(tx, about, caregiver, "caregiver_joined", now)
            await arrival.queue_test(study, tx, caregiver.ref, now)
        return "given", made


async def end(study: Study, by: PersonRef, participant_id: int, caregiver_id: int) -> int | None:
    """End a caregiver's part, as they or the participant wish; return the chat to be told, if any."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        caregiver = await caregivers.get(tx, caregiver_id)
        if caregiver is None or caregiver.participant_id != participant_id or caregiver.status == "ended":
            raise StaleTap("not a caregiver of theirs any more")
        chat = await links.chat_of(tx, caregiver.ref)
        await _end(study, tx, caregiver, by, now)
        return chat


async def _end(study: Study, tx: Tx, caregiver: Caregiver, by: PersonRef, now: datetime) -> None:
    about = await people.participant(tx, caregiver.participant_id)
    made = Standing.of(await consents.of_person(tx, caregiver.ref))
    for kind, latest in made.latest.items():
        if latest.decision == "given":
            await consents.add(
                tx, caregiver.ref, kind, "withdrawn", now, version=latest.version, language=latest.language
            )
    await end_caregiver(tx, caregiver.ref, now)
    await record(tx, study, by, "end_caregiver", now, subject=about.ref, after={"caregiver": caregiver.id})
    if caregiver.status == "active":
        await _tell(tx, about, caregiver, "caregiver_ended", now)


async def _tell(
    tx: Tx,
    about: Participant,
    caregiver: Caregiver,
    note: Literal["caregiver_joined", "caregiver_ended"],
    now: datetime,
) -> None:
    await tell_coordinators(tx, note, str(caregiver.id), now, about=about, at=now.isoformat())
