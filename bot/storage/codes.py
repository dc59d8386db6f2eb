"""Join codes: single use, kept as a hash, with an expiry; and the tries, for the limits."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, func, insert, select, update

from bot.domain.people import PersonRef
from bot.storage.db import Line, Tx
from bot.storage.tables import code_tries, codes
from bot.storage.types import Instant


class Redemption(StrEnum):
    """What became of a code that someone sent; only OK uses it up."""

    OK = "ok"
    YOURS = "yours"  # used before, by this very chat: a handler that runs twice
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The outcome, and for whom the code was made; None when there is no such code."""

    outcome: Redemption
    person: PersonRef | None


@dataclass(frozen=True, slots=True)
class Made:
    """A code that was made for somebody, without the code itself."""

    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def works_at(self, now: datetime) -> bool:
        """Tell whether it can still be used."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > now


_NOW = bindparam("now_", type_=Instant)
_BY_HASH = select(codes).where(codes.c.code_hash == bindparam("hash_"))
_OPEN = codes.c.used_at.is_(None) & codes.c.revoked_at.is_(None)
_USE = (
    update(codes)
    .where(codes.c.code_hash == bindparam("hash_"), _OPEN, codes.c.expires_at > _NOW)
    .values(used_at=_NOW, used_by_chat_key=bindparam("chat_"))
    .returning(codes.c.person_kind, codes.c.person_id)
)
_REVOKE = (
    update(codes)
    .where(codes.c.person_kind == bindparam("kind_"), codes.c.person_id == bindparam("id_"), _OPEN)
    .values(revoked_at=_NOW)
)
_LATEST = (
    select(codes.c.created_at, codes.c.expires_at, codes.c.used_at, codes.c.revoked_at)
    .where(codes.c.person_kind == bindparam("kind_"), codes.c.person_id == bindparam("id_"))
    .order_by(codes.c.id.desc())
    .limit(1)
)
_TRIES = select(func.count()).where(code_tries.c.at > bindparam("since_", type_=Instant))
_TRIES_OF_CHAT = _TRIES.where(code_tries.c.chat_key == bindparam("chat_"))


def hash_code(code: str) -> str:
    """Return what is kept of a code; it has 128 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(code.encode()).hexdigest()


async def latest(tx: Tx, person: PersonRef) -> Made | None:
    """Return what is known of the newest code of a person; None when none was ever made."""
    row = (await tx.execute(_LATEST, {"kind_": person.kind, "id_": person.id})).first()
    return None if row is None else Made(row.created_at, row.expires_at, row.used_at, row.revoked_at)


async def add(tx: Tx, code_hash: str, person: PersonRef, now: datetime, expires_at: datetime) -> None:
    """Keep a new code for a person; older ones stay open until `revoke_for`."""
    values = {
        "code_hash": code_hash,
        "person_kind": person.kind,
        "person_id": person.id,
        "created_at": now,
        "expires_at": expires_at,
    }
    await tx.execute(insert(codes), values)


async def redeem(tx: Tx, code_hash: str, now: datetime, chat_key: str) -> Redeemed:
    """Use a code up; of many who send it at once, one gets OK."""
    won = (await tx.execute(_USE, {"hash_": code_hash, "now_": now, "chat_": chat_key})).first()
    if won is not None:
        return Redeemed(Redemption.OK, PersonRef(won.person_kind, won.person_id))
    row = (await tx.execute(_BY_HASH, {"hash_": code_hash})).first()
    if row is None:
        return Redeemed(Redemption.WRONG, None)
    return Redeemed(_why_not(row, chat_key), PersonRef(row.person_kind, row.person_id))


def _why_not(row: Line, chat_key: str) -> Redemption:
    if row.used_at is not None:
        return Redemption.YOURS if row.used_by_chat_key == chat_key else Redemption.USED
    return Redemption.REVOKED if row.revoked_at is not None else Redemption.EXPIRED


async def revoke_for(tx: Tx, person: PersonRef, now: datetime) -> int:
    """Revoke the open codes of a person; return how many there were."""
    values = {"kind_": person.kind, "id_": person.id, "now_": now}
    return (await tx.execute(_REVOKE, values)).rowcount


async def record_try(tx: Tx, chat_key: str, now: datetime) -> None:
    """Count a try, whatever came of it."""
    await tx.execute(insert(code_tries), {"chat_key": chat_key, "at": now})


async def tries_since(tx: Tx, since: datetime, chat_key: str | None = None) -> int:
    """Return how often codes were tried after that instant: by one chat, or by all."""
    if chat_key is None:
        return int((await tx.execute(_TRIES, {"since_": since})).scalar_one())
    return int((await tx.execute(_TRIES_OF_CHAT, {"since_": since, "chat_": chat_key})).scalar_one())
