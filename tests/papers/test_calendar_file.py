"""The file for a phone's calendar, read back with the library that calendars are built on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.calendar_file import Appointment, calendar_file
from bot.texts import Verbatim, load_texts

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
WHERE = Verbatim("云桥路 8 号，门诊楼 3 楼", "8 Yunqiao Road; floor 3, east\nby lift 2")


def read(language="zh_CN", at=datetime(2026, 12, 17, 0, 30, tzinfo=UTC), zone="Asia/Shanghai", sequence=0):
    file = calendar_file(Appointment("1-D14@bot", sequence, at, zone, WHERE), load_texts(), language, NOW)
    calendar = icalendar.Calendar.from_ical(file)
    (event,) = calendar.walk("VEVENT")
    return file, calendar, event


@pytest.mark.parametrize(
    ("language", "title"), [("zh_CN", "预约"), ("en", "Appointment"), ("both", "预约 / Appointment")]
)
def test_the_title_is_neutral_and_in_the_persons_language(language, title):
    file, _, event = read(language)
    assert event["SUMMARY"] == title
    for word in ("随访", "visit", "trial", "infusion", "NK", "D14"):
        assert word not in event["SUMMARY"]
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


def test_the_address_survives_semicolons_commas_and_new_lines():
    assert read("en")[2]["LOCATION"] == WHERE.en


def test_nobody_is_told_how_long_it_lasts_and_the_phone_rings_before():
    _, _, event = read()
    assert "DTEND" not in event
    assert "DURATION" not in event
    assert [each["TRIGGER"].dt for each in event.walk("VALARM")] == [-timedelta(days=1), -timedelta(hours=2)]


@given(
    at=st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
@settings(max_examples=40, deadline=None)
def test_the_hour_is_right_by_the_files_own_description_of_the_zone(at, zone):
    local = at.astimezone(ZoneInfo(zone))
    if local.fold:
        return  # an hour that comes twice has one name
    _, calendar, event = read(at=at, zone=zone)
    (described,) = calendar.walk("VTIMEZONE")
    assert event["DTSTART"].params["TZID"] == zone == str(described["TZID"])
    naive = event["DTSTART"].dt.replace(tzinfo=None)
    assert naive == local.replace(tzinfo=None)
    assert described.to_tz(lookup_tzid=False).utcoffset(naive) == local.utcoffset()
