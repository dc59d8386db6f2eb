"""Reminders: queued by the tick under their keys, true when they are sent, moved with their visit."""

from dataclasses import replace
from datetime import date, time

import pytest

from bot.domain import agenda
from bot.domain.people import Action, PersonRef, Role
from bot.errors import BadInput, NotAllowed
from bot.services.reminders import reminders
from bot.services.trail import SYSTEM
from bot.services.visits import infusions, visits
from tests.services.conftest import DAY1, LIN, SONG, shanghai


async def reminded(ward) -> list[tuple[str, str]]:
    return [(each.params["visit"], each.params["rule"]) for each in await ward.queue("reminder")]


async def test_day_1_is_announced_three_days_before_the_day_before_and_on_the_morning(ward):
    await ward.active()
    await ward.until(shanghai(DAY1, 9))
    # D4 is three days later: its own first reminder comes at 10:00.
    assert await reminded(ward) == [("D1", "three_days"), ("D1", "day_before"), ("D1", "morning")]
    at = [each.created_at for each in await ward.queue("reminder")]
    assert at == [
        shanghai(date(2026, 12, 1), 10),
        shanghai(date(2026, 12, 3), 18),
        shanghai(DAY1, 7),
    ]


async def test_nothing_is_due_before_the_consent(ward, study):
    joined = await ward.joined()
    await ward.until(shanghai(date(2026, 12, 3), 20))
    assert await ward.queue() == []
    assert (await ward.now(joined)).wake_at is None


async def test_a_tick_at_the_same_instant_changes_nothing(ward, study):
    await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 10))
    before = await ward.queue()
    assert await reminders.tick(study) == 0
    assert await ward.queue() == before


async def test_a_reminder_says_what_when_and_where_in_plain_chinese(ward):
    await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 10))
    [message] = await ward.queue("reminder")
    text = await ward.written(message)
    assert text.splitlines()[0] == "随访：来院提醒"
    assert "12月4日周五 08:30" in text
    assert "[我会来]" in text
    assert "[我来不了]" in text
    for word in ("地点", "请带", "来之前"):
        assert word in text


async def test_a_reader_of_both_languages_gets_both_in_one_message(ward):
    await ward.active(language="both")
    await ward.until(shanghai(date(2026, 12, 1), 10))
    text = await ward.written((await ward.queue("reminder"))[0])
    assert text.index("12月4日周五") < text.index("Fri, Dec 4")
    assert "[我会来 · I will come]" in text


async def test_the_first_line_shows_nothing_on_a_lock_screen(ward):
    await ward.active(language="en")
    await ward.until(shanghai(date(2026, 12, 1), 10))
    [reminder] = await ward.queue("reminder")
    assert (await ward.written(reminder)).splitlines()[0] == "Suifang: about an appointment"
    await ward.until(shanghai(DAY1, 6, 30))
    screening = (await ward.queue("checkin"))[-1]
    assert (await ward.written(screening)).splitlines()[0] == "Suifang: a few questions"


async def test_saying_cannot_come_reaches_the_coordinator_and_stops_the_reminders(ward, study):
    await ward.staff()
    active = await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 10))
    answered = await visits.say_coming(study, active, "D1", DAY1, "cannot")
    assert (answered.outcome, answered.visit.attendance) == ("noted", "cannot")
    [note] = [each for each in await ward.queue("staff_note") if each.params["note"] == "cannot_come"]
    text = await ward.written(note)
    assert note.priority <= 1
    assert "001 cannot come" in text
    assert "Fri, Dec 4, 08:30" in text
    await ward.until(shanghai(DAY1, 9))
    assert await reminded(ward) == [("D1", "three_days")]


