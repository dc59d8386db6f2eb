"""After an outage coordinators learn once, in one message, what was dropped, what came late, what waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.people import Role
from bot.services.operation import watching
from bot.services.operation.operating import readers
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import meta, outages, outbox, participants, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study
from bot.texts import Moment, Phrase, Screen, say, say_n

DIGEST = "downtime"
# Time enough for a limit of 30 messages a second to let the whole trial through.
_AFTER = timedelta(minutes=5)
_MOST_CODES = 30


async def notice(study: Study) -> timedelta:
    """Return how long nobody was alive before now; where that is worth telling, the digest is queued."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        before = await watching.instant(tx, watching.ALIVE)
        await meta.put(tx, watching.ALIVE, now.isoformat())
        down = now - before if before is not None else timedelta(0)
        if before is not None and down > study.protocol.practice.outage.value:
            await _queue(tx, before, now)
    return down


async def _queue(tx: Tx, since: datetime, now: datetime) -> None:
    params = {"since": since.isoformat(), "until": now.isoformat()}
    intents = [
        Intent(
            f"downtime:{now.isoformat()}:{member.id}",
            DIGEST,
            outbox.REPLY,
            member.ref,
            params,
            not_before=now + _AFTER,
        )
        for member in await readers(tx, Role.COORDINATOR)
    ]
    await outbox.enqueue_many(tx, intents, now)


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the digest as things stand when it goes out."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status == "revoked":
        return Skip("not on the staff any more")
    since, until = (datetime.fromisoformat(message.params[name]) for name in ("since", "until"))
    toll = await outages.toll(tx, until, until + _AFTER, now)
    codes = {each.id: each.code for each in await participants.all_(tx)}
    lines: list[Phrase | None] = [
        say("downtime.first"),
        None,
        say("downtime.span", since=_moment(study, since), until=_moment(study, until)),
        _line("dropped", toll.dropped, codes),
        _line("late", toll.late, codes),
        _line("waiting", toll.waiting, codes),
    ]
    return Outgoing(Screen(tuple(lines), protect=True), member.language)


def _line(what: str, people: tuple[int, ...], codes: dict[int, str]) -> Phrase:
    named = _codes(people, codes)
    if what == "dropped":
        return say_n("downtime.dropped", len(people), codes=named)
    if what == "late":
        return say_n("downtime.late", len(people), codes=named)
    return say_n("downtime.waiting", len(people), codes=named)


def _codes(people: Iterable[int], codes: dict[int, str]) -> str:
    found = sorted({codes[person] for person in people if person in codes})
    shown = ", ".join(found[:_MOST_CODES]) + (" …" if len(found) > _MOST_CODES else "")
    return f" ({shown})" if shown else ""


def _moment(study: Study, at: datetime) -> Moment:
    return Moment(at, study.site.zone, "day_time")


KIND = Kind(render)
"""The digest's kind."""
