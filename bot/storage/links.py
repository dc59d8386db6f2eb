"""Links between persons and chats: one live link for each person, and for each chat."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from bot.domain.people import PersonRef
from bot.storage.db import Line, Tx
from bot.storage.tables import links


@dataclass(frozen=True, slots=True)
class Link:
    """Someone's chat; `unreachable_at` is set while Telegram refuses to deliver there."""

    id: int
    person: PersonRef
    chat_id: int
    linked_at: datetime
    unreachable_at: datetime | None

    @property
    def ending(self) -> str:
        """Return the last digits of the account's number, enough to tell two of one person apart."""
        return str(self.chat_id)[-4:]


_LIVE = links.c.ended_at.is_(None)
_OF_PERSON = (links.c.person_kind == bindparam("kind_")) & (links.c.person_id == bindparam("id_"))
_ALL_LIVE = select(links).where(_LIVE).order_by(links.c.id)
_BY_PERSON = select(links).where(_LIVE, _OF_PERSON)
_EVER = select(links).where(_OF_PERSON, links.c.id == bindparam("link_"))
_BY_ID = select(links).where(_LIVE, links.c.id == bindparam("id_"))
_BY_KEY = select(links).where(_LIVE, links.c.chat_key == bindparam("key_"))
# Under every key, so that a chat is found while keys are being rotated.
_KNOWN = select(links.c.chat_key).where(_LIVE, links.c.chat_key.in_(bindparam("keys_", expanding=True)))
_BY_CHAT = select(links).where(_LIVE, links.c.chat_key.in_(bindparam("keys_", expanding=True)))


async def link(
    tx: Tx, person: PersonRef, chat_id: int, now: datetime
) -> Literal["linked", "same", "chat_taken"]:
    """Link a person to a chat, which ends their old link; a chat of another live person is refused."""
    holder = await find_person(tx, chat_id)
    if holder is not None:
        return "same" if holder == person else "chat_taken"
    await end(tx, person, now)
    values = {
        "person_kind": person.kind,
        "person_id": person.id,
        "chat_key": tx.chat_key(chat_id),
        "chat_box": tx.seal(str(chat_id)),
        "linked_at": now,
    }
    await tx.execute(insert(links), values)
    return "linked"


async def find_person(tx: Tx, chat_id: int) -> PersonRef | None:
    """Return whose live chat that is; None for a stranger."""
    keys = tx.vault.chat_keys(chat_id)
    # Every update asks this, and a list is written into its statement anew each time.
    only, values = (_BY_KEY, {"key_": keys[0]}) if len(keys) == 1 else (_BY_CHAT, {"keys_": keys})
    row = (await tx.execute(only, values)).first()
    return None if row is None else PersonRef(row.person_kind, row.person_id)


async def strangers(tx: Tx, chat_keys: Collection[str]) -> set[str]:
    """Return which of these chats, named by their keys, are nobody's."""
    known = await tx.execute(_KNOWN, {"keys_": list(chat_keys)})
    return set(chat_keys) - {row.chat_key for row in known}


async def get(tx: Tx, person: PersonRef) -> Link | None:
    """Return the live link of a person."""
    row = (await tx.execute(_BY_PERSON, {"kind_": person.kind, "id_": person.id})).first()
    return None if row is None else _link(tx, row)


async def by_id(tx: Tx, link_id: int) -> Link | None:
    """Return a link while it is live."""
    row = (await tx.execute(_BY_ID, {"id_": link_id})).first()
    return None if row is None else _link(tx, row)


async def former(tx: Tx, person: PersonRef, link_id: int) -> Link | None:
    """Return a link of a person, ended or not: where last words go."""
    row = (await tx.execute(_EVER, {"kind_": person.kind, "id_": person.id, "link_": link_id})).first()
    return None if row is None else _link(tx, row)


async def chat_of(tx: Tx, person: PersonRef) -> int | None:
    """Return the chat of a person, reachable or not; None when there is none."""
    found = await get(tx, person)
    return None if found is None else found.chat_id


async def all_live(tx: Tx) -> list[Link]:
    """Return every live link, the oldest first."""
    return [_link(tx, row) for row in await tx.execute(_ALL_LIVE)]


async def end(tx: Tx, person: PersonRef, now: datetime) -> bool:
    """End the live link of a person; False when there is none."""
    return await _change(tx, person, ended_at=now)


async def mark_unreachable(tx: Tx, person: PersonRef, now: datetime) -> bool:
    """Record that Telegram refuses; False when that was known, or there is no link."""
    return await _change(tx, person, links.c.unreachable_at.is_(None), unreachable_at=now)


async def mark_reachable(tx: Tx, person: PersonRef) -> bool:
    """Record that the person is heard from again; False when nothing had been amiss."""
    return await _change(tx, person, links.c.unreachable_at.is_not(None), unreachable_at=None)


async def rekey(tx: Tx) -> int:
    """Seal and name every live chat anew with the newest key; return how many."""
    live = await all_live(tx)
    for each in live:
        await _change(
            tx, each.person, chat_key=tx.chat_key(each.chat_id), chat_box=tx.seal(str(each.chat_id))
        )
    return len(live)


async def _change(tx: Tx, person: PersonRef, *only: Any, **values: Any) -> bool:
    statement = (
        update(links)
        .where(_LIVE, links.c.person_kind == person.kind, links.c.person_id == person.id, *only)
        .values(values)
    )
    return (await tx.execute(statement)).rowcount == 1


def _link(tx: Tx, row: Line) -> Link:
    person = PersonRef(row.person_kind, row.person_id)
    return Link(row.id, person, int(tx.open(row.chat_box)), row.linked_at, row.unreachable_at)
