"""The agenda to the letter: every field of what is due, and both sides of every instant and order."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.agenda import (
    Asked,
    DueCheckin,
    DueNotice,
    DueReminder,
    Facts,
    checkin_key,
    due,
    is_still_true,
)
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.planning import Course, VisitFacts, plan
from bot.domain.protocol import protocol_of
from tests.domain.schedules import DAY1, SHANGHAI, at, facts, shipped

NINETY = timedelta(minutes=90)


def test_the_facts_of_a_participant_carry_all_that_the_agenda_reads():
    known = Participant(
        id=7,
        code="001",
        arm="NK010",
        dose=2.5e9,
        day1_on=DAY1,
        icf_on=DAY1,
        language="both",
        zone=SHANGHAI,
        status=ParticipantStatus.ACTIVE,
        flags=frozenset({"LN"}),
        consented_at=datetime(2026, 11, 1, tzinfo=UTC),
        wake_at=datetime(2026, 12, 1, 3, tzinfo=UTC),
    )
    asked = (Asked("checkin:7:evening:x", "full", at("2026-12-01 20:00")),)
    times = (("day_before", time(17)),)
    made = Facts.of(
        known,
        sent=frozenset({"a"}),
        asked=asked,
        inpatient_until=date(2026, 12, 9),
        reminder_at=times,
    )
    assert made == Facts(
        7,
        Course(DAY1, SHANGHAI, (), frozenset({"LN"}), times),
        followed=True,
        sent=frozenset({"a"}),
        asked=asked,
        inpatient_until=date(2026, 12, 9),
        looked_at=known.wake_at,
    )


def test_a_reminder_says_which_visit_when_and_until_when():
    (item,) = (
        one for one in due(facts(), shipped(), at("2026-12-13 18:00")).items if isinstance(one, DueReminder)
    )
    assert item == DueReminder(
        "reminder:7:D14:day_before:2026-12-14",
        "D14",
        "day_before",
        date(2026, 12, 14),
        time(8, 30),
        at("2026-12-13 18:00"),
        at("2026-12-13 22:00"),
    )


def test_a_monthly_notice_says_which_and_until_when_it_binds():
    course = Course(DAY1, SHANGHAI, (), frozenset({"CONTRACEPTION"}))
    # The last NK is planned for 8 December: a month later the first notice is due, for two days.
    now = at("2027-01-08 10:00")
    (item,) = (
        one
        for one in due(replace(facts(), course=course), shipped(), now).items
        if isinstance(one, DueNotice)
    )
    assert (item.rule, item.due_at, item.expires_at) == ("family_planning", now, now + timedelta(days=2))
    assert item.until_on == date(2027, 12, 8)
    assert item.key.endswith(f":{item.name}")


def test_a_check_in_exactly_ninety_minutes_from_one_as_full_is_not_asked_beside_it():
    now = at("2026-12-14 20:00")
    fuller = Asked("checkin:7:other:x", "full", now - NINETY)
    assert not checkins_at(now, fuller)
    assert checkins_at(now, replace(fuller, due_at=now - NINETY - timedelta(seconds=1)))


def test_a_leaner_form_beside_it_does_not_stand_in_for_a_fuller_one():
    now = at("2026-12-14 08:00")
    for leaner in ("pre_infusion", "temperature"):
        assert checkins_at(now, Asked("checkin:7:other:x", leaner, now)), leaner
    assert not checkins_at(now, Asked("checkin:7:other:x", "full", now))


def wall(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-12-14T{clock}")


def checkins_at(now: datetime, *asked: Asked) -> list[DueCheckin]:
    return [one for one in due(facts(asked=asked), shipped(), now).items if isinstance(one, DueCheckin)]


def test_a_check_in_that_waits_still_fits_within_ninety_minutes_of_the_plan_and_no_further():
    now = at("2026-12-14 20:05")
    near = checkin_key(7, "evening", wall("18:30"))
    assert is_still_true(facts(), shipped(), near, now)
    far = checkin_key(7, "evening", wall("18:29"))
    assert not is_still_true(facts(), shipped(), far, now)


def test_a_check_in_that_waits_is_no_longer_true_once_its_participant_is_in_hospital():
    now = at("2026-12-14 20:05")
    key = checkin_key(7, "evening", wall("20:00"))
    assert is_still_true(facts(), shipped(), key, now)
    assert not is_still_true(facts(inpatient_until=date(2026, 12, 14)), shipped(), key, now)
    assert is_still_true(facts(inpatient_until=date(2026, 12, 13)), shipped(), key, now)


def test_what_would_go_stale_the_minute_the_quiet_hours_end_is_dropped_and_not_waited_for():
    # The evening form of 20:00 is worth sending for 600 minutes here: until 06:00, when the quiet hours end.
    slot = "[cadence.slots.evening]"
    text = shipped().source.definition.decode()
    start = text.index(slot)
    lasting = text[start:].replace("expires_after_minutes = 180", "expires_after_minutes = 600", 1)
    source = replace(shipped().source, definition=(text[:start] + lasting).encode())
    protocol = protocol_of(source, "x.toml", anchor="rituximab")
    agenda = due(facts(looked_at=at("2026-12-14 19:00")), protocol, at("2026-12-14 23:00"))
    assert at("2026-12-15 06:00") != agenda.look_again_at
    assert "checkin:7:evening:2026-12-14T20:00" in agenda.dropped


def test_an_infusion_that_began_late_and_whose_end_is_not_recorded_is_taken_to_end_late_too():
    begun = at("2026-12-04 10:30")
    known = Course(DAY1, SHANGHAI, (VisitFacts("D4", started_at=begun),))
    (infusion,) = [each for each in plan(known, shipped()) if each.id == "D4"]
    assert infusion.ends_at == begun + timedelta(minutes=240)
