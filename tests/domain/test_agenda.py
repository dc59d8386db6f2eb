"""What is due, when, and when not: the agenda of one participant."""

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.agenda import (
    Asked,
    DueCheckin,
    DueReminder,
    Facts,
    checkin_key,
    due,
    is_still_true,
    next_visit,
)
from bot.domain.calendar import to_local
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.planning import Course
from bot.domain.protocol import SHIPPED, protocol_from
from tests.domain.schedules import DAY1, SHANGHAI, Diary, at, facts, moved, shipped, visit

BEFORE, AFTER = at("2026-11-20 09:00"), at("2028-01-10 09:00")
MINUTE = timedelta(minutes=1)
YEAR_MINUTES = st.integers(min_value=0, max_value=400 * 24 * 60)


def reminders(diary: Diary) -> list[str]:
    """Return "visit rule local-time" for each reminder that was due."""
    return [
        f"{item.visit} {item.rule} {to_local(now, SHANGHAI):%m-%d %H:%M}"
        for now, item in diary.got
        if isinstance(item, DueReminder)
    ]


def checkins(diary: Diary) -> list[str]:
    """Return "local-time form" for each check-in that was due."""
    return [
        f"{to_local(now, SHANGHAI):%m-%d %H:%M} {item.form}"
        for now, item in diary.got
        if isinstance(item, DueCheckin)
    ]


def test_a_visit_is_announced_three_days_before_the_evening_before_and_that_morning() -> None:
    diary = Diary(facts()).live(at("2026-12-08 12:00"), at("2026-12-15 00:00"))
    assert reminders(diary) == [
        "D14 three_days 12-11 10:00",
        "D14 day_before 12-13 18:00",
        "D14 morning 12-14 07:00",
    ]


def test_a_year_brings_three_reminders_for_each_of_eleven_visits_and_drops_nothing() -> None:
    diary = Diary(facts()).live(BEFORE, AFTER)
    assert len(reminders(diary)) == 33
    assert not diary.dropped
    assert diary.next_look is None


def test_what_is_due_on_day_four_comes_at_its_minute() -> None:
    diary = Diary(facts()).from_(at("2026-12-03 21:59")).live(at("2026-12-04 00:00"), at("2026-12-05 00:00"))
    assert checkins(diary) == ["12-04 06:30 pre_infusion", "12-04 16:30 full", "12-04 20:30 full"]
    assert reminders(diary) == ["D4 morning 12-04 07:00"]


def test_asking_twice_gives_the_same_keys() -> None:
    now = at("2026-12-08 07:00")
    assert due(facts(), shipped(), now) == due(facts(), shipped(), now)
    assert [item.key for item in due(facts(), shipped(), now).items] == [
        "checkin:7:screen_morning:2026-12-08T06:30",
        "reminder:7:D8:morning:2026-12-08",
    ]


def test_what_was_sent_or_asked_is_not_due_again() -> None:
    now, diary = at("2026-12-08 07:00"), Diary(facts())
    assert len(diary.look(now).items) == 2
    assert diary.look(now).items == ()


def test_a_moved_visit_takes_its_reminders_along() -> None:
    diary = Diary(facts(moved("D14", "2026-12-16", "14:00"))).live(
        at("2026-12-10 00:00"), at("2026-12-17 00:00")
    )
    assert reminders(diary) == [
        "D14 three_days 12-13 10:00",
        "D14 day_before 12-15 18:00",
        "D14 morning 12-16 07:00",
    ]


def test_a_visit_moved_after_its_reminders_is_announced_anew_for_the_new_date() -> None:
    diary = Diary(facts()).live(at("2026-12-10 00:00"), at("2026-12-13 20:00"))
    diary.facts = replace(diary.facts, course=Course(DAY1, SHANGHAI, (moved("D14", "2026-12-15"),)))
    diary.live(at("2026-12-13 20:01"), at("2026-12-16 00:00"))
    assert reminders(diary)[2:] == ["D14 day_before 12-14 18:00", "D14 morning 12-15 07:00"]


