"""What people do with an alert: take it, record contact, and the participant's answer to being asked."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.contact import checked
from bot.domain.people import Action, Participant, PersonRef, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.screens.alert_log import TRIED as TRIED_WHOM
from bot.screens.alert_view import AlertView
from bot.screens.alerts import HELP_ANSWERS, HOW
from bot.services.alerts.chain import ASK, PAGE, about, advance, page_holder, record
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.view import ACKNOWLEDGED, CONTACTED, HELP_ANSWERED, TRIED, alert_of, view_of
from bot.storage import alerts, outbox, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Phrase, say


@dataclass(frozen=True, slots=True)
class Acted:
    """The alert as it is after a press, what to say in passing, and whether the press changed it."""

    view: AlertView
    toast: Phrase
    changed: bool = False


async def allowed(tx: Tx, by: PersonRef, action: Action) -> StaffMember:
    """Return the member of staff as they are now; NotAllowed for one who was revoked meanwhile."""
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)
    return member


async def acknowledge(study: Study, by: PersonRef, alert_id: int) -> Acted:
    """Take an alert; of many who press at once one has it, and the others are told who."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await allowed(tx, by, Action.ACKNOWLEDGE)
        await alert_of(tx, alert_id)
        taken = await alerts.acknowledge(tx, alert_id, member.id, now)
        if taken is None:
            return await too_late(study, tx, alert_id, member)
        after = {"state": "acknowledged", "by": member.id}
        await record(study, tx, alert_id, ACKNOWLEDGED, now, by=by, before={"state": "open"}, after=after)
        await advance(study, tx, taken, now)
        return await _changed(study, tx, alert_id, say("alert.toast_yours"), now)


async def contact(study: Study, by: PersonRef, alert_id: int, how: str, at: datetime | None = None) -> Acted:
    """Record that the participant was reached, which ends the pages; who reaches has taken it, too.

    `at`: when, to the minute, where that was before the press; BadInput where
    it lies ahead, or before the alert. The trail keeps it beside the press.
    """
    if how not in HOW:
        raise StaleTap("no such way of contact")
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await allowed(tx, by, Action.ACKNOWLEDGE)
        before = await alert_of(tx, alert_id)
        made_at = now if at is None else checked(at, (await view_of(study, tx, before)).live_since, now)
        reached = await alerts.contact(tx, alert_id, member.id, made_at)
        if reached is None:
            return await too_late(study, tx, alert_id, member)
        after: dict[str, object] = {"state": "contacted", "by": member.id, "how": how}
        after |= {} if made_at == now else {"at": made_at.isoformat()}
        await record(study, tx, alert_id, CONTACTED, now, by=by, before={"state": before.state}, after=after)
        await hush(study, tx, reached, "contact was made", now)
        return await _changed(study, tx, alert_id, say("alert.toast_reached"), now)


async def tried(study: Study, by: PersonRef, alert_id: int, who: str) -> Acted:
    """Record that somebody was called and did not answer; the pages go on."""
    if who not in TRIED_WHOM:
        raise StaleTap("nobody to be called")
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await allowed(tx, by, Action.ACKNOWLEDGE)
        alert = await alert_of(tx, alert_id)
        if alert.state in ("contacted", "closed"):
            return await too_late(study, tx, alert_id, member)
        await record(study, tx, alert_id, TRIED, now, by=by, after={"who": who})
        return await _changed(study, tx, alert_id, say("toast.noted"), now)


async def hush(study: Study, tx: Tx, alert: Alert, reason: str, now: datetime) -> None:
    """Stop the chain: nothing that still waits to page or to ask goes out."""
    await outbox.cancel_subject(tx, about(alert.id), reason, now, PAGE, ASK)
    await advance(study, tx, alert, now)


async def too_late(study: Study, tx: Tx, alert_id: int, member: StaffMember) -> Acted:
    """Return the alert as it is, and say who was there before."""
    alert = await alert_of(tx, alert_id)
    view = await view_of(study, tx, alert)
    if view.closed is not None:
        return Acted(view, say("alert.toast_closed", name=view.closed.name))
    if view.reached is not None:
        return Acted(view, say("alert.toast_reached_by", name=view.reached.name))
    if view.taken is not None and alert.acknowledged_by != member.id:
        return Acted(view, say("alert.toast_taken_by", name=view.taken.name))
    return Acted(view, say("alert.toast_yours"))


async def _changed(study: Study, tx: Tx, alert_id: int, toast: Phrase, now: datetime) -> Acted:
    await refresh_copies(tx, alert_id, now)
    return Acted(await view_of(study, tx, await alert_of(tx, alert_id)), toast, changed=True)


async def open_(study: Study, by: PersonRef, alert_id: int) -> AlertView:
    """Return an alert for somebody of the staff to read."""
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        return await view_of(study, tx, await alert_of(tx, alert_id))


async def answer_help(study: Study, participant: Participant, alert_id: int, answer: str) -> bool:
    """Record what the participant says about having reached help; False when the alert is over.

    Every answer stands on the pages. Who needs help, or has not got it, brings
    a page at once to whoever has the alert, else to all who were paged.
    """
    now = study.clock.now()
    if answer not in HELP_ANSWERS:
        raise StaleTap("no such answer")
    async with study.db.begin() as tx:
        alert = await alert_of(tx, alert_id)
        if alert.participant_id != participant.id:
            raise StaleTap("not an alert of this participant")
        if alert.state == "closed":
            return False
        after = {"answer": answer}
        await record(study, tx, alert_id, HELP_ANSWERED, now, by=participant.actor, after=after)
        if answer != "yes":
            await page_holder(tx, alert, await _holders(tx, alert), f"help:{now.isoformat()}", now)
        await refresh_copies(tx, alert_id, now)
        return True


async def _holders(tx: Tx, alert: Alert) -> set[int]:
    if alert.acknowledged_by is not None:
        return {alert.acknowledged_by}
    paged = await outbox.of_subject(tx, about(alert.id))
    return {each.to.id for each in paged if each.kind == PAGE and each.to is not None}
