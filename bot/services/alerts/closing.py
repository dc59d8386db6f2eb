"""Closing an alert with a coded outcome: a physician's act, after contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from bot.domain import calendar
from bot.domain.outcomes import ADMITTED, DIED, HELD
from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens.alert_log import Event
from bot.screens.alert_view import AlertView
from bot.screens.closing import KNOWN, TYPED, Choice, Typed, Waits, lacks_note
from bot.services import people
from bot.services.alerts.acts import Acted, allowed, hush, too_late
from bot.services.alerts.chain import record
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.forms_due import await_form, check_at, remind_of_check
from bot.services.alerts.typed import read_typed
from bot.services.alerts.view import CLOSED, SAE_SENT, alert_of, events_of, view_of
from bot.services.facts import in_hospital
from bot.services.notices import Note, tell_coordinators
from bot.storage import alerts, drafts, known, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Joined, Phrase, Value, say, say_n

TASK = "close_alert"


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
    waits: Waits | None,
    message_id: int,
) -> Step:
    """Show the next question about a choice; with `waits`, wait for its answer to be typed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        step = await _checked(study, tx, by, alert_id, version)
        choice = Choice.read(code, flags, await _typed(tx, by, alert_id))
        if step.refused is not None or choice is None:
            return step if step.refused else Step(step.view, refused=say("toast.old_button"))
        if waits is not None:
            data = {"alert": alert_id, "version": version, "code": code, "flags": choice.flags}
            await drafts.start(tx, by, TASK, waits, data | _kept(choice.typed), now)
            await drafts.set_message(tx, by, message_id)
        return Step(step.view, choice)


async def typed(study: Study, by: PersonRef, text: str) -> Step | Phrase | None:
    """Take typed words as what is waited for; None when nothing is, a phrase says what is wrong with them."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        draft = await drafts.get(tx, by)
        if draft is None or draft.task != TASK or draft.step not in ("note", "check", "known"):
            return None
        try:
            said = read_typed(study, draft.step, text, _read(draft.data), now)
        except BadInput as error:
            return Phrase(error.key, cast("dict[str, Value]", error.values))
        flags = str(draft.data["flags"]) + ("" if draft.step == "note" else TYPED)
        data = {**draft.data, **_kept(said), "flags": flags}
        await drafts.advance(tx, draft, "summary", data, now)
        step = await _checked(study, tx, by, int(data["alert"]), int(data["version"]))
        choice = Choice.read(str(data["code"]), flags, said)
        return Step(step.view, choice, step.refused, draft.message_id)


async def close(
    study: Study, by: PersonRef, alert_id: int, version: int, code: str, flags: str
) -> Acted | Step:
    """Close an alert; a step instead where something is still missing or was not allowed."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        step = await _checked(study, tx, by, alert_id, version)
        choice = Choice.read(code, flags, await _typed(tx, by, alert_id))
        if step.refused is not None or choice is None:
            return step if step.refused else Step(step.view, refused=say("toast.old_button"))
        if choice.asks is not None or lacks_note(step.view, choice):
            return Step(step.view, choice)
        refused = _not_yet(study, step.view, choice)
        if refused is not None:
            return Step(step.view, refused=refused)
        return await _close(study, tx, by, alert_id, choice, now)


def _not_yet(study: Study, view: AlertView, choice: Choice) -> Phrase | None:
    """Return what has to be done before an alert can be closed like that; None where nothing has."""
    if view.reached is None and not choice.outcome.without_contact:
        return say("close.toast_contact_first")
    if not choice.outcome.without_contact:
        return None
    missing = study.protocol.practice.calls.value - len(view.calls)
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
    await _tell_what_follows(tx, closed, choice.outcome.code, now)
    await drafts_dropped(tx, by)
    await refresh_copies(tx, alert_id, now)
    view = await view_of(study, tx, await alert_of(tx, alert_id))
    return Acted(view, say("close.toast_closed"), changed=True)


async def _tell_what_follows(tx: Tx, closed: Alert, code: str, now: datetime) -> None:
    """Tell the coordinators what is theirs to record, so that the bot does not go on as if nothing were."""
    about = await people.participant(tx, closed.participant_id)
    notes: dict[str, Note] = {HELD: "hold", DIED: "died", **dict.fromkeys(ADMITTED, "admitted")}
    note = notes.get(code)
    if note is not None and not (note == "admitted" and await in_hospital(tx, about, now)):
        await tell_coordinators(tx, note, str(closed.id), now, about=about)


async def _afterwards(
    study: Study, tx: Tx, by: PersonRef, alert: Alert, choice: Choice, now: datetime
) -> dict[str, str]:
    """Set the next check and what counts as known, and return both for the trail."""
    after: dict[str, str] = {}
    zone = study.site.zone
    at = choice.typed.check if choice.check == TYPED else check_at(study, choice.check or "n", now)
    if at is not None:
        await remind_of_check(tx, alert.id, by, at, now)
        after["check_at"] = at.isoformat()
    until = _known_until(choice, zone, now)
    if until is not None:
        await known.add(tx, alert.participant_id, alert.id, until)
        after["known_until"] = until.isoformat()
    return after


def _known_until(choice: Choice, zone: str, now: datetime) -> datetime | None:
    """Return until when the finding is known; a day that was typed counts to its end."""
    if choice.known == TYPED and choice.typed.known is not None:
        return calendar.local_to_utc(choice.typed.known + timedelta(days=1), time(0), zone)
    days = KNOWN.get(choice.known or "n", 0)
    return now + timedelta(days=days) if days else None


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


async def _typed(tx: Tx, by: PersonRef, alert_id: int) -> Typed:
    draft = await drafts.get(tx, by)
    if draft is None or draft.task != TASK or draft.data["alert"] != alert_id:
        return Typed()
    return _read(draft.data)


def _read(data: Mapping[str, Any]) -> Typed:
    check, known_on = data.get("check"), data.get("known")
    return Typed(
        data.get("note"),
        None if check is None else datetime.fromisoformat(check),
        None if known_on is None else date.fromisoformat(known_on),
    )


def _kept(said: Typed) -> dict[str, str | None]:
    return {
        "note": said.note,
        "check": None if said.check is None else said.check.isoformat(),
        "known": None if said.known is None else said.known.isoformat(),
    }


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


async def sae_draft(study: Study, by: PersonRef, alert_id: int) -> History | Acted:
    """Return what the form of a potential serious adverse event needs; who may not close is told who may."""
    async with study.db.begin() as tx:
        member = await staff.get(tx, by.id)
        alert = await alert_of(tx, alert_id)
        view = await view_of(study, tx, alert)
        if member is None or not member.may(Action.CLOSE):
            return Acted(view, await _who_can(tx))
        if view.sae_due_at is None:
            raise StaleTap("no form is due for this alert")
        return History(view, [], alert.note)


async def history(study: Study, by: PersonRef, alert_id: int) -> History:
    """Return what has happened to an alert, and how it ended."""
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        alert = await alert_of(tx, alert_id)
        return History(await view_of(study, tx, alert), await events_of(study, tx, alert), alert.note)
