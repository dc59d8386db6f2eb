"""Whether a person's chat can be reached: found out when a message is refused, or when they block the bot."""

from datetime import datetime

from bot.domain.findings import Assessment
from bot.domain.missed import silence_hours
from bot.domain.people import Participant, ParticipantStatus, PersonRef
from bot.domain.words import Words
from bot.services.alerts.alerts import raise_alert
from bot.services.facts import context_of, course_of
from bot.services.notices import Note, tell_coordinators
from bot.services.people import person
from bot.storage import findings, links
from bot.storage.db import Tx
from bot.storage.findings import NewFinding
from bot.storage.outbox import Message
from bot.study import Study

RULE, VERSION = "UNREACHABLE", 1


async def on_unreachable(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    """Note that a person's chat refuses messages; for a participant a coordinator has to telephone."""
    if message.to is not None:
        await _lost(study, tx, message.to, now)


async def on_failed(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    """Tell the coordinators that a message to a participant can never go out; once an hour for each.

    Whoever cannot be reached at all has been told of already.
    """
    link = None if message.to is None or message.to.kind == "staff" else await links.get(tx, message.to)
    if link is None or link.unreachable_at is not None:
        return
    about = await person(tx, link.person)
    await tell_coordinators(tx, "undelivered", f"{link.person}:{now:%Y-%m-%dT%H}", now, about=about)


async def blocked(study: Study, telegram_id: int) -> None:
    """Note that somebody has blocked the bot."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        if ref is not None:
            await _lost(study, tx, ref, now)


async def unblocked(study: Study, telegram_id: int) -> None:
    """Note that somebody lets the bot write again."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        ref = await links.find_person(tx, telegram_id)
        if ref is not None and await links.mark_reachable(tx, ref):
            await _tell(tx, ref, "reachable", now)


async def _lost(study: Study, tx: Tx, ref: PersonRef, now: datetime) -> None:
    if await links.mark_unreachable(tx, ref, now) and not await _alert(study, tx, ref, now):
        await _tell(tx, ref, "unreachable", now)


async def _alert(study: Study, tx: Tx, ref: PersonRef, now: datetime) -> bool:
    """Have somebody telephone a participant who is followed; False for everybody else, who is but noted.

    AMBER at once, with the hours that a missed report of this time would have, at most 4.
    """
    about = await person(tx, ref)
    if (
        ref.kind == "caregiver"
        or not isinstance(about, Participant)
        or about.status is not ParticipantStatus.ACTIVE
    ):
        return False
    context = context_of(study, about, await course_of(tx, about), (), study.protocol.report_form, now)
    hours = silence_hours(context, study.protocol)
    new = NewFinding(
        participant_id=about.id,
        source=f"unreachable:{ref}:{now.isoformat()}",
        rule=RULE,
        rule_version=VERSION,
        tier="amber",
        hours=hours,
        protocol_version=study.protocol.version,
        detail={
            "reason": Words("unreachable.page").as_json(),
            "notes": [Words("unreachable.page_task").as_json()],
        },
    )
    await findings.add(tx, new, now)
    await raise_alert(tx, study, about, None, Assessment("amber", hours, (), False, ()), now)
    return True


async def _tell(tx: Tx, ref: PersonRef, what: str, now: datetime) -> None:
    about = await person(tx, ref)
    if about is None:
        return
    if ref.kind == "caregiver":
        if what == "unreachable":
            occurrence = f"{ref}:{now.isoformat()}"
            await tell_coordinators(tx, "caregiver_unreachable", occurrence, now, about=about)
        return
    note: Note
    if isinstance(about, Participant):
        note = "reachable" if what == "reachable" else "unreachable"
    else:
        note = "staff_reachable" if what == "reachable" else "staff_unreachable"
    await tell_coordinators(tx, note, f"{ref}:{now.isoformat()}", now, about=about)
