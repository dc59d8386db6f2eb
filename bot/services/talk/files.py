"""Pictures and voice messages of participants, for staff who open a thread or an alert; each look is kept."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.services import people
from bot.services.alerts.view import FILES_BEFORE
from bot.services.trail import record
from bot.storage import alerts, links, media, staff
from bot.storage.db import Tx
from bot.storage.media import Kept
from bot.study import Study


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file to show in one private chat; where it has no name, its message is copied from its own chat."""

    code: str
    kind: str
    at: datetime
    zone: str
    file_id: str | None
    chat_id: int | None
    message_id: int


async def of_text(study: Study, by: PersonRef, text_id: int) -> ShownFile:
    """Return the file that came with a text; StaleTap where there is none."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        kept = await media.get(tx, text_id)
        if kept is None:
            raise StaleTap(f"no file with text {text_id}")
        return await _shown(study, tx, by, kept, now)


async def of_alert(study: Study, by: PersonRef, alert_id: int) -> list[ShownFile]:
    """Return what the participant of an alert sent since the day before it, the oldest first."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        alert = await alerts.get(tx, alert_id)
        if alert is None:
            raise StaleTap(f"no alert {alert_id}")
        kept = await media.since(tx, alert.participant_id, alert.opened_at - FILES_BEFORE)
        return [await _shown(study, tx, by, each, now) for each in kept]


async def _shown(study: Study, tx: Tx, by: PersonRef, kept: Kept, now: datetime) -> ShownFile:
    author = await people.participant(tx, kept.participant_id)
    await record(tx, study, by, "see_file", now, subject=author.ref, after={"text": kept.text_id})
    chat_id = await links.chat_of(tx, author.ref)
    medium = kept.medium
    return ShownFile(
        author.code, medium.kind, kept.at, study.site.zone, medium.file_id, chat_id, medium.message_id
    )


async def _may(tx: Tx, by: PersonRef) -> StaffMember:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.SEE_ALERTS):
        raise NotAllowed(Action.SEE_ALERTS)
    return member
