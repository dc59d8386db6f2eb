"""What stays to be done after an alert was closed: the form of a potential SAE, and the next check."""

from datetime import datetime, timedelta

from bot.domain import calendar
from bot.domain.outcomes import next_reminder
from bot.domain.people import Action, PersonRef, Role, StaffMember
from bot.screens import closing as screens
from bot.services.alerts.chain import about
from bot.services.alerts.view import alert_of, view_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import alerts, outbox, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

FORM, CHECK = "sae_form", "next_check"
STALE_AFTER = timedelta(hours=4)


async def look_at_form(study: Study, tx: Tx, alert: Alert, now: datetime) -> None:
    """Remind staff of a form that was not recorded as sent, and set when to remind them again."""
    view = await view_of(study, tx, alert)
    if view.aware_at is None or view.sae_sent is not None:
        await alerts.wake_form(tx, alert.id, None)
        return
    for member in await _for_forms(tx):
        intent = Intent(
            f"sae_form:{alert.id}:{now.isoformat()}:{member.id}",
            FORM,
            outbox.REPLY,
            member.ref,
            {"alert": alert.id},
            expires_at=now + STALE_AFTER,
            subject=about(alert.id),
        )
        await outbox.enqueue(tx, intent, now)
    await alerts.wake_form(tx, alert.id, next_reminder(view.aware_at, study.protocol.practice, now))


async def await_form(study: Study, tx: Tx, alert: Alert, now: datetime) -> None:
    """Begin the countdown of an alert that was just closed as potentially serious."""
    view = await view_of(study, tx, alert)
    if view.aware_at is not None and view.sae_due_at is not None:
        late = now >= view.sae_due_at
        coming = next_reminder(view.aware_at, study.protocol.practice, now)
        await alerts.wake_form(tx, alert.id, now if late else coming)


async def _for_forms(tx: Tx) -> list[StaffMember]:
    everyone = await staff.active_with_roles(tx, list(Role))
    return [each for each in everyone if each.may(Action.CLOSE) or each.role is Role.COORDINATOR]


async def remind_of_check(tx: Tx, alert_id: int, by: PersonRef, at: datetime, now: datetime) -> None:
    """Let whoever closed an alert, and the coordinators, be told when the next check is due."""
    others = [each.ref for each in await staff.active_with_roles(tx, [Role.COORDINATOR])]
    for ref in dict.fromkeys([by, *others]):
        intent = Intent(
            f"next_check:{alert_id}:{ref.id}",
            CHECK,
            outbox.REPLY,
            ref,
            {"alert": alert_id},
            not_before=at,
            subject=about(alert_id),
        )
        await outbox.enqueue(tx, intent, now)


def check_at(study: Study, choice: str, now: datetime) -> datetime | None:
    """Return the instant of the next check that a button stands for; None where none is wanted."""
    if choice == "h":
        return now + timedelta(hours=4)
    days = {"t": 1, "2": 2, "w": 7}.get(choice)
    if days is None:
        return None
    on = calendar.to_local(now, study.site.zone).date() + timedelta(days=days)
    return calendar.local_to_utc(on, study.protocol.practice.check_at.value, study.site.zone)


async def render_form(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write how long is left for the form; skipped once it was sent."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status != "active":
        return Skip("not on the staff any more")
    view = await view_of(study, tx, await alert_of(tx, int(message.params["alert"])))
    if view.sae_sent is not None:
        return Skip("the form was sent")
    return Outgoing(screens.form_due(view, now), member.language)


async def render_check(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Say that the next check of a participant is due."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status != "active":
        return Skip("not on the staff any more")
    view = await view_of(study, tx, await alert_of(tx, int(message.params["alert"])))
    return Outgoing(screens.check_due(view), member.language)


KINDS: dict[str, Kind] = {FORM: Kind(render_form), CHECK: Kind(render_check)}