def test_a_visit_moved_within_its_day_is_not_announced_twice() -> None:
    diary = Diary(facts()).live(at("2026-12-10 00:00"), at("2026-12-13 20:00"))
    diary.facts = replace(diary.facts, course=Course(DAY1, SHANGHAI, (moved("D14", "2026-12-14", "14:00"),)))
    assert not any(isinstance(item, DueReminder) for item in diary.look(at("2026-12-13 20:01")).items)


def test_a_reminder_of_the_old_date_is_no_longer_true() -> None:
    now = at("2026-12-13 18:00")
    (item,) = (one for one in due(facts(), shipped(), now).items if isinstance(one, DueReminder))
    assert is_still_true(facts(), shipped(), item.key, now)
    assert not is_still_true(facts(moved("D14", "2026-12-16")), shipped(), item.key, now)
    assert not is_still_true(facts(), shipped(), item.key, item.expires_at)
    assert not is_still_true(facts(visit("D14", attendance="cannot")), shipped(), item.key, now)
    assert not is_still_true(replace(facts(), followed=False), shipped(), item.key, now)


def test_a_check_in_that_waits_still_fits_when_the_recorded_end_moves_it_a_little_and_not_by_hours() -> None:
    now, key = at("2026-12-04 17:00"), "checkin:7:nk_hours:2026-12-04T16:30"
    assert is_still_true(facts(), shipped(), key, now)
    for end, fits in (("13:00", True), ("15:30", False)):
        ended = visit("D4", started_at=at("2026-12-04 08:40"), ended_at=at(f"2026-12-04 {end}"))
        assert is_still_true(facts(ended), shipped(), key, now) is fits
    assert not is_still_true(facts(), shipped(), key.replace(":7:", ":8:"), now)
    assert not is_still_true(facts(), shipped(), key, at("2026-12-04 19:30"))


def test_a_visit_that_began_was_missed_or_is_held_is_not_announced() -> None:
    for known in ({"started_at": at("2026-12-14 06:50")}, {"status": "missed"}, {"status": "held"}):
        diary = Diary(facts(visit("D14", **known))).live(at("2026-12-13 22:00"), at("2026-12-15 00:00"))
        assert reminders(diary) == []


def test_who_cannot_come_is_not_reminded_but_is_asked_how_they_are() -> None:
    diary = Diary(facts(visit("D6", attendance="cannot"))).live(
        at("2026-12-03 12:00"), at("2026-12-06 12:00")
    )
    assert not [line for line in reminders(diary) if line.startswith("D6")]
    assert "12-06 06:30 pre_infusion" in checkins(diary)


def test_who_has_not_consented_or_has_left_gets_nothing() -> None:
    someone = Participant(
        7, "001", "NK010", 2.5e9, DAY1, date(2026, 11, 20), "zh_CN", SHANGHAI, ParticipantStatus.ACTIVE
    )
    now = at("2026-12-04 07:00")
    assert due(Facts.of(someone), shipped(), now).look_again_at is None
    consented = replace(someone, consented_at=BEFORE)
    assert due(Facts.of(consented), shipped(), now).items
    for status in set(ParticipantStatus) - {ParticipantStatus.ACTIVE}:
        agenda = due(Facts.of(replace(consented, status=status)), shipped(), now)
        assert (agenda.items, agenda.look_again_at, agenda.dropped) == ((), None, ())


def test_after_a_day_of_downtime_only_the_newest_of_each_is_due_and_the_rest_is_told() -> None:
    down = facts(looked_at=at("2026-12-13 08:00"))
    agenda = due(down, shipped(), at("2026-12-14 08:10"))
    assert [item.key for item in agenda.items] == [
        "reminder:7:D14:morning:2026-12-14",
        "checkin:7:morning:2026-12-14T08:00",
    ]
    assert sorted(agenda.dropped) == [
        "checkin:7:evening:2026-12-13T20:00",
        "checkin:7:morning:2026-12-13T08:00",
        "reminder:7:D14:day_before:2026-12-14",
    ]


