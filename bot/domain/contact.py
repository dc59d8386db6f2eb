"""When a participant was reached: now, or some minutes ago, since whoever telephones presses afterwards."""

from datetime import datetime, timedelta

from bot.errors import BadInput

AGO = (5, 15, 30)


def minutes_ago(since: datetime, now: datetime) -> tuple[int, ...]:
    """Return the minutes to offer: none of them lies before the alert."""
    return tuple(minutes for minutes in AGO if now - timedelta(minutes=minutes) >= since)


def checked(at: datetime, since: datetime, now: datetime) -> datetime:
    """Return when contact was made; BadInput where that is ahead, or a whole minute before the alert.

    `since`: when the alert was opened, or raised last. A minute has no
    seconds: the one in which the alert was opened holds, from its opening on.
    """
    if at > now:
        raise BadInput("reached.refused_ahead")
    if at < since.replace(second=0, microsecond=0):
        raise BadInput("reached.refused_before")
    return max(at, since)
