"""The PI's signature over the protocol: given, kept, and asked for before a live start."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.domain.protocol import Protocol
from bot.errors import SettingsError
from bot.services import trail
from bot.services.protocol import versions
from bot.storage import meta
from bot.storage.db import Tx
from bot.study import Study

_KEY = "protocol_signature"
_MEND = "the PI reads it with `suifang protocol show` and signs with `suifang protocol sign --by NAME`"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed which file, and when: `at` is UTC, `digest` that of the file and its words."""

    by: str
    at: datetime
    digest: str
    protocol: str
    version: str
    anchor: str


async def sign(study: Study, by: str) -> Signature:
    """Record that `by` signed the loaded protocol.

    SettingsError where the anchor is not chosen or the name is empty. The last
    signature holds; the earlier ones stay in the audit trail.
    """
    protocol, name = study.protocol, by.strip()
    if not name:
        raise SettingsError("a signature needs a name: --by NAME")
    if protocol.follow_up_anchor is None:
        raise SettingsError(unset_anchor(protocol))
    now = study.clock.now()
    async with study.db.begin() as tx:
        other = await versions.other_of_this_version(study, tx)
    if other is not None:
        raise SettingsError(_same_version(protocol))
    given = Signature(name, now, protocol.digest, protocol.id, protocol.version, protocol.follow_up_anchor)
    async with study.db.begin() as tx:
        before = await signature(tx)
        await versions.keep(study, tx, now)
        await meta.put(tx, _KEY, json.dumps(_plain(given), ensure_ascii=False))
        await trail.record(
            tx,
            study,
            trail.operator(name),
            "protocol.signed",
            now,
            before=before and _of_the_file(before),
            after=_of_the_file(given),
        )
    return given


async def signature(tx: Tx) -> Signature | None:
    """Return the signature that holds, of whatever file; None where nobody has signed yet."""
    kept = await meta.get(tx, _KEY)
    if kept is None:
        return None
    values = json.loads(kept)
    return Signature(**{**values, "at": datetime.fromisoformat(values["at"])})


def refusal(protocol: Protocol, signed: Signature | None) -> str | None:
    """Return why a live start is refused and how to mend it, on one line; None where all is signed."""
    if not protocol.anchor_set:
        return unset_anchor(protocol)
    if signed is None:
        return f"the protocol {protocol.id} {protocol.version} is not signed: {_MEND}"
    if signed.digest != protocol.digest:
        return (
            f"the protocol {protocol.id} {protocol.version} has changed since {signed.by} signed"
            f" {signed.protocol} {signed.version} on {signed.at:%Y-%m-%d}:"
            f" bring back the signed file, or {_MEND}"
        )
    return None


def _same_version(protocol: Protocol) -> str:
    return (
        f"another file was in force as version {protocol.version} of {protocol.id}:"
        " give the changed file a version of its own, then sign it"
    )


def unset_anchor(protocol: Protocol) -> str:
    """Return the line that says that the anchor is not chosen, and what the PI does about it."""
    return (
        f"follow_up_anchor is not chosen in {protocol.id}:"
        f" the PI sets it to {' or '.join(protocol.anchors)} in the protocol file, then signs it"
    )


def _plain(given: Signature) -> dict[str, str]:
    return {**asdict(given), "at": given.at.isoformat()}


def _of_the_file(given: Signature) -> dict[str, str]:
    return {name: value for name, value in _plain(given).items() if name not in ("by", "at")}
