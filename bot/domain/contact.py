"""When a participant was reached, and when somebody without the chat is to be called."""

from datetime import datetime, timedelta

from bot.errors import BadInput

# Whoever telephones presses afterwards.
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


def to_be_called(
    called_at: datetime | None, visit_at: datetime | None, before: timedelta, now: datetime
) -> bool:
    """Tell whether somebody on the phone list is to be called: never called yet, or a visit is near.

    `before`: how long before a visit it is near; a call within that time counts.
    """
    if called_at is None:
        return True
    if visit_at is None or not visit_at - before <= now < visit_at:
        return False
    return called_at < visit_at - before
