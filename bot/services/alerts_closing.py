"""Closing an alert with a coded outcome: a physician's act, after contact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.domain.outcomes import CALLS_NEEDED
from bot.domain.people import Action, PersonRef, StaffMember
from bot.screens.alerts import AlertView
from bot.screens.closing import KNOWN, Choice, Event, lacks_note
from bot.services.alerts_acts import Acted, allowed, hush, too_late
from bot.services.alerts_chain import record
from bot.services.alerts_copies import refresh_copies
from bot.services.alerts_forms import await_form, check_at, remind_of_check
from bot.services.alerts_view import CLOSED, SAE_SENT, alert_of, events_of, view_of
from bot.storage import alerts, drafts, known, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Joined, Phrase, say, say_n

TASK = "close_alert"
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Where a closing stands: the alert, what was chosen, and the message to edit; `refused` says why not."""

    view: AlertView
    choice: Choice | None = None
    refused: Phrase | None = None
    message_id: int | None = None


async def begin(study: Study, by: PersonRef, alert_id: int, version: int) -> Step:
    """Begin to close: refused kindly for whom it is not, with who can, and for an old button."""
    async with study.db.begin() as tx:
        await drafts_dropped(tx, by)
        return await _checked(study, tx, by, alert_id, version)


async def choose(
    study: Study,
    by: PersonRef,
    alert_id: int,
    version: int,
    code: str,
    flags: str,
    *,
    note: bool,
    message_id: int,
) -> Step:
    """Show the next question about a choice; with `note`, wait for one to be typed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        step = await _checked(study, tx, by, alert_id, version)
        choice = Choice.read(code, flags, await _note(tx, by, alert_id))
        if step.refused is not None or choice is None:
            return step if step.refused else Step(step.view, refused=say("toast.old_button"))
        if note:
            data = {"alert": alert_id, "version": version, "code": code, "flags": flags, "note": choice.note}
            await drafts.start(tx, by, TASK, "note", data, now)
            await drafts.set_message(tx, by, message_id)
        return Step(step.view, choice)


async def typed(study: Study, by: PersonRef, text: str) -> Step | Literal["too_long"] | None:
    """Take typed words as the note that is waited for; None when none is."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task != TASK or draft.step != "note":
            return None
        if len(text) > NOTE_LENGTH:
            return "too_long"
        data = {**draft.data, "note": text.strip()}
        await drafts.advance(tx, draft, "summary", data, now)
        step = await _checked(study, tx, by, int(data["alert"]), int(data["version"]))
        choice = Choice.read(str(data["code"]), str(data["flags"]), str(data["note"]))
        return Step(step.view, choice, step.refused, draft.message_id)


