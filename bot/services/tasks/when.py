"""Asking for a day and a time, by buttons or typed; a part of other tasks' steps."""

from datetime import date, datetime, time, timedelta

from bot.domain import calendar
from bot.domain.spelled import read_moment
from bot.errors import BadInput
from bot.screens import when as screens
from bot.screens.wizard import Question
from bot.services.steps import Data

DAYS = 14
FURTHEST = timedelta(days=180)


def ask(now: datetime, zone: str, data: Data) -> Question:
    """Ask for the day, and for the time once there is a day."""
    if data.get("day") is None:
        return screens.ask_day(calendar.to_local(now, zone).date(), DAYS)
    on = date.fromisoformat(data["day"])
    open_times = [each for each in screens.TIMES if calendar.local_to_utc(on, each, zone) > now]
    return screens.ask_time(on, open_times)


def pick(now: datetime, zone: str, data: Data, word: str) -> tuple[Data, datetime | None]:
    """Take a button: a day, or a time of the day chosen before; the instant once both are there."""
    try:
        if data.get("day") is None:
            return {**data, "day": date.fromisoformat(word).isoformat()}, None
        at = time.fromisoformat(f"{word[:2]}:{word[2:]}")
    except ValueError as error:
        raise BadInput("wizard.use_buttons") from error
    return _whole(data, _ahead(calendar.local_to_utc(date.fromisoformat(data["day"]), at, zone), now))


def read(now: datetime, zone: str, data: Data, text: str) -> tuple[Data, datetime | None]:
    """Take a typed time, with its day or of the day chosen before."""
    base = now
    if data.get("day") is not None:
        base = calendar.local_to_utc(date.fromisoformat(data["day"]), time(12), zone)
    return _whole(data, _ahead(read_moment(text, base, zone, ahead=True), now))


def _whole(data: Data, at: datetime) -> tuple[Data, datetime]:
    return {name: value for name, value in data.items() if name != "day"}, at


def _ahead(at: datetime, now: datetime) -> datetime:
    if not now < at <= now + FURTHEST:
        raise BadInput("broadcast.refused_past")
    return at
