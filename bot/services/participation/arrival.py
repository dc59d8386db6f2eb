"""Whether messages arrive: one that asks for a tap, and a word to the coordinators where none comes."""

from datetime import datetime

from bot.domain.people import PersonRef
from bot.errors import StaleTap
from bot.screens import consent as screens
from bot.services import people
from bot.services.notices import coordinators, render_note, tell_coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import link_checks, links, outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

TEST, UNSEEN = "arrival_test", "arrival_unseen"


async def queue_test(study: Study, tx: Tx, person: PersonRef, now: datetime) -> None:
    """Queue the test for somebody's chat, once, and the note for when it is not answered."""
    link = await links.get(tx, person)
    if link is None or not await link_checks.mark_tested(tx, link.id, now):
        return
    params = {"link": link.id}
    await outbox.enqueue(tx, Intent(f"{TEST}:{link.id}", TEST, outbox.REPLY, person, params), now)
    told = {**params, "note": UNSEEN, "about": str(person)}
    notes = [
        Intent(
            f"{UNSEEN}:{link.id}:{member.id}",
            UNSEEN,
            outbox.REPLY,
            member.ref,
            told,
            not_before=now + study.protocol.practice.seen_within.value,
        )
        for member in await coordinators(tx)
    ]
    await outbox.enqueue_many(tx, notes, now)


async def seen(study: Study, person: PersonRef, link_id: int) -> bool:
    """Record that the test arrived; False when that was known. StaleTap where the link is not theirs."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        link, check = await links.get(tx, person), await link_checks.get(tx, link_id)
        if link is None or link.id != link_id or check is None:
            raise StaleTap("not the test of this chat")
        if not await link_checks.mark_seen(tx, link_id, now):
            return False
        await record(tx, study, person, "message_arrived", now, subject=person, after={"link": link_id})
        within = study.protocol.practice.seen_within.value
        late = check.tested_at is not None and now >= check.tested_at + within
        about = await people.person(tx, person)
        if late and about is not None:
            await tell_coordinators(tx, "arrived_late", str(link_id), now, about=about)
        return True


async def _render_test(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    reader = None if message.to is None else await people.person(tx, message.to)
    link = None if message.to is None else await links.get(tx, message.to)
    if reader is None or link is None or link.id != message.params["link"]:
        return Skip("the chat is another one")
    return Outgoing(screens.arrival_test(link.id), reader.language)


async def _render_unseen(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    about = PersonRef.parse(str(message.params["about"]))
    link, check = await links.get(tx, about), await link_checks.get(tx, message.params["link"])
    if link is None or link.id != message.params["link"] or check is None or check.seen_at is not None:
        return Skip("seen, or another chat")
    return await render_note(study, tx, message, now)


KINDS = {TEST: Kind(_render_test), UNSEEN: Kind(_render_unseen)}
