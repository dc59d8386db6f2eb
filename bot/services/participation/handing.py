"""Making a join link for a participant in the chat, as a member of staff who may."""

import asyncio

from bot.domain.people import ENDED, Action, Participant, PersonRef
from bot.errors import NotAllowed, StaleTap
from bot.papers.card import CardFacts, card
from bot.services import people
from bot.services.participation import enrolment
from bot.services.participation.invitations import Invitation
from bot.storage import staff
from bot.study import Study
from bot.texts import Moment


async def new_link(study: Study, by: PersonRef, participant_id: int) -> tuple[Participant, Invitation]:
    """Make a new join link; older ones can no longer be used. StaleTap for somebody who has left."""
    async with study.db.begin() as tx:
        member = await staff.get(tx, by.id) if by.kind == "staff" else None
        if member is None or not member.may(Action.ENROL):
            raise NotAllowed(Action.ENROL)
        participant = await people.participant(tx, participant_id)
    if participant.status in ENDED:
        raise StaleTap("has left the trial")
    return participant, await enrolment.invite(study, by, participant)


async def card_of(study: Study, participant: Participant, invitation: Invitation) -> tuple[bytes, bytes]:
    """Return the card to hand over, as PNG and PDF, drawn beside the event loop."""
    facts = CardFacts(
        participant.code,
        invitation.link,
        Moment(invitation.expires_at, study.site.zone),
        participant.language,
        study.site,
    )
    return await asyncio.to_thread(card, facts, study.texts)
