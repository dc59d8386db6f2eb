"""Is all well? Pure: what was seen, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

POLL = timedelta(seconds=90)
BEAT = timedelta(seconds=30)
OVERDUE = timedelta(seconds=60)
# A program that was just replaced may refuse a poll or two; who still does half a minute later stays.
RIVAL_STAYS = timedelta(seconds=30)
RIVAL_GONE = timedelta(minutes=10)
BACKUP = timedelta(hours=26)
LEAST_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was seen at one look; an instant that is None has not happened since the start.

    `began_at`: when the program took up its work. `backup_at`: of the last
    backup ever. `backed_up`: whether this program makes the backups at all.
    `rival`: when another program was first and last seen to poll with our token.
    """

    now: datetime
    began_at: datetime
    poll_at: datetime | None = None
    poll_trouble: str | None = None
    rival: tuple[datetime, datetime] | None = None
    tick_at: datetime | None = None
    delivery_at: datetime | None = None
    store_error: str | None = None
    free_bytes: int | None = None
    alert_due_at: datetime | None = None
    inbox_since: datetime | None = None
    backup_at: datetime | None = None
    backed_up: bool = True
    paused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: a code for machines, a line for the operator."""

    code: str
    detail: str


def troubles(seen: Vitals) -> tuple[Trouble, ...]:
    """Return all that is wrong; nothing when all is well."""
    return (*_alive(seen), *_stored(seen), *_waiting(seen))


def _alive(seen: Vitals) -> Iterator[Trouble]:
    if seen.poll_trouble == "unauthorized":
        yield Trouble("unauthorized", "Telegram does not accept the token (401)")
    elif (rival := _rival(seen)) is not None:
        # They take turns, so polls succeed: but what the other one takes, nobody sees here.
        yield Trouble("conflict", f"another program polls with this token (409), last {_seconds(rival)} ago")
    else:
        yield from _silent("poll", "last good answer of Telegram", seen.poll_at, POLL, seen)
    yield from _silent("tick", "last tick", seen.tick_at, BEAT, seen)
    yield from _silent("delivery", "last look of the delivery", seen.delivery_at, BEAT, seen)


def _rival(seen: Vitals) -> timedelta | None:
    """Return how long ago another program was seen that stays; None where there is none."""
    if seen.rival is None:
        return None
    since, seen_at = seen.rival
    ago = seen.now - seen_at
    return ago if ago <= RIVAL_GONE and seen_at - since >= RIVAL_STAYS else None


def _silent(code: str, what: str, at: datetime | None, most: timedelta, seen: Vitals) -> Iterator[Trouble]:
    silent_for = seen.now - (at or seen.began_at)
    if silent_for > most:
        yield Trouble(code, f"{what} {_seconds(silent_for)} ago, {_seconds(most)} allowed")


def _stored(seen: Vitals) -> Iterator[Trouble]:
    if seen.store_error is not None:
        yield Trouble("database", f"a write does not work: {seen.store_error}")
    if seen.free_bytes is not None and seen.free_bytes < LEAST_FREE_BYTES:
        free, wanted = (size // 1_000_000 for size in (seen.free_bytes, LEAST_FREE_BYTES))
        yield Trouble("disk", f"{free} MB free, {wanted} wanted")
    # A new installation has a day before its first backup is missed.
    last = seen.backup_at or seen.began_at
    if seen.backed_up and seen.now - last > BACKUP:
        yield Trouble("backup", f"last backup {_hours(seen.now - last)} ago, {_hours(BACKUP)} allowed")


def _waiting(seen: Vitals) -> Iterator[Trouble]:
    if seen.alert_due_at is not None and seen.now - seen.alert_due_at > OVERDUE:
        yield Trouble("alert", f"an open alert is {_seconds(seen.now - seen.alert_due_at)} past its time")
    if seen.inbox_since is not None and seen.now - seen.inbox_since > OVERDUE:
        yield Trouble("inbox", f"an update has waited {_seconds(seen.now - seen.inbox_since)}")
    if seen.paused_since is not None:
        yield Trouble("paused", "sending is paused after a restore: `suifang resume` goes on")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f} h"
