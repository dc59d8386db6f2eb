"""Dates and times as people type them: 2026-12-01, 12月1日, 1.12., 1 Dec; 14:05, 14点05, 下午2点."""

import re
import unicodedata
from calendar import month_abbr
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from bot.domain import calendar
from bot.errors import BadInput

_MONTHS = {name.lower(): number for number, name in enumerate(month_abbr) if name}
_NAMED = "|".join(_MONTHS)
_YEAR = r"(?P<y>\d{4})"
_MONTH, _DAY = r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}",
        rf"{_YEAR}(?P<m>\d\d)(?P<d>\d\d)",
        rf"(?:{_YEAR}年)?{_MONTH}月{_DAY}[日号號]?",
        rf"{_DAY}\.\s?{_MONTH}\.?(?:\s?{_YEAR})?",
        # Month first: so the lunar and the Western calendars are both written in China.
        rf"{_MONTH}[-/]{_DAY}",
        rf"{_DAY}(?:st|nd|rd|th)?\.?\s?(?P<n>{_NAMED})[a-z]*\.?,?(?:\s?{_YEAR})?",
        rf"(?P<n>{_NAMED})[a-z]*\.?\s?{_DAY}(?:st|nd|rd|th)?,?(?:\s?{_YEAR})?",
    )
)
_RELATIVE = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "昨天": -1, "yesterday": -1}
_TIME = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|晚上)?\s?(?P<h>\d{1,2})(?:[:.点时h](?P<min>\d{2}|半)?分?)\s?(?P<half>am|pm)?",
    re.IGNORECASE,
)
_LATE_PARTS = ("下午", "晚上", "pm")


def read_date(text: str, today: date, *, ahead: bool = True) -> date:
    """Return the date that somebody typed; BadInput where it is none.

    Without a year it is the nearest such date, from a month before `today` on
    (`ahead`), or up to a month after it.
    """
    plain = _plain(text)
    if plain.lower() in _RELATIVE:
        return today + timedelta(days=_RELATIVE[plain.lower()])
    for pattern in _DATES:
        found = pattern.fullmatch(plain)
        if found is not None:
            return _date(found.groupdict(), today, ahead=ahead)
    raise BadInput("wizard.no_date")


def read_time(text: str) -> time:
    """Return the time of day that somebody typed; BadInput where it is none."""
    found = _TIME.fullmatch(_plain(text))
    if found is None:
        raise BadInput("wizard.no_time")
    hour = int(found["h"])
    late = (found["part"] or found["half"] or "").lower()
    if late in _LATE_PARTS and hour < 12:
        hour += 12
    elif late == "am" and hour == 12:
        hour = 0
    minute = 30 if found["min"] == "半" else int(found["min"] or 0)
    if hour > 23 or minute > 59:
        raise BadInput("wizard.no_time")
    return time(hour, minute)


def read_moment(text: str, now: datetime, zone: str, *, ahead: bool = False) -> datetime:
    """Return the instant of a typed time, today where no date stands before it; BadInput where it is none.

    A date without a year is meant as `read_date` has it.
    """
    today = calendar.to_local(now, zone).date()
    for day, clock in _splits(_plain(text)):
        try:
            on = read_date(day, today, ahead=ahead) if day else today
            return calendar.local_to_utc(on, read_time(clock), zone)
        except BadInput:
            continue
    raise BadInput("wizard.no_time")


def _splits(plain: str) -> Iterator[tuple[str, str]]:
    """Yield every way to part a text into a date and a time; the time alone first."""
    yield "", plain
    for place in range(1, len(plain)):
        yield plain[:place].strip(" ,T"), plain[place:].strip(" ,T")


def _plain(text: str) -> str:
    """Write full-width digits and signs as the keyboard's own."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().replace("。", ".")


def _date(found: dict[str, str | None], today: date, *, ahead: bool) -> date:
    month = _MONTHS[str(found["n"]).lower()] if found.get("n") else int(found["m"] or 0)
    day, year = int(found["d"] or 0), found.get("y")
    try:
        return date(int(year), month, day) if year else _nearest(month, day, today, ahead=ahead)
    except ValueError as error:
        raise BadInput("wizard.no_date") from error


def _nearest(month: int, day: int, today: date, *, ahead: bool) -> date:
    earliest = today - timedelta(days=31) if ahead else today - timedelta(days=334)
    # 29 February may need some years: the nearest that exists is meant.
    for year in range(earliest.year, earliest.year + 9):
        try:
            on = date(year, month, day)
        except ValueError:
            continue
        if on >= earliest:
            return on
    raise ValueError("no such day in any year")
