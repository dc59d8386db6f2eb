"""What happened in a simulation, counted in the bot's own tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import func, select

from bot.storage import alerts as stored_alerts
from bot.storage import participants
from bot.storage.alerts import Alert
from bot.storage.tables import checkins, outbox
from bot.study import Study

_KIND = (outbox.c.kind, outbox.c.state)
_OUTBOX = select(*_KIND, func.count()).group_by(*_KIND)
_CHECKINS = select(checkins.c.form, checkins.c.state, func.count()).group_by(
    checkins.c.form, checkins.c.state
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages by (kind, state), check-ins by (form, state), alerts by (tier, state), minutes until taken."""

    participants: int
    messages: Mapping[tuple[str, str], int]
    checkins: Mapping[tuple[str, str], int]
    alerts: Mapping[tuple[str, str], int]
    minutes_until_taken: float | None

    def as_json(self) -> dict[str, object]:
        """Return the whole as plain JSON."""
        return {
            "participants": self.participants,
            "messages": _flat(self.messages),
            "checkins": _flat(self.checkins),
            "alerts": _flat(self.alerts),
            "median_minutes_until_taken": self.minutes_until_taken,
        }

    def lines(self) -> Iterator[str]:
        """Yield the whole as lines for a person to read."""
        yield f"participants: {self.participants}"
        for title, counts in (
            ("messages", self.messages),
            ("check-ins", self.checkins),
            ("alerts", self.alerts),
        ):
            yield f"{title}: {sum(counts.values())}"
            yield from (
                f"  {name:<18} {state:<12} {count:>7}" for (name, state), count in sorted(counts.items())
            )
        if self.minutes_until_taken is not None:
            yield f"median minutes until an alert was taken: {self.minutes_until_taken:.1f}"


async def tally(study: Study) -> Tally:
    """Count everything."""
    async with study.db.begin() as tx:
        everyone = await participants.all_(tx)
        raised = await stored_alerts.opened_since(tx, datetime.min.replace(tzinfo=UTC))
        return Tally(
            participants=len(everyone),
            messages={(row[0], row[1]): row[2] for row in await tx.execute(_OUTBOX)},
            checkins={(row[0], row[1]): row[2] for row in await tx.execute(_CHECKINS)},
            alerts=Counter((alert.tier, alert.state) for alert in raised),
            minutes_until_taken=_median_minutes(raised),
        )


def _median_minutes(raised: list[Alert]) -> float | None:
    taken = [
        (alert.acknowledged_at - alert.opened_at).total_seconds() / 60
        for alert in raised
        if alert.acknowledged_at is not None
    ]
    return median(taken) if taken else None


def _flat(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{name}.{state}": count for (name, state), count in sorted(counts.items())}
