"""How to reach a participant by telephone: kept sealed, shown on request, each look on the trail."""

from datetime import datetime, timedelta

from bot.domain.people import Action, PersonRef
from bot.domain.telephone import spaced
from bot.errors import NotAllowed
from bot.screens import card as screens
from bot.screens.card import PhoneView
from bot.services import people
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.staff import overview
from bot.services.trail import record
from bot.storage import outbox, phones, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

HIDE = "phone_hide"
SHOWN_FOR = timedelta(minutes=5)


async def look(study: Study, by: PersonRef, participant_id: int, message_id: int) -> PhoneView | None:
    """Return a number to be shown in a message, and see to it that it is hidden again; None without one.

    The trail has the look before anybody sees the number.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by, Action.SEE_PHONE)
        participant = await people.participant(tx, participant_id)
        number = await phones.get(tx, participant.id)
        if number is None:
            return None
        await record(tx, study, by, "see_phone", now, subject=participant.ref)
        until = now + SHOWN_FOR
        key = f"{HIDE}:{by.id}:{message_id}:{now.isoformat()}"
        params = {"participant": participant.id, "message": message_id}
        await outbox.enqueue(tx, Intent(key, HIDE, outbox.REPLY, by, params, not_before=until), now)
        return PhoneView(participant.id, participant.code, spaced(number), until, study.site.zone)


async def put(study: Study, tx: Tx, by: PersonRef, participant_id: int, number: str, now: datetime) -> None:
    """Keep a normal number, in the caller's transaction; the trail has that, and not the number."""
    await _may(tx, by, Action.ENROL)
    participant = await people.participant(tx, participant_id)
    before = await phones.is_known(tx, participant.id)
    await phones.put(tx, participant.id, number, now)
    what = "change_phone" if before else "add_phone"
    await record(tx, study, by, what, now, subject=participant.ref)


async def forget(study: Study, tx: Tx, by: PersonRef, participant_id: int, now: datetime) -> None:
    """Forget a number, in the caller's transaction."""
    await _may(tx, by, Action.ENROL)
    participant = await people.participant(tx, participant_id)
    if await phones.drop(tx, participant.id):
        await record(tx, study, by, "forget_phone", now, subject=participant.ref)


async def _may(tx: Tx, by: PersonRef, action: Action) -> None:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)


async def _render_hide(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None:
        return Skip("nobody to hide it from")
    participant = await people.participant(tx, message.params["participant"])
    screen = screens.card(await overview.card_view(study, tx, participant, now), member.may)
    return Outgoing(screen, member.language, "edit", edit_message_id=message.params["message"])


KIND = Kind(_render_hide)
