"""Whether a person's chat can be reached: found out when a message is refused, or when they block the bot."""

from datetime import datetime

from bot.domain.people import Participant, PersonRef
from bot.services.notices import Note, tell_coordinators
from bot.services.people import person
from bot.storage import links
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study


async def on_unreachable(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    """Note that a person's chat refuses messages; for a participant a coordinator has to telephone."""
    if message.to is not None:
        await _lost(tx, message.to, now)


async def blocked(study: Study, telegram_id: int) -> None:
    """Note that somebody has blocked the bot."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        if ref is not None:
            await _lost(tx, ref, now)


async def unblocked(study: Study, telegram_id: int) -> None:
    """Note that somebody lets the bot write again."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        if ref is not None and await links.mark_reachable(tx, ref):
            await _tell(tx, ref, "reachable", now)


async def _lost(tx: Tx, ref: PersonRef, now: datetime) -> None:
    if await links.mark_unreachable(tx, ref, now):
        await _tell(tx, ref, "unreachable", now)


async def _tell(tx: Tx, ref: PersonRef, what: str, now: datetime) -> None:
    about = await person(tx, ref)
    if about is None:
        return
    note: Note
    if isinstance(about, Participant):
        note = "reachable" if what == "reachable" else "unreachable"
    else:
        note = "staff_reachable" if what == "reachable" else "staff_unreachable"
    await tell_coordinators(tx, note, f"{ref}:{now.isoformat()}", now, about=about)
