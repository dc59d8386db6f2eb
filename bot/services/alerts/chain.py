"""The chain of one alert: whom to page now, whom to ask, when to look again. No timer is kept in memory."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.escalation import Chain, Move, Staffing, chain_for, next_move
from bot.domain.people import Participant, PersonRef, Role, StaffMember
from bot.services import people
from bot.services.alerts.duty import duty_of
from bot.services.trail import SYSTEM
from bot.storage import alerts, audit, links, outbox, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.storage.outbox import Intent
from bot.storage.types import Subject
from bot.study import Study

PAGE, PAGE_EDIT, NOTE, ASK, SECOND = "page", "page_edit", "alert_note", "ask_help", "page_second"
PAGED = "page_alert"
RAISED = "raise_alert"
# A page that waited this long beyond the next one is replaced by it: no storm when the way out opens again.
GRACE = timedelta(minutes=1)


def about(alert_id: int) -> Subject:
    """Return what outbox and audit rows call an alert."""
    return Subject("alert", alert_id)


async def staffing(study: Study, tx: Tx, now: datetime, *, without: Collection[int] = ()) -> Staffing:
    """Return who can be reached at `now`: active, with a chat that does not refuse, and not in `without`.

    Who is on call follows from the rota as it is at that instant.
    """
    reachable = {
        each.person.id
        for each in await links.all_live(tx)
        if each.person.kind == "staff" and each.unreachable_at is None
    } - set(without)
    active = [m for m in await staff.active_with_roles(tx, list(Role)) if m.id in reachable]
    by_role = {role.value: tuple(m.id for m in active if m.role is role) for role in Role}
    on_call = (await duty_of(study, tx, now)).at(now)
    return Staffing({**by_role, "on_call": tuple(who for who in on_call if who in reachable)})


async def advance(
    study: Study, tx: Tx, alert: Alert, now: datetime, *, without: Collection[int] = ()
) -> Move:
    """Do what is due for an alert at `now`, and set when to look again, in the caller's transaction.

    `without`: staff who turned out to be out of reach. Doing it twice at one
    instant queues nothing twice: every message has a key of its own.
    """
    chain, then = _chains(study, alert)
    move = next_move(alert.chain_facts, chain, await staffing(study, tx, now, without=without), now, then)
    if move.pages or move.second:
        await _page(study, tx, alert, chain, move, now)
    await _tell_of_empty_steps(tx, alert, move, now)
    if move.ask_participant:
        await _ask(study, tx, alert, chain, now)
    if alert.state != "closed":
        await alerts.set_step(
            tx,
            alert.id,
            round_=move.round,
            step=move.step,
            wake_at=move.look_again_at,
            paged_at=now if move.round > alert.round else None,
            participant_asked_at=now if move.ask_participant else None,
        )
    return move


def _chains(study: Study, alert: Alert) -> tuple[Chain, Chain | None]:
    chains = study.protocol.chains
    chain = chain_for(chains, alert.tier, alert.hours)
    return chain, None if chain.then is None else chains[chain.then]


def deadlines(study: Study, alert: Alert) -> tuple[datetime, datetime]:
    """Return by when somebody should take the alert, and by when the participant should be reached."""
    chain, _ = _chains(study, alert)
    return chain.acknowledge_by(alert.tier_since), chain.contact_by(alert.tier_since)


async def version_of(tx: Tx, alert_id: int) -> int:
    """Return a number that rises with everything that happens to an alert, pages aside."""
    return (await _edition(tx, alert_id)).version


@dataclass(frozen=True, slots=True)
class _Edition:
    """What has happened to an alert so far, in numbers; its rounds are counted anew whenever it is raised."""

    version: int
    raised: int


async def _edition(tx: Tx, alert_id: int) -> _Edition:
    entries = await audit.about_without(tx, about(alert_id), PAGED)
    return _Edition(len(entries), sum(entry.action == RAISED for entry in entries))


async def _page(study: Study, tx: Tx, alert: Alert, chain: Chain, move: Move, now: datetime) -> None:
    expires_at = now + timedelta(minutes=chain.page_every_minutes) + GRACE
    edition = await _edition(tx, alert.id)
    pages = [
        Intent(
            f"page:{alert.id}:{edition.raised}:{page.round}:{page.staff_id}",
            PAGE,
            outbox.URGENT,
            PersonRef("staff", page.staff_id),
            {"alert": alert.id, "version": edition.version, "why": alert.state},
            expires_at=expires_at,
            subject=about(alert.id),
        )
        for page in move.pages
    ]
    if await outbox.enqueue_many(tx, pages, now):
        after = {"round": move.round, "step": move.step, "staff": [page.staff_id for page in move.pages]}
        await record(study, tx, alert.id, PAGED, now, after=after)
    if move.second:
        await _second_channel(tx, alert, str(move.round), expires_at, now)


async def _second_channel(tx: Tx, alert: Alert, number: str, expires_at: datetime, now: datetime) -> None:
    """Queue the page for the second channel; `params` hold the id alone, its sender adds code and tier."""
    raised = (await _edition(tx, alert.id)).raised
    intent = Intent(
        f"page2:{alert.id}:{raised}:{number}",
        SECOND,
        outbox.URGENT,
        None,
        {"alert": alert.id},
        expires_at=expires_at,
        subject=about(alert.id),
        channel="second",
    )
    await outbox.enqueue(tx, intent, now)


async def page_holder(tx: Tx, alert: Alert, holders: Collection[int], occurrence: str, now: datetime) -> None:
    """Page those who have the alert in hand, or had its pages, because there is news."""
    version = await version_of(tx, alert.id)
    news = [
        Intent(
            f"page:{alert.id}:news:{occurrence}:{staff_id}",
            PAGE,
            outbox.URGENT,
            PersonRef("staff", staff_id),
            {"alert": alert.id, "version": version, "why": "news"},
            subject=about(alert.id),
        )
        for staff_id in sorted(holders)
    ]
    await outbox.enqueue_many(tx, news, now)


async def _tell_of_empty_steps(tx: Tx, alert: Alert, move: Move, now: datetime) -> None:
    for roles in move.empty_steps:
        named = "+".join(roles)
        await tell(tx, alert, "empty", named, now, roles=list(roles))


async def tell(tx: Tx, alert: Alert, note: str, occurrence: str, now: datetime, **params: object) -> None:
    """Queue a note about an alert to the coordinators, to all of the staff where there is none; once each."""
    for member in await _to_be_told(tx):
        intent = Intent(
            f"alert_note:{alert.id}:{note}:{occurrence}:{member.id}",
            NOTE,
            outbox.REPLY,
            member.ref,
            {"alert": alert.id, "note": note, **params},
            subject=about(alert.id),
        )
        await outbox.enqueue(tx, intent, now)


async def _to_be_told(tx: Tx) -> list[StaffMember]:
    coordinators = await staff.active_with_roles(tx, [Role.COORDINATOR])
    return coordinators or await staff.active_with_roles(tx, list(Role))


async def _ask(study: Study, tx: Tx, alert: Alert, chain: Chain, now: datetime) -> None:
    participant: Participant = await people.participant(tx, alert.participant_id)
    if await links.chat_of(tx, participant.ref) is None:
        # Whoever left the chat is reached by telephone, and by nothing else.
        return
    every = timedelta(minutes=chain.ask_participant_every_minutes or chain.page_every_minutes)
    intent = Intent(
        f"ask_help:{alert.id}:{now.isoformat()}",
        ASK,
        outbox.URGENT,
        participant.ref,
        {"alert": alert.id},
        expires_at=now + every,
        subject=about(alert.id),
    )
    await outbox.enqueue_many(tx, [intent, *await people.copies(tx, intent, participant.id)], now)


async def unreachable(study: Study, tx: Tx, alert: Alert, staff_id: int, now: datetime) -> None:
    """Page the next person now, and the second channel, since this one cannot be reached; tell of it.

    Of the steps reached, whoever has this round's page already gets it once:
    its key is the same. An alert that somebody has taken is news that nobody
    may hear of: then everyone who can be reached is paged.
    """
    chain, _ = _chains(study, alert)
    anew = replace(alert, step=-1)
    move = await advance(study, tx, anew, now, without=[staff_id])
    others = (await staffing(study, tx, now, without=[staff_id])).on(role.value for role in Role)
    if alert.state == "acknowledged" and not move.pages:
        await page_holder(tx, alert, others, f"instead:{staff_id}:{now.isoformat()}", now)
    expires_at = now + timedelta(minutes=chain.page_every_minutes) + GRACE
    await _second_channel(tx, alert, f"{move.round}:{staff_id}", expires_at, now)
    await tell(tx, alert, "undelivered", f"{move.round}:{staff_id}", now, staff=staff_id)


async def record(
    study: Study,
    tx: Tx,
    alert_id: int,
    action: str,
    now: datetime,
    *,
    by: PersonRef | None = None,
    before: object = None,
    after: object = None,
    reason: str | None = None,
) -> None:
    """Add an audit row about an alert; `by` is None for what the chain does of itself."""
    await audit.record(
        tx,
        by or SYSTEM,
        action,
        about(alert_id),
        now,
        before=before,
        after=after,
        reason=reason,
        zone=study.site.zone,
    )
