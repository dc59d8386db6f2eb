"""Making a join link for a participant in the chat, as a member of staff who may."""

from bot.domain.people import ENDED, Action, Participant, PersonRef
from bot.errors import NotAllowed, StaleTap
from bot.services import enrolment, people
from bot.services.invitations import Invitation
from bot.storage import staff
from bot.study import Study


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
