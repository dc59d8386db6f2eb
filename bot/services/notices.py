"""Short notes to the coordinators about what a participant did in the chat."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from bot.domain.people import Action, Participant, PersonRef, Role, StaffMember
from bot.screens.alerts import hold_button
from bot.screens.join import ROLE_NAMES
from bot.screens.links import link_buttons
from bot.screens.taps import Do, tap
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import caregivers, link_checks, outbox, participants, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Button, Moment, Phrase, Rows, Screen, Value, key, say

Note = Literal[
    "joined",
    "rejoined",
    "staff_joined",
    "staff_rejoined",
    "consented",
    "consent_refused",
    "arrival_unseen",
    "arrived_late",
    "caregiver_joined",
    "caregiver_ended",
    "caregiver_unreachable",
    "stopped",
    "leaving",
    "cannot_come",
    "cannot_come_offered",
    "no_day_fits",
    "coming_after_all",
    "words",
    "unreadable",
    "photo",
    "assigned",
    "overdue",
    "quarantined",
    "hold",
    "admitted",
    "died",
    "unreachable",
    "reachable",
    "undelivered",
    "study_over",
    "staff_unreachable",
    "staff_reachable",
    "broadcast_approved",
    "broadcast_refused",
    "broadcast_stopped",
]
NOTES: dict[Note, str] = {
    "joined": key("staffnote.joined"),
    "rejoined": key("staffnote.rejoined"),
    "staff_joined": key("staffnote.staff_joined"),
    "staff_rejoined": key("staffnote.staff_rejoined"),
    "consented": key("staffnote.consented"),
    "consent_refused": key("staffnote.consent_refused"),
    "arrival_unseen": key("staffnote.arrival_unseen"),
    "arrived_late": key("staffnote.arrived_late"),
    "caregiver_joined": key("staffnote.caregiver_joined"),
    "caregiver_ended": key("staffnote.caregiver_ended"),
    "caregiver_unreachable": key("staffnote.caregiver_unreachable"),
    "stopped": key("staffnote.stopped"),
    "leaving": key("staffnote.leaving"),
    "cannot_come": key("staffnote.cannot_come"),
    "cannot_come_offered": key("staffnote.cannot_come_offered"),
    "no_day_fits": key("staffnote.no_day_fits"),
    "coming_after_all": key("staffnote.coming_after_all"),
    "words": key("staffnote.words"),
    "unreadable": key("staffnote.unreadable"),
    "photo": key("staffnote.photo"),
    "assigned": key("staffnote.assigned"),
    "overdue": key("staffnote.overdue"),
    "hold": key("staffnote.hold"),
    "admitted": key("staffnote.admitted"),
    "died": key("staffnote.died"),
    "quarantined": key("staffnote.quarantined"),
    "unreachable": key("staffnote.unreachable"),
    "undelivered": key("staffnote.undelivered"),
    "reachable": key("staffnote.reachable"),
    "study_over": key("staffnote.study_over"),
    "staff_unreachable": key("staffnote.staff_unreachable"),
    "staff_reachable": key("staffnote.staff_reachable"),
    "broadcast_approved": key("staffnote.broadcast_approved"),
    "broadcast_refused": key("staffnote.broadcast_refused"),
    "broadcast_stopped": key("staffnote.broadcast_stopped"),
}
_MOMENTS = ("at", "before")
_PLAIN = ("ending", "former", "broadcast")
_ABOUT_A_MESSAGE = frozenset({"words", "photo", "unreadable", "assigned", "overdue"})


async def tell_coordinators(
    tx: Tx,
    note: Note,
    occurrence: str,
    now: datetime,
    *,
    about: Participant | StaffMember | None = None,
    without: Collection[int] = (),
    **params: Any,
) -> None:
    """Queue a note to every coordinator, or to all of the staff where there is none.

    `occurrence` names what happened, so that telling it twice sends it once;
    those in `without` know it already.
    Instants in `params` are given as ISO texts, a visit by its type's id.
    """
    for member in await coordinators(tx):
        if member.id not in without and (about is None or member.ref != about.ref):
            await tell_member(tx, member, note, occurrence, now, about=about, **params)


async def tell_member(
    tx: Tx,
    member: StaffMember,
    note: Note,
    occurrence: str,
    now: datetime,
    *,
    about: Participant | StaffMember | None = None,
    **params: Any,
) -> None:
    """Queue a note to one member of staff."""
    intent = Intent(
        f"note:{note}:{occurrence}:{member.id}",
        "staff_note",
        outbox.REPLY,
        member.ref,
        {"note": note, **({"about": str(about.ref)} if about else {}), **params},
        subject=Subject(about.ref.kind, about.ref.id) if about else None,
    )
    await outbox.enqueue(tx, intent, now)


async def coordinators(tx: Tx) -> list[StaffMember]:
    """Return every coordinator who works here, or all of the staff where there is none."""
    found = await staff.active_with_roles(tx, [Role.COORDINATOR])
    return found or await staff.active_with_roles(tx, list(Role))


async def render_note(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write a note in the language of its reader."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status == "revoked":
        return Skip("not on the staff any more")
    values = await _values(study, tx, message)
    text = Phrase(NOTES[message.params["note"]], values)
    lines = (say("staffnote.first"), None, text)
    leads = (*_opens(message, member), *_holds(message, member, values), *_cares(message, member, values))
    buttons = (*leads, *await _buttons(tx, message))
    return Outgoing(Screen(lines, buttons, protect=True), member.language)


async def _buttons(tx: Tx, message: Message) -> Rows:
    """Ask for a link that nobody has confirmed yet whether it is theirs."""
    link_id = message.params.get("link") if message.params["note"] in ("joined", "rejoined") else None
    check = None if link_id is None else await link_checks.get(tx, link_id)
    if check is None or check.confirmed_at is not None:
        return ()
    return link_buttons(check.link_id)


def _opens(message: Message, member: StaffMember) -> Rows:
    """Lead from a note about a message to the talk that it is part of."""
    if message.params["note"] not in _ABOUT_A_MESSAGE or not member.may(Action.ANSWER_MESSAGES):
        return ()
    author = PersonRef.parse(message.params["about"])
    return ((Button(say("threads.button_open"), tap(Do.MESSAGE, "open", author.id)),),)


def _holds(message: Message, member: StaffMember, values: Mapping[str, Value]) -> Rows:
    """Lead from the note that an infusion is held to the task that records which one."""
    if message.params["note"] != "hold" or not member.may(Action.RECORD_INFUSION):
        return ()
    return ((hold_button(str(values["code"])),),)


def _cares(message: Message, member: StaffMember, values: Mapping[str, Value]) -> Rows:
    """Lead from an admission to the task that records the stay, from a death to the card that ends it all."""
    note = message.params["note"]
    if note == "admitted" and member.may(Action.SET_CARE):
        about = PersonRef.parse(message.params["about"]).id
        return ((Button(say("care.button_hospital"), tap(Do.SET_CARE, about, "hospital")),),)
    if note == "died":
        code = str(values["code"])
        return ((Button(say("card.button", code=code), tap(Do.CARD, code)),),)
    return ()


async def _values(study: Study, tx: Tx, message: Message) -> dict[str, Value]:
    params = message.params
    values: dict[str, Value] = await _named(tx, str(params["about"])) if "about" in params else {}
    for name in _MOMENTS:
        if name in params:
            values[name] = Moment(datetime.fromisoformat(params[name]), study.site.zone)
    values |= {name: str(params[name]) for name in _PLAIN if name in params}
    if "link" in params:
        check = await link_checks.get(tx, params["link"])
        values["account"] = (check.account if check else None) or "–"
    if "visit" in params:
        known = study.protocol.visit(params["visit"])
        values["visit"] = Phrase(known.name) if known else str(params["visit"])
    return values


async def _looked_after_by(tx: Tx, caregiver_id: int) -> str | None:
    """Return the code of whom a caregiver looks after."""
    known = await caregivers.get(tx, caregiver_id)
    found = None if known is None else await participants.get(tx, known.participant_id)
    return None if found is None else found.code


async def _named(tx: Tx, about: str) -> dict[str, Value]:
    ref = PersonRef.parse(about)
    if ref.kind == "caregiver":
        spoken = await _looked_after_by(tx, ref.id)
        return {"code": spoken} if spoken else {}
    if ref.kind == "participant":
        found = await participants.get(tx, ref.id)
        return {"code": found.code} if found else {}
    member = await staff.get(tx, ref.id)
    return {"name": member.name, "role": Phrase(ROLE_NAMES[member.role.value])} if member else {}


STAFF_NOTE = Kind(render_note)
