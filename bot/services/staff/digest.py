"""The morning digest: what the day brings, once to each coordinator, and nothing when there is nothing."""

from datetime import date, datetime, timedelta

from bot.domain import calendar
from bot.domain.people import Action
from bot.screens import overview as screens
from bot.services.notices import coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.staff import overview
from bot.storage import meta, outbox, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

DIGEST = "digest"
# After a long outage yesterday's morning is of no use to anybody.
EXPIRES_AFTER = timedelta(hours=4)
_NEXT = "digest_next_at"


async def tick(study: Study) -> int:
    """Queue the digest of a new day; the first start only settles when that is."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        due_at = await next_at(tx)
        if due_at is not None and due_at > now:
            return 0
        await meta.put(tx, _NEXT, _next(study, now).isoformat())
        if due_at is None:
            return 0
        return await _queue(study, tx, due_at, now)


async def next_at(tx: Tx) -> datetime | None:
    """Return when the next digest is due; None before the first start."""
    kept = await meta.get(tx, _NEXT)
    return None if kept is None else datetime.fromisoformat(kept)


def _next(study: Study, now: datetime) -> datetime:
    today = calendar.to_local(now, study.site.zone).date()
    at = _at(study, today)
    return at if at > now else _at(study, today + timedelta(days=1))


def _at(study: Study, on: date) -> datetime:
    return calendar.local_to_utc(on, study.protocol.practice.digest_at.value, study.site.zone)


async def _queue(study: Study, tx: Tx, due_at: datetime, now: datetime) -> int:
    today = calendar.to_local(now, study.site.zone).date()
    expires_at = _at(study, today) + EXPIRES_AFTER
    members = [] if expires_at <= now else await coordinators(tx)
    for member in members:
        key = f"{DIGEST}:{today.isoformat()}:{member.id}"
        params = {"on": today.isoformat()}
        intent = Intent(key, DIGEST, outbox.REMINDER, member.ref, params, expires_at=expires_at)
        await outbox.enqueue(tx, intent, now)
    return len(members)


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or not member.may(Action.SEE_PARTICIPANT):
        return Skip("not on the staff any more")
    morning = _at(study, date.fromisoformat(message.params["on"]))
    view = await overview.today_view(study, tx, now)
    late, dropped = await outbox.troubles(tx, morning - timedelta(days=1), morning)
    if screens.is_quiet(view) and not late and not dropped:
        return Skip("nothing to say")
    return Outgoing(screens.digest(view, late=late, dropped=dropped, may=member.may), member.language)


KIND = Kind(_render)