def test_a_reminder_is_stale_when_its_time_is_over_or_the_visit_begins() -> None:
    assert _reminds(at("2026-12-14 08:29"))
    assert not _reminds(at("2026-12-14 08:30"))
    assert _reminds(at("2026-12-13 21:59"))
    assert not _reminds(at("2026-12-13 22:00"))
    assert _reminds(at("2026-12-12 09:59"))
    assert not _reminds(at("2026-12-12 10:00"))


def _reminds(now: datetime) -> bool:
    return any(isinstance(item, DueReminder) for item in due(facts(), shipped(), now).items)


def test_an_older_reminder_does_not_come_back_when_the_newer_one_was_sent() -> None:
    late = facts(moved("D14", "2026-12-14", "20:00"))
    morning = due(late, shipped(), at("2026-12-14 07:00")).items[0].key
    agenda = due(replace(late, sent=frozenset({morning})), shipped(), at("2026-12-14 07:30"))
    assert not any(isinstance(item, DueReminder) for item in agenda.items)


def test_in_quiet_hours_a_late_reminder_waits_for_the_morning() -> None:
    night = at("2026-12-11 23:30")
    agenda = due(facts(asked=_asked_lately(night)), shipped(), night)
    assert agenda.items == ()
    assert agenda.look_again_at == at("2026-12-12 06:00")
    (item,) = due(facts(asked=_asked_lately(night)), shipped(), at("2026-12-12 06:00")).items
    assert item.key == "reminder:7:D14:three_days:2026-12-14"


def _asked_lately(now: datetime) -> tuple[Asked, ...]:
    return (Asked("checkin:7:evening:2026-12-11T20:00", "temperature", now.replace(hour=12, minute=0)),)


def test_in_quiet_hours_a_check_in_that_would_be_stale_by_morning_is_dropped() -> None:
    agenda = due(facts(looked_at=at("2026-12-12 20:00")), shipped(), at("2026-12-12 22:30"))
    assert not [item for item in agenda.items if isinstance(item, DueCheckin)]
    assert "checkin:7:evening:2026-12-12T20:00" in agenda.dropped


def test_quiet_hours_do_not_hold_back_a_check_in_of_the_first_72_hours() -> None:
    ended = visit("D4", started_at=at("2026-12-04 14:00"), ended_at=at("2026-12-04 17:30"))
    diary = Diary(facts(ended)).live(at("2026-12-04 20:00"), at("2026-12-05 06:00"))
    assert checkins(diary) == ["12-04 21:30 full", "12-05 01:30 full"]


def test_check_ins_after_an_infusion_count_from_its_recorded_end() -> None:
    ended = visit("D4", status="done", started_at=at("2026-12-04 10:00"), ended_at=at("2026-12-04 15:00"))
    diary = Diary(facts(ended)).live(at("2026-12-04 09:00"), at("2026-12-05 09:00"))
    assert checkins(diary) == ["12-04 19:00 full", "12-04 23:00 full", "12-05 08:00 full"]


def test_an_end_that_is_entered_late_does_not_ask_the_same_thing_twice() -> None:
    diary = Diary(facts()).live(at("2026-12-04 09:00"), at("2026-12-04 18:00"))
    assert checkins(diary) == ["12-04 16:30 full"]
    ended = visit("D4", started_at=at("2026-12-04 08:40"), ended_at=at("2026-12-04 12:50"))
    diary.facts = replace(diary.facts, course=Course(DAY1, SHANGHAI, (ended,)))
    diary.live(at("2026-12-04 18:00"), at("2026-12-05 00:00"))
    assert checkins(diary) == ["12-04 16:30 full", "12-04 20:50 full"]


def test_an_end_hours_later_than_planned_is_followed_by_check_ins_of_its_own() -> None:
    diary = Diary(facts()).live(at("2026-12-04 09:00"), at("2026-12-04 18:00"))
    ended = visit("D4", started_at=at("2026-12-04 08:40"), ended_at=at("2026-12-04 15:30"))
    diary.facts = replace(diary.facts, course=Course(DAY1, SHANGHAI, (ended,)))
    diary.live(at("2026-12-04 18:00"), at("2026-12-05 00:00"))
    assert checkins(diary) == ["12-04 16:30 full", "12-04 19:30 full", "12-04 23:30 full"]


