"""What staff hear of the program itself: a trouble that lasts, and its end; no word about any person."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.people import Role, StaffMember
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import outbox, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study
from bot.texts import LOCALES, Moment, Phrase, Screen, key, say

NOTE, SECOND = "ops_note", "ops_second"

TROUBLES: dict[str, str] = {
    "poll": key("ops.poll"),
    "unauthorized": key("ops.unauthorized"),
    "conflict": key("ops.conflict"),
    "tick": key("ops.tick"),
    "delivery": key("ops.delivery"),
    "database": key("ops.database"),
    "damaged": key("ops.damaged"),
    "disk": key("ops.disk"),
    "backup": key("ops.backup"),
    "alert": key("ops.alert"),
    "inbox": key("ops.inbox"),
    "paused": key("ops.paused"),
    "clock": key("ops.clock"),
    "nobody": key("selftest.nobody"),
}


async def tell_of_trouble(study: Study, code: str, since: datetime, now: datetime) -> None:
    """Queue a note to the coordinators, and a line for the second channel."""
    params = {"code": code, "since": since.isoformat()}
    async with study.db.begin() as tx:
        await queue(tx, f"ops:{code}:{now.isoformat()}", params, now, second=True)


async def tell_of_recovery(study: Study, code: str, since: datetime, now: datetime) -> None:
    """Queue the good news: what was told of is over."""
    params = {"code": code, "since": since.isoformat(), "over": now.isoformat()}
    async with study.db.begin() as tx:
        await queue(tx, f"ops:{code}:over:{now.isoformat()}", params, now, second=True)


async def tell_of_jump(study: Study, seconds: int) -> None:
    """Queue a note to the coordinators that the machine's clock jumped."""
    now = study.clock.now()
    params = {"code": "clock", "since": now.isoformat(), "seconds": seconds}
    async with study.db.begin() as tx:
        await queue(tx, f"ops:clock:{now.isoformat()}", params, now, second=False)


def trouble_text(study: Study, code: str) -> str:
    """Return the line for the second channel, in both languages, without the database's help."""
    lines = (say("ops.first"), Phrase(TROUBLES[code]))
    return "\n".join(study.texts.plain(locale, line) for locale in LOCALES for line in lines)


async def queue(
    tx: Tx, occurrence: str, params: Mapping[str, object], now: datetime, *, second: bool = True
) -> None:
    """Queue a note to the coordinators, and with `second` a line for the second channel."""
    intents = [
        Intent(f"{occurrence}:{member.id}", NOTE, outbox.REPLY, member.ref, params)
        for member in await readers(tx)
    ]
    if second:
        intents.append(Intent(f"{occurrence}:second", SECOND, outbox.URGENT, None, params, channel="second"))
    await outbox.enqueue_many(tx, intents, now)


async def readers(tx: Tx, role: Role = Role.COORDINATOR) -> list[StaffMember]:
    """Return those of a role, or all of the staff where there is none."""
    found = await staff.active_with_roles(tx, [role])
    return found or await staff.active_with_roles(tx, list(Role))


async def render_note(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the note in the language of its reader."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or member.status == "revoked":
        return Skip("not on the staff any more")
    return Outgoing(Screen((say("ops.first"), None, *_lines(study, message))), member.language)


async def render_second(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the line for the second channel."""
    first = say("ops.first")
    return Outgoing(Screen((first, *_lines(study, message))), "both")


def _lines(study: Study, message: Message) -> tuple[Phrase, ...]:
    params, zone = message.params, study.site.zone
    since = Moment(datetime.fromisoformat(params["since"]), zone, "day_time")
    if "over" in params:
        at = Moment(datetime.fromisoformat(params["over"]), zone, "day_time")
        # First that it is over: what was wrong reads as if it still were.
        return (say("ops.over", since=since, at=at), Phrase(TROUBLES[params["code"]]))
    if "seconds" in params:
        return (say("ops.clock"), say("ops.jumped", seconds=int(params["seconds"]), at=since))
    return (Phrase(TROUBLES[params["code"]]), say("ops.since", at=since))


KINDS = {NOTE: Kind(render_note), SECOND: Kind(render_second)}