async def test_changing_ones_mind_tells_the_coordinator_and_brings_the_reminders_back(ward, study):
    await ward.staff()
    active = await ward.active()
    await visits.say_coming(study, active, "D1", DAY1, "cannot")
    assert (await visits.say_coming(study, active, "D1", DAY1, "coming")).outcome == "noted"
    assert (await visits.say_coming(study, active, "D1", DAY1, "coming")).outcome == "same"
    notes = [each.params["note"] for each in await ward.queue("staff_note")]
    assert notes.count("coming_after_all") == 1
    await ward.until(shanghai(DAY1, 9))
    assert ("D1", "morning") in await reminded(ward)


async def test_a_queued_reminder_is_skipped_when_the_participant_cannot_come(ward, study):
    active = await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 10))
    [message] = await ward.queue("reminder")
    await visits.say_coming(study, active, "D1", DAY1, "cannot")
    assert await ward.written(message) == "skipped: no longer true"


async def test_p08_the_second_copy_of_a_reminder_says_so_and_is_withheld_once_somebody_has_answered(
    ward, study
):
    active = await ward.active(language="en")
    await visits.say_coming(study, active, "D1", DAY1, "coming")
    await ward.until(shanghai(date(2026, 12, 1), 10))
    [first] = await ward.queue("reminder")
    second = replace(first, repeats=1)
    assert "You may have had this message already" not in await ward.written(first)
    # What was said before the first copy was written says nothing of whether it arrived.
    assert "You may have had this message already" in await ward.written(second)
    await ward.pass_time(minutes=1)
    assert (await visits.say_coming(study, active, "D1", DAY1, "coming")).outcome == "same"
    assert await ward.written(second) == "skipped: it was answered"
    assert "skipped" not in await ward.written(first)


async def test_a_moved_visit_takes_its_reminders_along(ward, study):
    active = await ward.active()
    await ward.until(shanghai(DAY1, 9))
    await visits.move(study, SYSTEM, active, "D14", date(2026, 12, 19), time(14), "public holiday")
    await ward.until(shanghai(date(2026, 12, 20), 9))
    d14 = [
        (each.params["rule"], each.params["on"]) for each in await ward.queue("reminder") if "D14" in each.key
    ]
    assert d14 == [("three_days", "2026-12-19"), ("day_before", "2026-12-19"), ("morning", "2026-12-19")]


async def test_what_waits_about_the_old_date_is_taken_back_by_a_move(ward, study):
    active = await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 10))
    await visits.move(study, SYSTEM, active, "D1", date(2026, 12, 8), None, "fever")
    [message] = await ward.queue("reminder")
    assert (message.state, message.last_error) == ("skipped", "the visit was moved")
    assert await ward.written(message) == "skipped: no longer true"


async def test_moving_day_1_moves_every_day_that_is_counted_from_it(ward, study):
    active = await ward.active()
    await visits.move(study, SYSTEM, active, "D1", date(2026, 12, 8), None, "fever")
    moved = await ward.now(active)
    plan = {each.visit_type: each.on for each in await visits.upcoming(study, moved)}
    assert plan["D1"] == date(2026, 12, 8)
    assert plan["D4"] == date(2026, 12, 11)
    assert plan["M2"] == date(2027, 2, 8)


async def test_a_button_of_the_old_date_shows_the_new_one(ward, study):
    active = await ward.active()
    await visits.move(study, SYSTEM, active, "D14", date(2026, 12, 19), None, "holiday")
    answered = await visits.say_coming(study, active, "D14", date(2026, 12, 17), "coming")
    assert answered.outcome == "moved"
    assert answered.visit.on == date(2026, 12, 19)
    assert answered.visit.attendance == "unknown"


async def test_a_button_of_a_visit_that_is_over_changes_nothing(ward, study):
    active = await ward.active()
    await ward.until(shanghai(date(2026, 12, 20), 9))
    assert (await visits.say_coming(study, active, "D1", DAY1, "coming")).outcome == "over"