def test_a_held_infusion_has_no_screen_and_no_hours_after_it() -> None:
    held = Diary(facts(visit("D8", status="held"))).from_(at("2026-12-07 12:00"))
    held.live(at("2026-12-07 12:01"), at("2026-12-09 00:00"))
    assert checkins(held) == ["12-07 20:00 full", "12-08 08:00 full", "12-08 20:00 full"]


def test_a_moved_infusion_takes_its_screens_and_hours_along() -> None:
    diary = Diary(facts(moved("D8", "2026-12-10"))).from_(at("2026-12-09 12:00"))
    diary.live(at("2026-12-09 12:01"), at("2026-12-11 07:00"))
    assert checkins(diary) == [
        "12-09 19:00 pre_infusion",
        "12-10 06:30 pre_infusion",
        "12-10 16:30 full",
        "12-10 20:30 full",
    ]


def test_in_hospital_no_check_in_is_asked_until_the_morning_after_the_end() -> None:
    diary = Diary(facts(inpatient_until=date(2026, 12, 12))).live(
        at("2026-12-10 12:00"), at("2026-12-13 12:00")
    )
    assert checkins(diary) == ["12-13 08:00 full"]
    assert "D14 three_days 12-11 10:00" in reminders(diary)
    assert not diary.dropped


def test_a_check_in_late_by_hours_is_still_asked_and_late_by_a_day_is_not() -> None:
    assert _asks(at("2026-12-20 17:59")) == ["morning"]
    assert _asks(at("2026-12-20 18:00")) == []
    assert _asks(at("2026-12-20 20:00")) == ["evening"]


def _asks(now: datetime) -> list[str]:
    return [item.slot for item in due(facts(), shipped(), now).items if isinstance(item, DueCheckin)]


def test_the_key_of_a_check_in_is_its_local_time() -> None:
    assert (
        checkin_key(7, "morning", datetime.fromisoformat("2026-12-20T08:00"))
        == "checkin:7:morning:2026-12-20T08:00"
    )


def test_on_every_day_of_a_year_with_clock_changes_each_key_is_due_exactly_once() -> None:
    for zone in ("Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"):
        diary = Diary(facts(zone=zone)).live(BEFORE, AFTER)
        assert len(set(diary.keys())) == len(diary.keys()) == 131


@given(minutes=YEAR_MINUTES)
def test_nothing_is_due_between_two_looks(minutes: int) -> None:
    """Whatever the instant: what is due then was due already when the agenda wanted to be looked at."""
    now = BEFORE + minutes * MINUTE
    diary = Diary(facts())
    diary.look(now)
    again = diary.next_look
    assert again is None or again > now
    for between in _between(now, again or now + timedelta(days=60)):
        assert due(diary.facts, shipped(), between).items == ()
    if again is not None:
        assert due(diary.facts, shipped(), again).items


def _between(start: datetime, end: datetime) -> list[datetime]:
    step = (end - start) / 7
    return [start + n * step for n in range(1, 7)] + [end - timedelta(seconds=1)]


@given(minutes=YEAR_MINUTES, down=st.integers(min_value=1, max_value=20 * 24 * 60))
def test_downtime_of_any_length_brings_one_check_in_and_one_reminder_a_visit_at_most(
    minutes: int, down: int
) -> None:
    went = BEFORE + minutes * MINUTE
    diary = Diary(facts()).live(BEFORE, went)
    before = set(diary.keys())
    wanted = set(Diary(facts()).live(BEFORE, went + down * MINUTE + MINUTE).keys())
    agenda = diary.look(went + down * MINUTE)
    visits = [item.visit for item in agenda.items if isinstance(item, DueReminder)]
    assert len(visits) == len(set(visits))
    assert sum(isinstance(item, DueCheckin) for item in agenda.items) <= 1
    assert all(item.expires_at > went + down * MINUTE for item in agenda.items)
    assert not before & {item.key for item in agenda.items}
    told = {item.key for item in agenda.items} | set(agenda.dropped)
    assert told <= wanted
    # Only the night may hold something back that is neither due nor dropped.
    hour = to_local(went + down * MINUTE, SHANGHAI).hour
    assert wanted == before | told or hour >= 22 or hour < 6


