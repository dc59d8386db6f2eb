"""A milder tier: proposed by one with a reason, confirmed by another, one of the two a physician."""

from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import StaleTap
from bot.screens.alert_view import AlertView
from bot.screens.alerts import milder
from bot.services.alerts.acts import Acted, allowed, too_late
from bot.services.alerts.chain import advance, page_holder, record, staffing
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.view import DECLINED, LOWERED, PROPOSED, WITHDRAWN, alert_of, view_of
from bot.storage import alerts, drafts
from bot.study import Study
from bot.texts import Phrase, say

TASK = "downgrade_alert"
LONGEST = 300


async def ask_reason(study: Study, by: PersonRef, alert_id: int, hours: int, message_id: int) -> AlertView:
    """Wait for the reason of a downgrade to be typed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.ACKNOWLEDGE)
        view = await view_of(study, tx, await alert_of(tx, alert_id))
        if hours not in milder(view) or view.state not in ("acknowledged", "contacted"):
            raise StaleTap("no milder tier")
        await drafts.start(tx, by, TASK, "reason", {"alert": alert_id, "hours": hours}, now)
        await drafts.set_message(tx, by, message_id)
        return view


async def typed(study: Study, by: PersonRef, text: str) -> tuple[AlertView, int | None] | Phrase | None:
    """Take what is typed as the reason: the proposal stands, and the others are told of it.

    None where no reason is waited for; a phrase says what is wrong with it.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task != TASK:
            return None
        await allowed(tx, by, Action.ACKNOWLEDGE)
        reason, alert_id = text.strip(), int(draft.data["alert"])
        if not reason or len(reason) > LONGEST:
            return say("lower.reason_length", most=LONGEST)
        await drafts.drop(tx, by)
        alert = await alert_of(tx, alert_id)
        view = await view_of(study, tx, alert)
        if int(draft.data["hours"]) not in milder(view) or alert.state not in ("acknowledged", "contacted"):
            return say("alert.toast_changed")
        after = {"tier": "amber", "hours": int(draft.data["hours"])}
        before = {"tier": alert.tier, "hours": alert.hours}
        await record(study, tx, alert_id, PROPOSED, now, by=by, before=before, after=after, reason=reason)
        others = set((await staffing(study, tx, now)).on(("coordinator", "sub_investigator", "pi"))) - {by.id}
        await page_holder(tx, alert, others, f"lower:{now.isoformat()}", now)
        await refresh_copies(tx, alert_id, now)
        return await view_of(study, tx, await alert_of(tx, alert_id)), draft.message_id


async def leave(study: Study, by: PersonRef) -> None:
    """Go back from a proposal: what is typed next is no reason any more."""
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is not None and draft.task == TASK:
            await drafts.drop(tx, by)


async def decide(study: Study, by: PersonRef, alert_id: int, proposal_id: int, *, confirm: bool) -> Acted:
    """Confirm or decline a proposal; nobody confirms their own, who made it can take it back."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await allowed(tx, by, Action.ACKNOWLEDGE)
        alert = await alert_of(tx, alert_id)
        if alert.state == "closed":
            return await too_late(study, tx, alert_id, member)
        view = await view_of(study, tx, alert)
        if view.proposal is None or view.proposal.id != proposal_id:
            return Acted(view, say("alert.toast_changed"))
        refused = _refusal(view, member) if confirm else None
        if refused is not None:
            return Acted(view, refused)
        hours = view.proposal.hours
        before = {"tier": alert.tier, "hours": alert.hours}
        after = {"tier": "amber", "hours": hours} if confirm else before
        kept = WITHDRAWN if view.proposal.by_id == member.id else DECLINED
        deed, reason = (LOWERED, view.proposal.reason) if confirm else (kept, None)
        await record(study, tx, alert_id, deed, now, by=by, before=before, after=after, reason=reason)
        if confirm:
            lowered = await alerts.lower(tx, alert_id, "amber", hours, now)
            if lowered is not None:
                await advance(study, tx, lowered, now)
        await refresh_copies(tx, alert_id, now)
        toast = say("lower.toast_done") if confirm else say("lower.toast_declined")
        return Acted(await view_of(study, tx, await alert_of(tx, alert_id)), toast, changed=True)


def _refusal(view: AlertView, member: StaffMember) -> Phrase | None:
    assert view.proposal is not None
    if view.proposal.by_id == member.id:
        return say("lower.toast_second")
    return None if view.proposal.may_be_confirmed_by(member) else say("lower.toast_physician")
