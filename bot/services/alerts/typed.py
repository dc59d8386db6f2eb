"""What a physician types while closing an alert: a note, when to look again, how long a finding is known."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain import calendar
from bot.domain.spelled import read_date, read_moment
from bot.errors import BadInput
from bot.screens.closing import Typed
from bot.study import Study

NOTE_LENGTH = 500
# Whatever is further away than this was mistyped: no follow-up lasts as long.
FURTHEST = timedelta(days=366)


def read_typed(study: Study, what: str, text: str, before: Typed, now: datetime) -> Typed:
    """Return what was typed so far with this; BadInput where it is not what was asked for."""
    if what == "check":
        return replace(before, check=_check(study, text, now))
    if what == "known":
        return replace(before, known=_known(text, calendar.to_local(now, study.site.zone).date()))
    note = text.strip()
    if not note or len(note) > NOTE_LENGTH:
        raise BadInput("close.note_too_long", most=NOTE_LENGTH)
    return replace(before, note=note)


def _check(study: Study, text: str, now: datetime) -> datetime:
    """Read a day, which means its morning, or a day with its time, or a time of today."""
    zone, morning = study.site.zone, study.protocol.practice.check_at.value
    today = calendar.to_local(now, zone).date()
    try:
        at = calendar.local_to_utc(read_date(text, today), morning, zone)
    except BadInput:
        at = read_moment(text, now, zone, ahead=True)
    if not now < at <= now + FURTHEST:
        raise BadInput("close.refused_check")
    return at


def _known(text: str, today: date) -> date:
    on = read_date(text, today)
    if not today <= on <= today + FURTHEST:
        raise BadInput("close.refused_known")
    return on
