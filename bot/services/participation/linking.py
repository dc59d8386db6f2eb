"""Staff say whose account joined: theirs, or somebody else's, whose chat then ends at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain import consent
from bot.domain.people import Action, Participant, PersonRef, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.services import people
from bot.services.participation.ending import end_chat
from bot.services.trail import record
from bot.storage import consents, link_checks, links, participants, staff
from bot.storage.db import Tx
from bot.storage.link_checks import LinkCheck
from bot.storage.links import Link
from bot.study import Study


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of it: `by` confirmed it, or the chat was ended."""

    outcome: Literal["confirmed", "already", "ended"]
    participant: Participant
    by: str = ""
    former_chat: int | None = None


async def confirm(study: Study, by: PersonRef, link_id: int) -> Checked:
    """Record that staff know whose account it is; StaleTap where the link has ended."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member, link, check, known = await _found(tx, by, link_id)
        if not await link_checks.confirm(tx, link_id, member.id, now):
            before = await staff.get(tx, check.confirmed_by or 0)
            return Checked("already", known, before.name if before else "?")
        await record(tx, study, by, "confirm_link", now, subject=link.person, after={"link": link_id})
        return Checked("confirmed", known, member.name)


async def participant_of(study: Study, by: PersonRef, link_id: int) -> Participant:
    """Return whose link it is, while it is live; StaleTap otherwise."""
    async with study.db.begin() as tx:
        return (await _found(tx, by, link_id))[3]


async def not_theirs(study: Study, by: PersonRef, link_id: int) -> Checked:
    """End a link that the wrong person opened, and void what was agreed to there; a new code comes next."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        _, link, _, known = await _found(tx, by, link_id)
        await _void(tx, known, link, now)
        await end_chat(tx, known, "not theirs", now)
        await link_checks.forget_account(tx, link_id)
        await participants.mark_unconsented(tx, known.id, linked=False)
        await participants.set_wake(tx, known.id, now)
        after = {"link": link_id, "linked_at": link.linked_at.isoformat()}
        await record(tx, study, by, "end_wrong_link", now, subject=known.ref, after=after)
        return Checked("ended", known, former_chat=link.chat_id)


async def _void(tx: Tx, known: Participant, link: Link, now: datetime) -> None:
    """What was agreed to on that chat was not agreed to by the participant."""
    made = consent.Standing.of(await consents.of_person(tx, known.ref))
    for kind, latest in made.latest.items():
        if latest.at >= link.linked_at:
            await consents.add(
                tx, known.ref, kind, "void", now, version=latest.version, language=latest.language
            )


async def _found(tx: Tx, by: PersonRef, link_id: int) -> tuple[StaffMember, Link, LinkCheck, Participant]:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.ENROL):
        raise NotAllowed(Action.ENROL)
    link, check = await links.by_id(tx, link_id), await link_checks.get(tx, link_id)
    if link is None or check is None or link.person.kind != "participant":
        raise StaleTap("the link has ended")
    return member, link, check, await people.participant(tx, link.person.id)
