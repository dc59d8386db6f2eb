"""A visit as a file for the calendar of a phone (RFC 5545).

Calendars are shared and shown on lock screens: the title says nothing of a
trial or of an illness.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone

from bot.texts import Language, Phrase, Texts, Verbatim, locales, say

FILE_NAME = "appointment.ics"
_ALARMS = (timedelta(days=1), timedelta(hours=2))
_ZONE_YEARS = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One visit: `uid` stays for ever, `sequence` rises whenever it says something else."""

    uid: str
    sequence: int
    starts_at: datetime
    zone: str
    where: Verbatim


def calendar_file(appointment: Appointment, texts: Texts, language: Language, now: datetime) -> bytes:
    """Return the file; it names no end, because nobody knows how long a visit lasts."""
    local = appointment.starts_at.astimezone(ZoneInfo(appointment.zone))
    title = _in(texts, language, say("calendar.title"))
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("dtstart", local)
    event.add("summary", title)
    event.add("location", _in(texts, language, say("calendar.where", where=appointment.where)))
    event.add("class", "PRIVATE")
    event.add("status", "CONFIRMED")
    for before in _ALARMS:
        event.add_component(_alarm(title, before))
    calendar = Calendar()
    calendar.add("prodid", "-//Suifang//appointments//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_timezone(appointment.zone, local))
    calendar.add_component(event)
    return cast(bytes, calendar.to_ical())


def _timezone(zone: str, local: datetime) -> Timezone:
    """Describe the zone around the visit, so that a phone abroad shows the right hour."""
    day = local.date()
    return Timezone.from_tzid(zone, first_date=day - _ZONE_YEARS, last_date=day + _ZONE_YEARS)


def _alarm(title: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm


def _in(texts: Texts, language: Language, phrase: Phrase) -> str:
    return " / ".join(dict.fromkeys(texts.plain(each, phrase) for each in locales(language)))
