"""The rota watched: a gap told of before it matters, and duty handed over to whoever comes on."""

from datetime import datetime, timedelta
from typing import Literal

from bot.domain.duty import Duty, Gap, monday_of
from bot.domain.people import PersonRef, StaffMember
from bot.screens import oncall as screens
from bot.screens.alerts import title
from bot.screens.oncall import HandedAlert, HandoverView
from bot.services.alerts.chain import PAGED, about
from bot.services.alerts.duty import duty_of, put_on, wake, wake_at, was_on
from bot.services.alerts.duty import today as today_of
from bot.services.alerts.view import view_of
from bot.services.notices import coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.staff import phoning
from bot.storage import alerts, audit, links, outbox, participants, staff, texts_in, threads
from bot.storage import duty as stored
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.storage.duty import Swap
from bot.storage.outbox import Intent, Message
from bot.study import Study

NOTE, HANDOVER = "oncall_note", "handover"
# A gap that was told of ahead is the same one when it begins, give or take the seconds of a tick.
_SAME = timedelta(minutes=5)
_HORIZON = timedelta(days=21)
_FRESH = timedelta(hours=2)
_GAP = "duty_gap:"


async def tick(study: Study) -> int:
    """Look at the rota when its hint has passed; return 1 when it was looked at."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        hint = await wake_at(tx)
        if hint is None or hint > now:
            return 0
        duty = await duty_of(study, tx, now)
        before, on = await was_on(tx), duty.at(now)
        # Seen from further on, so that a gap just coming into sight already has its end.
        gaps = duty.gaps(now, now + _HORIZON)
        for gap in (each for each in gaps if each.starts_at <= now + duty.look_ahead):
            await _tell_of_gap(tx, gap, before, now)
        # At the first look nobody comes on: the rota was only just made.
        for staff_id in [] if before is None else [who for who in on if who not in before]:
            await _hand_over(tx, staff_id, now)
        await put_on(tx, on)
        await wake(tx, duty.look_again_at(now) or now + timedelta(days=7))
        return 1


async def _tell_of_gap(tx: Tx, gap: Gap, before: frozenset[int] | None, now: datetime) -> None:
    began = gap.starts_at
    if began <= now and (before == frozenset() or await _told_of(tx, now)):
        return
    for member in await coordinators(tx):
        params = {"note": "gap", "from": began.isoformat()}
        if not gap.is_open:
            params["until"] = gap.ends_at.isoformat()
        key = f"{_GAP}{began.isoformat()}:{member.id}"
        await outbox.enqueue(tx, Intent(key, NOTE, outbox.REPLY, member.ref, params), now)


async def _told_of(tx: Tx, now: datetime) -> bool:
    """Tell whether the gap that begins now was told of ahead."""
    for member in await coordinators(tx):
        keys = [key for key in await outbox.keys_to(tx, member.ref, NOTE) if key.startswith(_GAP)]
        begins = (key.removeprefix(_GAP).rsplit(":", 1)[0] for key in keys)
        if any(abs(datetime.fromisoformat(at) - now) < _SAME for at in begins):
            return True
    return False


async def _hand_over(tx: Tx, staff_id: int, now: datetime) -> None:
    intent = Intent(
        f"handover:{now.isoformat()}:{staff_id}",
        HANDOVER,
        outbox.REPLY,
        PersonRef("staff", staff_id),
        expires_at=now + _FRESH,
    )
    await outbox.enqueue(tx, intent, now)


async def tell_swap(
    tx: Tx, what: Literal["asked", "accepted", "declined"], swap: Swap, now: datetime
) -> None:
    """Ask a colleague for a swap, or tell who asked what the answer is."""
    to = swap.to_staff_id if what == "asked" else swap.from_staff_id
    params = {"note": f"swap_{what}", "swap": swap.id}
    intent = Intent(f"duty_swap:{swap.id}:{what}", NOTE, outbox.REPLY, PersonRef("staff", to), params)
    await outbox.enqueue(tx, intent, now)


async def render_note(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write a note about duty as things are now."""
    member = await _reader(tx, message)
    if member is None:
        return Skip("not on the staff any more")
    if message.params["note"] == "gap":
        return await _gap(study, tx, message, member, now)
    swap = await stored.swap(tx, int(message.params["swap"]))
    if swap is None:
        return Skip("no such swap")
    if message.params["note"] == "swap_asked" and swap.state != "asked":
        return Skip(f"the swap is {swap.state}")
    other = swap.from_staff_id if message.params["note"] == "swap_asked" else swap.to_staff_id
    known = await staff.get(tx, other)
    name = known.name if known else "?"
    return Outgoing(screens.swap(message.params["note"], swap.id, name, swap.duty_on), member.language)


async def _gap(study: Study, tx: Tx, message: Message, member: StaffMember, now: datetime) -> Outgoing | Skip:
    began = datetime.fromisoformat(message.params["from"])
    duty: Duty = await duty_of(study, tx, now)
    at = max(began, now)
    if duty.at(at):
        return Skip("somebody is on call then")
    until = message.params.get("until")
    ends_at = None if until is None else datetime.fromisoformat(until)
    monday = monday_of(today_of(study, began))
    return Outgoing(screens.gap(began, ends_at, monday, study.site.zone, now), member.language)


async def render_handover(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write what whoever comes on has to know: open alerts, whom to telephone, what waits."""
    member = await _reader(tx, message)
    if member is None:
        return Skip("not on the staff any more")
    duty = await duty_of(study, tx, now)
    if member.id not in duty.at(now):
        return Skip("not on call any more")
    return Outgoing(screens.handover(await handover_view(study, tx, duty, now)), member.language)


async def handover_view(study: Study, tx: Tx, duty: Duty, now: datetime) -> HandoverView:
    """Return what is open now."""
    until = next(duty.changes(now, now + _HORIZON), None)
    refused = [each.person for each in await links.all_live(tx) if each.unreachable_at is not None]
    gone = {person.id for person in refused if person.kind == "participant"}
    phone = tuple(each.code for each in await participants.all_(tx) if each.id in gone)
    live = tuple([await _handed(study, tx, each) for each in await alerts.all_live(tx)])
    forms = tuple([await view_of(study, tx, each) for each in await alerts.forms_due(tx)])
    everyone = {each.id: each.code for each in await participants.all_(tx)}
    late = [each for each in await threads.waiting(tx) if each.overdue_at <= now]
    return HandoverView(
        study.site.zone,
        until,
        live,
        forms,
        phone,
        await phoning.due(study, tx, now),
        tuple(everyone[each.participant_id] for each in late),
        await texts_in.count_unseen(tx),
        now,
    )


async def _handed(study: Study, tx: Tx, alert: Alert) -> HandedAlert:
    view = await view_of(study, tx, alert)
    pages = [entry for entry in await audit.about(tx, about(alert.id)) if entry.action == PAGED]
    paged = [await staff.get(tx, who) for who in (pages[-1].after["staff"] if pages else ())]
    names = tuple(each.name for each in paged if each is not None)
    return HandedAlert(view, title(view), names, pages[-1].at if pages else None)


async def _reader(tx: Tx, message: Message) -> StaffMember | None:
    member = await staff.get(tx, message.to.id) if message.to is not None else None
    return member if member is not None and member.status == "active" else None


KINDS: dict[str, Kind] = {NOTE: Kind(render_note), HANDOVER: Kind(render_handover)}