async def close(
    study: Study, by: PersonRef, alert_id: int, version: int, code: str, flags: str
) -> Acted | Step:
    """Close an alert; a step instead where something is still missing or was not allowed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        step = await _checked(study, tx, by, alert_id, version)
        choice = Choice.read(code, flags, await _note(tx, by, alert_id))
        if step.refused is not None or choice is None:
            return step if step.refused else Step(step.view, refused=say("toast.old_button"))
        if choice.asks is not None or lacks_note(step.view, choice):
            return Step(step.view, choice)
        refused = _not_yet(step.view, choice)
        if refused is not None:
            return Step(step.view, refused=refused)
        return await _close(study, tx, by, alert_id, choice, now)


def _not_yet(view: AlertView, choice: Choice) -> Phrase | None:
    """Return what has to be done before an alert can be closed like that; None where nothing has."""
    if view.reached is None and not choice.outcome.without_contact:
        return say("close.toast_contact_first")
    if not choice.outcome.without_contact:
        return None
    missing = CALLS_NEEDED - len(view.calls)
    if missing > 0:
        return say_n("close.toast_calls", missing)
    return None if view.caregiver_tried else say("close.toast_caregiver")


async def _close(study: Study, tx: Tx, by: PersonRef, alert_id: int, choice: Choice, now: datetime) -> Acted:
    member = await allowed(tx, by, Action.SEE_ALERTS)
    before = await alert_of(tx, alert_id)
    closed = await alerts.close(tx, alert_id, by.id, now, outcome=choice.outcome.code, note=choice.note)
    if closed is None:
        return await too_late(study, tx, alert_id, member)
    after = {
        "state": "closed",
        "by": by.id,
        "outcome": choice.outcome.code,
        "adverse": choice.adverse,
        "serious": choice.serious,
        "noted": choice.note is not None,
        **await _afterwards(study, tx, by, before, choice, now),
    }
    await record(study, tx, alert_id, CLOSED, now, by=by, before={"state": before.state}, after=after)
    await hush(study, tx, closed, "the alert was closed", now)
    await await_form(study, tx, closed, now)
    await drafts_dropped(tx, by)
    await refresh_copies(tx, alert_id, now)
    view = await view_of(study, tx, await alert_of(tx, alert_id))
    return Acted(view, say("close.toast_closed"), changed=True)


async def _afterwards(
    study: Study, tx: Tx, by: PersonRef, alert: Alert, choice: Choice, now: datetime
) -> dict[str, str]:
    """Set the next check and what counts as known, and return both for the trail."""
    after: dict[str, str] = {}
    at = check_at(choice.check or "n", study.site.zone, now)
    if at is not None:
        await remind_of_check(tx, alert.id, by, at, now)
        after["check_at"] = at.isoformat()
    if days := KNOWN[choice.known or "n"]:
        until = now + timedelta(days=days)
        await known.add(tx, alert.participant_id, alert.id, until)
        after["known_until"] = until.isoformat()
    return after


async def sae_sent(study: Study, by: PersonRef, alert_id: int) -> Acted:
    """Record that the form of a potential serious adverse event was sent; the countdown ends."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await staff.get(tx, by.id)
        view = await view_of(study, tx, await alert_of(tx, alert_id))
        if member is None or not member.may(Action.CLOSE):
            return Acted(view, await _who_can(tx))
        if view.sae_due_at is None or view.sae_sent is not None:
            return Acted(view, say("toast.already"))
        await record(study, tx, alert_id, SAE_SENT, now, by=by)
        await alerts.wake_form(tx, alert_id, None)
        await refresh_copies(tx, alert_id, now)
        return Acted(await view_of(study, tx, await alert_of(tx, alert_id)), say("toast.noted"), changed=True)


async def _checked(study: Study, tx: Tx, by: PersonRef, alert_id: int, version: int) -> Step:
    """Return the alert, with why this person cannot close it by this button, where that is so."""
    member = await allowed(tx, by, Action.SEE_ALERTS)
    view = await view_of(study, tx, await alert_of(tx, alert_id))
    if view.closed is not None:
        return Step(view, refused=say("alert.toast_closed", name=view.closed.name))
    # A report that did not come is no clinical finding: whoever looked after it may close it.
    if view.clinical and not member.may(Action.CLOSE):
        return Step(view, refused=await _who_can(tx))
    if view.version != version:
        return Step(view, refused=say("alert.toast_changed"))
    return Step(view)


async def _who_can(tx: Tx) -> Phrase:
    physicians: list[StaffMember] = [member for member in await staff.all_(tx) if member.may(Action.CLOSE)]
    if not physicians:
        return say("close.toast_no_physician")
    return say("close.toast_physician", names=Joined(tuple(member.name for member in physicians)))


async def _note(tx: Tx, by: PersonRef, alert_id: int) -> str | None:
    draft = await drafts.get(tx, by)
    if draft is None or draft.task != TASK or draft.data["alert"] != alert_id:
        return None
    note = draft.data.get("note")
    return None if note is None else str(note)


async def drafts_dropped(tx: Tx, by: PersonRef) -> None:
    """Forget a closing in hand; another task of this person stays."""
    draft = await drafts.get(tx, by)
    if draft is not None and draft.task == TASK:
        await drafts.drop(tx, by)


async def leave(study: Study, by: PersonRef) -> None:
    """Go back from closing: what is typed next is no note any more."""
    async with study.db.begin() as tx:
        await drafts_dropped(tx, by)


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to an alert; `note` is the physician's own."""

    view: AlertView
    events: list[Event]
    note: str | None


async def history(study: Study, by: PersonRef, alert_id: int) -> History:
    """Return what has happened to an alert, and how it ended."""
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        alert = await alert_of(tx, alert_id)
        return History(await view_of(study, tx, alert), await events_of(study, tx, alert), alert.note)
