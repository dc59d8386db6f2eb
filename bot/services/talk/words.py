"""What participants write of their own accord: kept sealed, acted on, and staff are told that it waits."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.domain.people import Participant, ParticipantStatus
from bot.services import people
from bot.services.alerts.news import paged_now, tell_holders
from bot.services.checkins import asking
from bot.services.checkins.asking import is_only_a_value
from bot.services.checkins.hearing import BY_CAREGIVER, Hearing, act_on, hear
from bot.services.notices import tell_coordinators
from bot.services.talk import threads
from bot.services.trail import record
from bot.storage import media, receipts, texts_in
from bot.storage.db import Tx
from bot.storage.media import Medium
from bot.study import Study

# Whose study is over is asked nothing more; what is RED brings help all the same.
_OVER = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)

__all__ = ["Medium", "Said", "is_only_a_value", "keep_if_alarming", "keep_words"]

Outcome = Literal["red", "asked", "alerted", "kept"]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of somebody's words; `items` are those that they should now be asked."""

    outcome: Outcome
    items: tuple[str, ...] = ()
    text_id: int | None = None
    # One of several pictures that were sent together: the first one was answered.
    quiet: bool = False


async def keep_words(
    study: Study, participant: Participant, text: str, update_id: int, medium: Medium | None = None
) -> Said:
    """Keep what a participant wrote, tell the coordinators, and act on what it means, in one transaction.

    With `medium` it is the caption of what they sent, or empty. The same update
    twice is kept, and acted on, once.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        known = replace(known, spoken_for_by=participant.spoken_for_by)
        hearing = await hear(study, tx, known, text, now)
        return await _keep(study, tx, known, text, update_id, hearing, now, medium)


async def keep_if_alarming(study: Study, participant: Participant, text: str, update_id: int) -> Said:
    """Keep a reading that answers nothing of what was asked, where it calls for help or for a question."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        hearing = await hear(study, tx, known, text, now)
        if hearing.heard.act == "queue":
            return Said("kept")
        if hearing.heard.act == "ask" and await asking.is_doubted(tx, update_id):
            # The form asks it once more itself.
            return Said("kept")
        return await _keep(study, tx, known, text, update_id, hearing, now)


async def _keep(
    study: Study,
    tx: Tx,
    participant: Participant,
    text: str,
    update_id: int,
    hearing: Hearing,
    now: datetime,
    medium: Medium | None = None,
) -> Said:
    said = await _what_to_do(study, tx, participant, hearing)
    kept = await texts_in.add(tx, participant.id, _attributed(participant, text), update_id, now)
    if kept is None:
        # The same update once more: its author may not have been answered yet.
        return replace(said, text_id=await texts_in.of_update(tx, update_id))
    said = replace(said, text_id=kept)
    if medium is not None:
        said = replace(said, quiet=await _keep_medium(tx, participant, kept, medium))
    await receipts.add(tx, kept, participant.id, _told(said, medium))
    await threads.wait(study, tx, participant, now)
    if said.outcome in ("red", "alerted"):
        await act_on(
            study, tx, participant, kept, hearing, now, caregiver=participant.spoken_for_by is not None
        )
    elif said.outcome == "asked":
        await asking.ask(study, tx, participant, kept, said.items, now)
    await tell_holders(study, tx, participant, kept, _note(medium), now, quiet=said.quiet)
    # Whoever is paged for these words needs no work message about them as well.
    paged = await paged_now(tx, participant, now)
    await tell_coordinators(tx, _note(medium), str(kept), now, about=participant, without=paged)
    after = {"text": kept, "outcome": said.outcome}
    await record(tx, study, participant.actor, "hear_words", now, subject=participant.ref, after=after)
    return said


async def _what_to_do(study: Study, tx: Tx, participant: Participant, hearing: Hearing) -> Said:
    """Return what a text calls for; where nothing can be asked, a human asks."""
    heard = hearing.heard
    if heard.act == "red" or hearing.judged.tier == "red":
        return Said("red")
    if participant.spoken_for_by and any(each.status == "other" for each in heard.findings):
        # Who speaks for somebody says "he has a fever": that is no other person's.
        return Said("alerted")
    if heard.act == "queue" or participant.status in _OVER:
        return Said("kept")
    possible = asking.can_be_asked(study, participant, heard.items)
    if not possible:
        return Said("alerted")
    items = await asking.not_asked_yet(study, tx, participant, possible)
    return Said("asked", items) if items else Said("kept")


async def _keep_medium(tx: Tx, participant: Participant, text_id: int, medium: Medium) -> bool:
    """Keep what came with a text; True where it is not the first of an album."""
    before = await media.of_album(tx, participant.id, medium.album) if medium.album else 0
    await media.add(tx, text_id, participant.id, medium)
    return before > 0


def _note(medium: Medium | None) -> Literal["words", "photo", "unreadable"]:
    if medium is None:
        return "words"
    return "photo" if medium.kind == "photo" else "unreadable"


def _attributed(participant: Participant, text: str) -> str:
    """Say before a caregiver's words whose they are."""
    return f"{BY_CAREGIVER}{text}" if participant.spoken_for_by else text


def _told(said: Said, medium: Medium | None) -> receipts.Told:
    """Return what the author is told: what the words call for comes before what cannot be read."""
    if medium is None or said.outcome != "kept":
        return said.outcome
    return "photo" if medium.kind == "photo" else "unreadable"
