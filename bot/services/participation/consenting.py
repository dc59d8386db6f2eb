"""The two consents: each decided by itself, kept with its edition, and what follows from both."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain import consent
from bot.domain.consent import ConsentKind, Standing
from bot.domain.people import Participant, ParticipantStatus
from bot.errors import StaleTap
from bot.screens import consent as screens
from bot.services import people
from bot.services.notices import tell_coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.participation import arrival
from bot.services.trail import record
from bot.storage import checkins, consents, outbox, participants, phone_list
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

log = logging.getLogger(__name__)

AGAIN = "consent_again"
_ENDED = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision; `begins`: with it both are given, and the bot begins its work.

    "old_text": the button was of an older edition, which nobody can agree to any more.
    """

    outcome: Literal["given", "refused", "same", "old_text"]
    participant: Participant
    standing: Standing
    begins: bool = False


async def standing(study: Study, participant: Participant) -> Standing:
    """Return where the person at this phone stands with the two consents."""
    async with study.db.begin() as tx:
        return Standing.of(await consents.of_person(tx, participant.actor))


async def decide(
    study: Study, participant: Participant, kind: ConsentKind, version: str, *, agrees: bool
) -> Decided:
    """Record one decision; StaleTap for somebody who has left, or who decides before the chat is theirs."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        if known.status in (*_ENDED, ParticipantStatus.ENROLLED):
            raise StaleTap("not somebody who can decide now")
        before = Standing.of(await consents.of_person(tx, known.ref))
        if version != consent.VERSION:
            return Decided("old_text", known, before)
        if agrees and before.is_given(kind):
            return Decided("same", known, before)
        await _keep(study, tx, known, kind, now, agrees=agrees)
        after = Standing.of(await consents.of_person(tx, known.ref))
        if not agrees:
            await _refused(study, tx, known, now)
            return Decided("refused", await people.participant(tx, known.id), after)
        begins = after.complete and await _begin(study, tx, known, now)
        return Decided("given", await people.participant(tx, known.id), after, begins)


async def _keep(
    study: Study, tx: Tx, known: Participant, kind: ConsentKind, now: datetime, *, agrees: bool
) -> None:
    decision: consent.Decision = "given" if agrees else "refused"
    await consents.add(tx, known.ref, kind, decision, now, version=consent.VERSION, language=known.language)
    after = {"kind": kind, "version": consent.VERSION, "language": known.language}
    action = "consent" if agrees else "refuse_consent"
    await record(tx, study, known.ref, action, now, subject=known.ref, after=after)


async def _begin(study: Study, tx: Tx, known: Participant, now: datetime) -> bool:
    """Let things be due from now on; False where they were before, and only the texts are newer."""
    if not await participants.mark_consented(tx, known.id, now):
        return False
    await participants.set_wake(tx, known.id, now)
    await phone_list.take_off(tx, known.id, now)
    occurrence = f"{known.id}:{now.isoformat()}"
    await tell_coordinators(tx, "consented", occurrence, now, about=known, at=now.isoformat())
    await arrival.queue_test(study, tx, known.ref, now)
    return True


async def _refused(study: Study, tx: Tx, known: Participant, now: datetime) -> None:
    """Let the telephone take over; the chat stays, so that a change of mind needs no new code."""
    if known.consented_at is not None:
        await participants.mark_unconsented(tx, known.id, linked=True)
        await participants.set_wake(tx, known.id, now)
        await outbox.cancel_to(tx, known.ref, "consent refused", now)
        for each in await checkins.all_open(tx, known.id):
            await checkins.advance(tx, each, state="superseded")
    await phone_list.put(tx, known.id, "refused", now)
    await tell_coordinators(tx, "consent_refused", f"{known.id}:{now.date().isoformat()}", now, about=known)


async def ask_again(study: Study) -> int:
    """Ask everybody who agreed to an older edition, once for each edition; return how many.

    Until they answer, what they agreed to goes on.
    """
    now = study.clock.now()
    asked = 0
    async with study.db.begin() as tx:
        for each in await participants.all_(tx):
            if each.status is not ParticipantStatus.ACTIVE:
                continue
            if not Standing.of(await consents.of_person(tx, each.ref)).complete:
                key = f"{AGAIN}:{each.id}:{consent.VERSION}"
                asked += await outbox.enqueue(tx, Intent(key, AGAIN, outbox.REMINDER, each.ref), now)
    return asked


async def _render_again(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    if message.to is None:
        return Skip("nobody to ask")
    reader = await people.participant(tx, message.to.id)
    if Standing.of(await consents.of_person(tx, reader.ref)).complete:
        return Skip("agreed meanwhile")
    return Outgoing(screens.again(), reader.language)


KINDS = {AGAIN: Kind(_render_again)}
