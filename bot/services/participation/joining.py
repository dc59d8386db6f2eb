"""Joining by a one-time code, and choosing the language; consenting.py goes on from there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.domain.people import Language, Participant, ParticipantStatus, PersonRef, StaffMember
from bot.errors import NotAllowed
from bot.services import people
from bot.services.notices import tell_coordinators
from bot.services.participation import arrival, caring
from bot.services.people import Joined, Person
from bot.services.trail import record
from bot.storage import caregivers, codes, link_checks, links, participants, staff
from bot.storage.codes import Redemption
from bot.storage.db import Tx
from bot.study import Study

__all__ = ["Joined", "choose_language", "redeem"]

TRIES_OF_ONE = 5
TRIES_OF_ALL = 100
TRIES_WITHIN = timedelta(hours=1)
_ENDED = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)


Outcome = Joined | Literal["refused", "too_many"]


async def redeem(study: Study, telegram_id: int, code: str, account: str = "") -> Outcome:
    """Link a chat to the person for whom the code was made, ending their former link.

    `account` is what Telegram calls it: staff read it to tell whether it is theirs.

    A wrong, used, expired or revoked code, and a chat that is somebody else's,
    are all "refused": nothing tells them apart. Running twice for the same
    chat and code gives the same answer.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        if await _too_many(tx, telegram_id, now):
            return "too_many"
    try:
        async with study.db.begin() as tx:
            return await _redeem(study, tx, _Chat(telegram_id, account), code, now)
    except NotAllowed:
        # The transaction was rolled back, so a good code in the wrong hands is not used up; the try counts.
        async with study.db.begin() as tx:
            await codes.record_try(tx, tx.chat_key(telegram_id), now)
        return "refused"


async def _too_many(tx: Tx, telegram_id: int, now: datetime) -> bool:
    since = now - TRIES_WITHIN
    if await codes.tries_since(tx, since, tx.chat_key(telegram_id)) >= TRIES_OF_ONE:
        return True
    return await codes.tries_since(tx, since) >= TRIES_OF_ALL


@dataclass(frozen=True, slots=True)
class _Chat:
    id: int
    account: str


async def _redeem(study: Study, tx: Tx, chat: _Chat, code: str, now: datetime) -> Joined:
    redeemed = await codes.redeem(tx, codes.hash_code(code), now, tx.chat_key(chat.id))
    if redeemed.person is None or redeemed.outcome not in (Redemption.OK, Redemption.YOURS):
        raise NotAllowed("no such open code")
    if redeemed.person.kind == "caregiver":
        return await caring.join(study, tx, redeemed.person, chat.id, now)
    found = await people.person(tx, redeemed.person)
    if found is None or (isinstance(found, Participant) and found.status in _ENDED):
        raise NotAllowed("nobody who may join")
    if redeemed.outcome is Redemption.YOURS:
        return Joined(await _again(tx, found, chat.id))
    before = await links.get(tx, found.ref)
    if await links.link(tx, found.ref, chat.id, now) == "chat_taken":
        raise NotAllowed("this chat is another person's")
    former = before.chat_id if before is not None and before.chat_id != chat.id else None
    return Joined(await _linked(study, tx, found, chat.account, before, now), former)


async def _again(tx: Tx, person: Person, telegram_id: int) -> Person:
    """Answer as before to a handler that runs twice, as long as the chat is still theirs."""
    if await links.find_person(tx, telegram_id) != person.ref:
        raise NotAllowed("the chat was unlinked since")
    return person


async def _linked(
    study: Study, tx: Tx, person: Person, account: str, before: links.Link | None, now: datetime
) -> Person:
    after = {"former_link": before.linked_at.isoformat() if before else None}
    await record(tx, study, person.ref, "join", now, subject=person.ref, after=after)
    link = await _proofs(tx, person, account, before)
    await _tell_joined(tx, person, link, before, now)
    if isinstance(person, StaffMember):
        await staff.mark_active(tx, person.id)
    else:
        await participants.mark_joined(tx, person.id, now)
        if person.consented_at is not None:
            await arrival.queue_test(study, tx, person.ref, now)
    return await people.person(tx, person.ref) or person


async def _proofs(tx: Tx, person: Person, account: str, before: links.Link | None) -> links.Link:
    """Begin the proofs of the new chat; what Telegram called the former one is not needed any more."""
    link = await links.get(tx, person.ref)
    if link is None:
        raise LookupError(f"{person.ref} was linked and has no link")
    await link_checks.add(tx, link.id, account)
    if before is not None:
        await link_checks.forget_account(tx, before.id)
    return link


async def _tell_joined(
    tx: Tx, person: Person, link: links.Link, before: links.Link | None, now: datetime
) -> None:
    values: dict[str, Any] = {"at": now.isoformat(), "link": link.id, "ending": link.ending}
    if before is not None:
        values |= {"before": before.linked_at.isoformat(), "former": before.ending}
    is_staff = isinstance(person, StaffMember)
    if is_staff:
        note: Literal["joined", "rejoined", "staff_joined", "staff_rejoined"] = (
            "staff_rejoined" if before else "staff_joined"
        )
    else:
        note = "rejoined" if before else "joined"
    occurrence = f"{person.ref}:{now.isoformat()}"
    await tell_coordinators(tx, note, occurrence, now, about=person, **values)


async def choose_language(study: Study, ref: PersonRef, language: Language) -> Person:
    """Set the language of a person; staff read one of the two, not both."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        if ref.kind == "caregiver":
            await caregivers.set_language(tx, ref.id, language)
        before = await people.person(tx, ref)
        if before is None or (isinstance(before, StaffMember) and language == "both"):
            raise NotAllowed("language")
        if isinstance(before, StaffMember):
            await staff.set_language(tx, ref.id, "en" if language == "en" else "zh_CN")
        elif ref.kind == "participant":
            await participants.set_language(tx, ref.id, language)
        was, is_now = {"language": before.language}, {"language": language}
        await record(tx, study, ref, "set_language", now, subject=ref, before=was, after=is_now)
        return await people.person(tx, ref) or before
