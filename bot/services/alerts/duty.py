"""Who is on call at an instant: the rota, the hours beside it, and whoever stands by until further notice."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.domain.duty import Duty, duty_day
from bot.domain.people import Role, StaffMember
from bot.storage import duty as stored
from bot.storage import meta, staff
from bot.storage.db import Tx
from bot.study import Study

# When the rota is looked at next: the only thing about the future that is stored, and only as a hint.
WAKE = "duty_wake_at"
# Who was on call at the last look, so that a change is handed over to whoever is new.
ON = "duty_on"
_DAYS_AHEAD = 28


def today(study: Study, at: datetime) -> date:
    """Return the duty day of an instant at the site."""
    return duty_day(at, study.site.zone, study.protocol.practice.duty_change.value)


async def duty_of(study: Study, tx: Tx, now: datetime) -> Duty:
    """Load all that says who is on call, from yesterday on."""
    first = today(study, now) - timedelta(days=1)
    active = await staff.active_with_roles(tx, list(Role))
    practice = study.protocol.practice
    return Duty(
        study.site.zone,
        practice.duty_change.value,
        practice.duty_gap.value,
        await stored.days(tx, first, first + timedelta(days=_DAYS_AHEAD)),
        tuple(await stored.hours(tx, now - timedelta(days=1))),
        frozenset(member.id for member in active if member.on_call),
        frozenset(member.id for member in active),
    )


async def on_duty(study: Study, tx: Tx, now: datetime) -> list[StaffMember]:
    """Return who is on call at an instant, those of the rota first."""
    found = [await staff.get(tx, staff_id) for staff_id in (await duty_of(study, tx, now)).at(now)]
    return [member for member in found if member is not None]


async def wake(tx: Tx, at: datetime | None) -> None:
    """Set when to look at the rota; nothing where it has never been used."""
    if at is not None:
        await meta.put(tx, WAKE, at.isoformat())
        tx.wake_set = True


async def wake_at(tx: Tx) -> datetime | None:
    """Return when the rota is looked at next; None where it has never been used."""
    found = await meta.get(tx, WAKE)
    return datetime.fromisoformat(found) if found else None


async def was_on(tx: Tx) -> frozenset[int] | None:
    """Return who was on call at the last look; None where there was none."""
    found = await meta.get(tx, ON)
    return None if found is None else frozenset(int(each) for each in found.split(",") if each)


async def knows(tx: Tx, staff_id: int) -> None:
    """Keep that somebody is on call by their own press: they know it, and need no hand-over."""
    before = await was_on(tx)
    if before is not None:
        await put_on(tx, before | {staff_id})


async def put_on(tx: Tx, on: Iterable[int]) -> None:
    """Write down who is on call."""
    await meta.put(tx, ON, ",".join(str(each) for each in sorted(on)))
