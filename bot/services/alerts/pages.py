"""How the outbox messages about alerts are written when their turn comes, and what follows."""

from datetime import datetime

from bot.domain.people import ParticipantStatus, StaffMember
from bot.screens import alerts as screens
from bot.screens import alerts_list
from bot.screens.join import ROLE_NAMES
from bot.services import people
from bot.services.alerts.chain import ASK, NOTE, PAGE, PAGE_EDIT, SECOND, unreachable, version_of
from bot.services.alerts.copies import refresh_copy
from bot.services.alerts.second import SECOND_PAGE
from bot.services.alerts.view import alert_of, view_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import alerts, staff
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study
from bot.texts import Joined, Phrase, Screen, Value, key

ROLES = {**ROLE_NAMES, "on_call": key("role.on_call")}
NOTES = {
    "empty": key("alert_note.empty"),
    "undelivered": key("alert_note.undelivered"),
    "no_second": key("alert_note.no_second"),
    "second_failed": key("alert_note.second_failed"),
}


async def _reader(tx: Tx, message: Message) -> StaffMember | None:
    """Return the member of staff it is for, while they may still read it."""
    member = await staff.get(tx, message.to.id) if message.to is not None else None
    return member if member is not None and member.status == "active" else None


async def render_page(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write a page as the alert is now; skipped once it needs nobody, or somebody has it."""
    member = await _reader(tx, message)
    if member is None:
        return Skip("not on the staff any more")
    alert = await alert_of(tx, int(message.params["alert"]))
    if alert.state in ("contacted", "closed"):
        return Skip(f"the alert is {alert.state}")
    if alert.state == "acknowledged" and message.params["why"] == "open":
        return Skip("somebody has taken it")
    view = await view_of(study, tx, alert)
    return Outgoing(screens.page(view, now, member, news=message.params["why"] == "news"), member.language)


async def page_sent(study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime) -> None:
    """Edit the new copy at once where the alert changed while it was being sent."""
    if message_id is None:
        return
    alert = await alerts.get(tx, int(message.params["alert"]))
    if alert is not None and message.params["version"] != await version_of(tx, alert.id):
        await refresh_copy(tx, message, message_id, now)


async def page_undeliverable(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    """Page the next person now, and tell the coordinators."""
    alert = await alerts.get(tx, int(message.params["alert"]))
    if alert is not None and alert.state not in ("contacted", "closed") and message.to is not None:
        await unreachable(study, tx, alert, message.to.id, now)


async def render_edit(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Bring a copy to what is true now; skipped where a newer edit of the same copy follows."""
    member = await _reader(tx, message)
    if member is None:
        return Skip("not on the staff any more")
    alert = await alert_of(tx, int(message.params["alert"]))
    view = await view_of(study, tx, alert)
    if view.version > int(message.params["version"]):
        return Skip("a newer edit follows")
    copy = int(message.params["message"])
    return Outgoing(screens.page(view, now, member), member.language, method="edit", edit_message_id=copy)


async def render_ask(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Ask the participant whether help was reached; skipped once a human has reached them."""
    alert = await alert_of(tx, int(message.params["alert"]))
    if alert.state in ("contacted", "closed"):
        return Skip(f"the alert is {alert.state}")
    if message.to is None:
        return Skip("nobody to ask")
    participant = await people.reader(tx, message.to)
    if participant.status is ParticipantStatus.WITHDRAWN:
        return Skip("withdrawn")
    screen = alerts_list.asked_again(study.site.phones.emergency, alert.id)
    return Outgoing(screen, participant.language)


async def render_note(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Tell a coordinator what the chain ran into."""
    member = await _reader(tx, message)
    if member is None:
        return Skip("not on the staff any more")
    alert = await alert_of(tx, int(message.params["alert"]))
    if alert.state == "closed":
        return Skip("the alert is closed")
    view = await view_of(study, tx, alert)
    text = Phrase(NOTES[message.params["note"]], await _note_values(tx, message))
    return Outgoing(Screen((screens.first_line(view), None, text), protect=True), member.language)


async def _note_values(tx: Tx, message: Message) -> dict[str, Value]:
    values: dict[str, Value] = {}
    if "roles" in message.params:
        values["roles"] = Joined(tuple(Phrase(ROLES[role]) for role in message.params["roles"]))
    if "staff" in message.params:
        member = await staff.get(tx, int(message.params["staff"]))
        values["name"] = member.name if member else "?"
    return values


KINDS: dict[str, Kind] = {
    PAGE: Kind(render_page, after_sent=page_sent, after_failed=page_undeliverable),
    PAGE_EDIT: Kind(render_edit),
    NOTE: Kind(render_note),
    ASK: Kind(render_ask),
    SECOND: SECOND_PAGE,
}
