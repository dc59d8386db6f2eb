"""What was measured before an alert: the last three values of each thing that it is about."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.domain.items import Item
from bot.domain.people import Participant
from bot.domain.telling import told
from bot.services.facts import HISTORY
from bot.storage import answers
from bot.storage.answers import PastReport
from bot.storage.db import Tx
from bot.storage.findings import KeptFinding
from bot.study import Study

VALUES = 3
_MEASURED = ("temperature", "number", "blood_pressure")


async def earlier_values(
    study: Study, tx: Tx, participant: Participant, found: Sequence[KeptFinding], now: datetime
) -> list[dict[str, Any]]:
    """Return the values of the reports before, in words and with their instants, the newest first."""
    own = {each.what.checkin_id for each in found}
    past = [r for r in await answers.history(tx, participant.id, now - HISTORY) if r.checkin_id not in own]
    past.sort(key=lambda report: report.answered_at, reverse=True)
    return [value for item, key in _measured(study, found) for value in _before(item, key, past)]


def _measured(study: Study, found: Sequence[KeptFinding]) -> Iterator[tuple[Item, str]]:
    paths = dict.fromkeys(path for each in found for path in each.what.detail.get("values", {}))
    for path in paths:
        name, _, key = path.partition(".")
        item = study.protocol.items.get(name)
        if item is not None and item.has_part(key) and item.part(key).kind in _MEASURED:
            yield item, key


def _before(item: Item, key: str, past: Sequence[PastReport]) -> list[dict[str, Any]]:
    read = ((item.read(report.answers.get(item.id)), report.answered_at) for report in past)
    return [
        {"words": told(item, parts, key).as_json(), "at": at.isoformat()}
        for parts, at in read
        if parts.get(key) is not None
    ][:VALUES]