async def test_a_day_of_downtime_brings_one_reminder_and_a_note_of_what_was_dropped(ward, study, clock):
    await ward.active()
    await ward.until(shanghai(date(2026, 12, 1), 9, 30))
    clock.set(shanghai(DAY1, 7, 10))
    await reminders.tick(study)
    assert [each for each in await reminded(ward) if each[0] == "D1"] == [("D1", "morning")]
    assert "dropped_stale" in await ward.actions()


async def test_a_recorded_infusion_ends_its_reminders_and_sets_the_clocks(ward, study):
    active = await ward.active()
    await ward.until(shanghai(DAY1, 13))
    await infusions.record(study, SYSTEM, active, "D1", shanghai(DAY1, 9), shanghai(DAY1, 12, 30))
    assert "D1" not in {each.visit_type for each in await visits.upcoming(study, active)}
    await ward.until(shanghai(DAY1, 23))
    due = [each.params["checkin"] for each in await ward.queue("checkin")]
    assert due  # the first of them four hours after the end: its own scenario counts them


async def test_rituximab_on_another_day_than_planned_becomes_day_1(ward, study):
    active = await ward.active()
    await ward.until(shanghai(date(2026, 12, 5), 18))
    on = date(2026, 12, 5)
    await infusions.record(study, SYSTEM, active, "D1", shanghai(on, 9), shanghai(on, 12))
    assert (await ward.now(active)).day1_on == on


@pytest.mark.parametrize(
    ("visit", "start", "end", "key"),
    [
        ("D14", 9, 10, "no_infusion"),
        ("D99", 9, 10, "no_infusion"),
        ("D1", 10, 10, "times"),
        ("D1", 10, 9, "times"),
        ("D1", 12, 14, "future"),
    ],
)
async def test_an_infusion_that_cannot_be_is_refused(ward, study, visit, start, end, key):
    active = await ward.active()
    await ward.until(shanghai(DAY1, 13))
    with pytest.raises(BadInput, match=key):
        await infusions.record(study, SYSTEM, active, visit, shanghai(DAY1, start), shanghai(DAY1, end))


@pytest.mark.parametrize(
    ("visit", "on", "key"),
    [("D99", date(2026, 12, 19), "unknown"), ("D14", date(2026, 11, 30), "past")],
)
async def test_a_move_that_cannot_be_is_refused(ward, study, visit, on, key):
    active = await ward.active()
    with pytest.raises(BadInput, match=key):
        await visits.move(study, SYSTEM, active, visit, on, None, "")


async def test_only_a_coordinator_moves_visits(ward, study):
    active = await ward.active()
    song = await ward.staff(SONG, Role.PI, "Song")
    assert not song.may(Action.MOVE_VISIT)
    with pytest.raises(NotAllowed):
        await visits.move(study, song.ref, active, "D14", date(2026, 12, 19), None, "")
    with pytest.raises(NotAllowed):
        await visits.move(study, PersonRef("participant", active.id), active, "D14", None, None, "")
    lin = await ward.staff(LIN)
    moved = await visits.move(study, lin.ref, active, "D14", date(2026, 12, 19), None, "")
    assert moved.on == date(2026, 12, 19)


async def test_a_look_that_fails_holds_up_nobody_else_and_is_tried_again(ward, study, monkeypatch, caplog):
    broken = await ward.active()
    healthy = await ward.active(chat=SONG, code="002")
    looks = agenda.due

    def due(facts, *more):
        if facts.participant_id == broken.id:
            raise RuntimeError("broken facts")
        return looks(facts, *more)

    monkeypatch.setattr(agenda, "due", due)
    # `until` would wait for the broken one for ever: one tick at the instant of both reminders.
    study.clock.set(shanghai(date(2026, 12, 1), 10))
    assert await reminders.tick(study) == 1
    assert [each.to for each in await ward.queue("reminder")] == [healthy.ref]
    assert "participant 1 failed" in caplog.text
    monkeypatch.undo()
    assert await reminders.tick(study) == 1
    assert [each.to for each in await ward.queue("reminder")] == [healthy.ref, broken.ref]
