"""The open question once more, for somebody whose report has not come."""

from dataclasses import replace
from datetime import datetime

from bot.domain.people import ParticipantStatus
from bot.domain.words import Words
from bot.screens import checkins as screens
from bot.services import people
from bot.services.checkins.forms import load_sheet
from bot.services.checkins.turns import turn_of
from bot.services.facts import in_hospital
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import awaited, checkins
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Show the question at which the form stands; skipped once it came, or a newer one was asked."""
    checkin = await checkins.get(tx, int(message.params["checkin"]))
    row = None if checkin is None else await awaited.of_checkin(tx, checkin.id)
    if checkin is None or row is None or row.state in ("answered", "dropped") or checkin.state != "open":
        return Skip("not awaited any more")
    if message.to is None:
        return Skip("nobody to ask")
    participant = await people.reader(tx, message.to)
    if participant.status is not ParticipantStatus.ACTIVE or await in_hospital(tx, participant, now):
        return Skip("not asked at home")
    turn = turn_of(study, await load_sheet(study, tx, participant, checkin, now), now)
    view = replace(turn.view, note=Words("missed.nudge"))
    return Outgoing(screens.checkin(view, study.site), participant.language)


async def sent(study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime) -> None:
    """Let the form live on in the newer message."""
    if message_id is not None and (message.to is None or message.to.kind == "participant"):
        await checkins.set_message(tx, int(message.params["checkin"]), message_id)


KIND = Kind(render, after_sent=sent)
