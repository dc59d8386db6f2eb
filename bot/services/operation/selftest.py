"""Once a day a test page goes to whoever is on call: what never rings may not ring at night either."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.domain.calendar import to_local
from bot.domain.people import PersonRef
from bot.screens.taps import Do, tap
from bot.services.operation import operating
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import SYSTEM, record
from bot.storage import meta, outbox, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study
from bot.texts import Button, Moment, Screen, say

PAGE, SECOND = "selftest", "selftest_second"
# When the day shift has begun, and before it is too late to mend anything.
FROM, UNTIL = time(9, 30), time(18, 0)
WITHIN = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Test:
    """The test of one day: waiting → seen | second (nobody pressed in time); nobody (no one on call)."""

    asked_at: str
    state: Literal["waiting", "seen", "second", "nobody"]
    by: int | None = None
    seen_at: str | None = None


async def tick(study: Study) -> None:
    """Ask once a day, and go to the second channel where nobody has pressed within 60 minutes."""
    now = study.clock.now()
    local = to_local(now, study.site.zone)
    async with study.db.begin() as tx:
        if not await staff.all_(tx):
            return  # a new installation: there is nobody to test
        test = await _get(tx, local.date())
        if test is None and FROM <= local.time() < UNTIL:
            await _ask(study, tx, local.date(), now)
        elif test is not None and test.state == "waiting" and now >= _until(test):
            await _second(study, tx, local.date(), test, now)


async def seen(study: Study, by: PersonRef, on: date) -> bool:
    """Record that somebody on the staff has seen the test of a day; False when that was known."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        test = await _get(tx, on)
        if test is None or test.state in ("seen", "nobody"):
            return False
        await _put(tx, on, replace(test, state="seen", by=by.id, seen_at=now.isoformat()))
        await record(tx, study, by, "selftest.seen", now, after={"on": on.isoformat()})
        return True


async def screen(study: Study, on: date) -> Screen:
    """Return the test as it stands: to be pressed, or by whom it was."""
    async with study.db.begin() as tx:
        return await _screen(study, tx, on)


async def _ask(study: Study, tx: Tx, on: date, now: datetime) -> None:
    members = await staff.on_call(tx)
    state: Literal["waiting", "nobody"] = "waiting" if members else "nobody"
    await _put(tx, on, Test(now.isoformat(), state))
    await record(tx, study, SYSTEM, "selftest.asked", now, after={"staff": [each.id for each in members]})
    if not members:
        await operating.queue(tx, f"selftest:{on}", {"code": "nobody", "since": now.isoformat()}, now)
    intents = [
        Intent(
            f"selftest:{on}:{member.id}",
            PAGE,
            outbox.REPLY,
            member.ref,
            {"on": on.isoformat()},
            expires_at=now + WITHIN,
        )
        for member in members
    ]
    await outbox.enqueue_many(tx, intents, now)


async def _second(study: Study, tx: Tx, on: date, test: Test, now: datetime) -> None:
    await _put(tx, on, replace(test, state="second"))
    await record(tx, study, SYSTEM, "selftest.second", now, after={"on": on.isoformat()})
    params = {"on": on.isoformat()}
    intent = Intent(f"selftest:{on}:second", SECOND, outbox.REPLY, None, params, channel="second")
    await outbox.enqueue(tx, intent, now)


async def render_page(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the test in the language of its reader."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status == "revoked":
        return Skip("not on the staff any more")
    return Outgoing(await _screen(study, tx, date.fromisoformat(message.params["on"])), member.language)


async def render_second(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the line for the second channel."""
    test = await _get(tx, date.fromisoformat(message.params["on"]))
    if test is not None and test.state == "seen":
        return Skip("seen meanwhile")
    return Outgoing(Screen((say("ops.first"), say("selftest.second"))), "both")


async def _screen(study: Study, tx: Tx, on: date) -> Screen:
    test = await _get(tx, on)
    if test is not None and test.seen_at is not None and test.by is not None:
        member = await staff.get(tx, test.by)
        at = Moment(datetime.fromisoformat(test.seen_at), study.site.zone, "day_time")
        name = member.name if member else "–"
        return Screen((say("selftest.first"), None, say("selftest.seen", name=name, at=at)))
    lines = [say("selftest.first"), None, say("selftest.ask")]
    if test is not None and test.state == "waiting":
        lines.append(say("selftest.until", at=Moment(_until(test), study.site.zone, "time")))
    button = Button(say("selftest.button"), tap(Do.SELF_TEST, on.isoformat()))
    return Screen(tuple(lines), ((button,),))


def _until(test: Test) -> datetime:
    return datetime.fromisoformat(test.asked_at) + WITHIN


async def _get(tx: Tx, on: date) -> Test | None:
    kept = await meta.get(tx, f"selftest:{on.isoformat()}")
    return None if kept is None else Test(**json.loads(kept))


async def _put(tx: Tx, on: date, test: Test) -> None:
    await meta.put(tx, f"selftest:{on.isoformat()}", json.dumps(asdict(test)))


KINDS = {PAGE: Kind(render_page), SECOND: Kind(render_second)}
