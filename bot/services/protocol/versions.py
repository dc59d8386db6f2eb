"""Versions of the protocol: kept as they come into force, so that an alert replays under its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.protocol import Protocol, Source, protocol_of
from bot.domain.trying import read_case, try_case
from bot.errors import SuifangError
from bot.services.checkins.hearing import SETTLED, TEXT, heard_in
from bot.services.checkins.judging import CASE
from bot.storage import findings, protocols, texts_in
from bot.storage.db import Tx
from bot.storage.findings import KeptFinding
from bot.storage.protocols import KeptProtocol
from bot.study import Study

Short = tuple[str, str, int | None]
"""Rule, tier and hours."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finding judged again on what it was judged on: under its own version, and under today's.

    `again`, `today`: the tier with its hours and rules, None where nothing was
    kept to judge. `case` can be given to `suifang try`.
    """

    rule: str
    version: str
    was: str
    again: str | None
    today: str | None
    same: bool
    case: Mapping[str, Any] | None


async def keep(study: Study, tx: Tx, now: datetime) -> None:
    """Keep the protocol in force, once."""
    protocol, source = study.protocol, study.protocol.source
    kept = KeptProtocol(
        protocol.digest, protocol.version, protocol.follow_up_anchor, source.definition, source.words, now
    )
    await protocols.keep(tx, kept)


async def other_of_this_version(study: Study, tx: Tx) -> KeptProtocol | None:
    """Return a protocol that was kept under this version and is another one; None where there is none."""
    kept = await protocols.of_version(tx, study.protocol.version)
    return next((each for each in kept if each.digest != study.protocol.digest), None)


async def replay(study: Study, alert_id: int) -> list[Replayed]:
    """Judge the findings of an alert again; SuifangError where there is no such alert, or no such version."""
    async with study.db.begin() as tx:
        kept = await findings.of_alert(tx, alert_id)
        if not kept:
            raise SuifangError(f"no findings of an alert {alert_id}")
        return [await _replayed(study, tx, each) for each in kept]


async def _replayed(study: Study, tx: Tx, kept: KeptFinding) -> Replayed:
    what = kept.what
    case: dict[str, Any] | None = what.detail.get(CASE)
    was = "RED" if what.tier == "red" else f"AMBER-{what.hours}h"
    if case is None:
        return Replayed(what.rule, what.protocol_version, was, None, None, same=False, case=None)
    if TEXT in case:
        found = await texts_in.get(tx, int(case[TEXT]))
        case = {**case, TEXT: None if found is None else found.text}
    then = await _loaded(tx, what.protocol_version)
    again = judged(case, then)
    return Replayed(
        what.rule,
        what.protocol_version,
        was,
        in_short(again),
        in_short(judged(case, study.protocol)),
        same=(what.rule, what.tier, what.hours) in again,
        case=case,
    )


async def _loaded(tx: Tx, version: str) -> Protocol:
    kept = await protocols.of_version(tx, version)
    if not kept:
        raise SuifangError(f"version {version} of the protocol was not kept")
    newest = kept[0]
    return protocol_of(Source(newest.definition, newest.words), f"version {version}", anchor=newest.anchor)


def judged(case: Mapping[str, Any], protocol: Protocol) -> tuple[Short, ...]:
    """Return what a protocol makes of a case of answers or of words, the rules as findings keep them."""
    if TEXT not in case:
        found = try_case(case, protocol).assessment.findings
        return tuple((each.rule, each.tier, each.hours) for each in found)
    context, settled = read_case(case).context, bool(case.get(SETTLED))
    hearing = heard_in(case[TEXT] or "", protocol, context, settled=settled)
    return hearing.spotted(protocol)


def in_short(found: Iterable[Short]) -> str:
    """Return the gravest tier with its hours, and the rules that fired."""
    each = list(found)
    if not each:
        return "GREEN"
    rules = " ".join(dict.fromkeys(rule for rule, _, _ in each))
    if any(tier == "red" for _, tier, _ in each):
        return f"RED {rules}"
    return f"AMBER-{min(hours or 0 for _, _, hours in each)}h {rules}"