@given(minutes=YEAR_MINUTES, zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]))
def test_no_reminder_goes_out_in_quiet_hours(minutes: int, zone: str) -> None:
    now = BEFORE + minutes * MINUTE
    for item in due(facts(zone=zone), shipped(), now).items:
        if isinstance(item, DueReminder):
            assert 6 <= to_local(now, zone).hour < 22


def test_instants_are_utc() -> None:
    agenda = due(facts(), shipped(), at("2026-12-04 07:00"))
    assert agenda.look_again_at is not None
    assert {agenda.look_again_at.tzinfo, *(item.due_at.tzinfo for item in agenda.items)} == {UTC}


def test_the_next_visit_is_todays_until_it_began_then_the_one_after() -> None:
    course = facts().course
    for now, expected in (
        ("2026-11-20 09:00", "D1"),
        ("2026-12-04 23:59", "D4"),
        ("2026-12-05 00:00", "D6"),
        ("2027-12-02 00:00", None),
    ):
        found = next_visit(course, shipped(), at(now))
        assert (found.id if found else None) == expected
    began = Course(DAY1, SHANGHAI, (visit("D4", started_at=at("2026-12-04 08:40")),))
    found = next_visit(began, shipped(), at("2026-12-04 09:00"))
    assert found is not None
    assert found.id == "D6"


def test_nothing_is_told_as_dropped_that_was_due_before_the_last_look() -> None:
    """Someone who joins in the middle is not owed what came before."""
    now = at("2026-12-20 19:00")
    assert due(facts(), shipped(), now).dropped == ()
    assert due(facts(looked_at=now), shipped(), now).dropped == ()
    assert due(facts(looked_at=at("2026-12-20 08:00")), shipped(), now).dropped == (
        "checkin:7:morning:2026-12-20T08:00",
    )


def test_of_two_check_ins_that_could_still_be_asked_only_the_newest_is_and_the_other_is_told() -> None:
    agenda = due(facts(looked_at=at("2026-12-02 07:00")), shipped(), at("2026-12-02 14:00"))
    asked = [item.key for item in agenda.items if isinstance(item, DueCheckin)]
    assert asked == ["checkin:7:rtx_hours:2026-12-02T13:30"]
    assert agenda.dropped == ("checkin:7:rtx_next_morning:2026-12-02T08:00",)


def test_of_two_reminders_of_a_visit_that_are_not_stale_only_the_newest_is_due() -> None:
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    table["reminders"]["three_days"]["expires_after_minutes"] = 5 * 24 * 60
    patient = protocol_from(table, "patient.toml", anchor="rituximab")
    items = due(facts(), patient, at("2026-12-13 19:00")).items
    assert [item.rule for item in items if isinstance(item, DueReminder)] == ["day_before"]


def test_a_check_in_that_was_met_already_is_no_reason_to_look_again() -> None:
    ended = visit("D4", started_at=at("2026-12-04 08:40"), ended_at=at("2026-12-04 12:50"))
    asked = Asked("checkin:7:nk_hours:2026-12-04T16:30", "full", at("2026-12-04 16:30"))
    agenda = due(facts(ended, asked=(asked,)), shipped(), at("2026-12-04 16:35"))
    assert not [item for item in agenda.items if isinstance(item, DueCheckin)]
    assert agenda.look_again_at == at("2026-12-04 20:50")


def test_a_less_full_form_does_not_stand_for_a_fuller_one() -> None:
    asked = Asked("checkin:7:other:2026-12-04T16:00", "temperature", at("2026-12-04 16:00"))
    agenda = due(facts(asked=(asked,)), shipped(), at("2026-12-04 16:30"))
    assert [item.form for item in agenda.items if isinstance(item, DueCheckin)] == ["full"]


def test_check_ins_that_meet_are_worth_asking_as_long_as_the_longer_of_them() -> None:
    assert _asks(at("2026-12-10 17:59")) == ["nk_days"]
    assert _asks(at("2026-12-10 18:00")) == []
