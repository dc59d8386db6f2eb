"""The one program that may work: who it is, and how another one learns that it is gone."""

import json
from dataclasses import asdict, dataclass

from bot.storage import meta
from bot.storage.db import Tx

_KEY = "instance"


@dataclass(frozen=True, slots=True)
class Instance:
    """A running program: `place` tells machines and containers apart, `beat` counts its signs of life."""

    id: str
    host: str
    place: str
    pid: int
    since: str
    beat: int = 0

    def __str__(self) -> str:
        return f"{self.host}, pid {self.pid}, since {self.since}"


async def holder(tx: Tx) -> Instance | None:
    """Return who holds the lock, alive or not; None when nobody does."""
    kept = await meta.get(tx, _KEY)
    return None if kept is None else Instance(**json.loads(kept))


async def take(tx: Tx, mine: Instance, from_: Instance | None) -> bool:
    """Take the lock where it is free, or from the one who is gone; False when somebody was faster."""
    if from_ is None:
        return await meta.put_once(tx, _KEY, _text(mine))
    return await meta.swap(tx, _KEY, _text(from_), _text(mine))


async def beat(tx: Tx, mine: Instance, next_: Instance) -> bool:
    """Write a sign of life; False when another program has the lock now."""
    return await meta.swap(tx, _KEY, _text(mine), _text(next_))


async def release(tx: Tx, mine: Instance) -> bool:
    """Give the lock back; False when it was not ours any more."""
    return await meta.drop(tx, _KEY, _text(mine))


async def forget(tx: Tx) -> None:
    """Forget whoever held the lock: in a copy nobody does."""
    await meta.clear(tx, _KEY)


def _text(one: Instance) -> str:
    return json.dumps(asdict(one), sort_keys=True)
