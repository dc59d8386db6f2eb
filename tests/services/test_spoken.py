"""A measurement in words that must be measured again: kept once, under the time at which it was written."""

from datetime import timedelta

import pytest

from bot.services import people
from bot.services.checkins import asking, awaiting, measuring
from bot.services.checkins.hearing import BY_CAREGIVER
from bot.services.talk import words
from bot.storage import alerts, answers, checkins, second_readings, texts_in


async def said(ward, participant, text: str, update: int = 501) -> None:
    """Let somebody write, and nobody answer the question that follows."""
    await words.keep_words(ward.study, participant, text, update)
    await ward.pass_time(minutes=15)
    await asking.tick(ward.study)


async def waiting(ward, participant):
    async with ward.study.db.begin() as tx:
        return await second_readings.waiting_for(tx, participant.id)


@pytest.mark.parametrize("text", ["烧到37度8", "my temperature is 37.8", "my temperature is 100.1 F"])
async def test_its_minutes_count_from_the_words_and_not_from_the_silence(ward, text):
    participant = await ward.active()
    began = ward.study.clock.now()
    await said(ward, participant, text)
    [reading] = await waiting(ward, participant)
    assert reading.item == "Q1"
    assert reading.ask_at == began + timedelta(minutes=60)
    assert reading.answer_by == began + timedelta(minutes=90)


async def test_the_same_silence_twice_waits_for_one_reading(ward):
    participant = await ward.active()
    await said(ward, participant, "烧到37度8")
    await asking.tick(ward.study)
    await said(ward, participant, "还是37度8", 502)
    assert len(await waiting(ward, participant)) == 1


async def test_a_bot_that_was_down_makes_it_red_when_it_is_back(ward):
    participant = await ward.active()
    await words.keep_words(ward.study, participant, "烧到37度8", 501)
    await ward.pass_time(hours=3)
    await asking.tick(ward.study)
    await measuring.tick(ward.study)
    async with ward.study.db.begin() as tx:
        (alert,) = await alerts.all_live(tx)
    assert alert.tier == "red"


async def test_what_it_was_kept_in_is_no_form_to_go_on_with(ward):
    participant = await ward.active()
    await said(ward, participant, "烧到37度8")
    [reading] = await waiting(ward, participant)
    async with ward.study.db.begin() as tx:
        kept = await checkins.get(tx, reading.checkin_id)
        given = await answers.current(tx, reading.checkin_id)
        going_on = await checkins.current_for(tx, participant.id)
    assert kept is not None
    assert kept.state == "superseded"
    assert given["Q1"].value["value"] == 37.8
    assert given["Q1"].answered_by == "self"
    assert going_on is None or going_on.id != kept.id


async def test_words_of_the_one_who_cares_are_marked_as_theirs(ward):
    participant = await ward.active()
    async with ward.study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        now = ward.study.clock.now()
        text = await texts_in.add(tx, known.id, f"{BY_CAREGIVER}烧到37度8", 601, now)
        assert text is not None
        await asking.ask(ward.study, tx, known, text, ("Q1",), now)
    await ward.pass_time(minutes=15)
    await asking.tick(ward.study)
    [reading] = await waiting(ward, participant)
    async with ward.study.db.begin() as tx:
        given = await answers.current(tx, reading.checkin_id)
    assert given["Q1"].answered_by == "caregiver"


async def test_a_form_that_has_measured_meanwhile_is_not_asked_about_twice(ward):
    participant = await ward.active()
    await words.keep_words(ward.study, participant, "烧到37度8，脚肿", 501)
    await ward.pass_time(minutes=5)
    turn = await ward.report(participant)
    turn = await ward.answer(participant, turn, "36.8")
    await ward.answer(participant, turn, "axillary")
    await ward.pass_time(minutes=10)
    await asking.tick(ward.study)
    assert await waiting(ward, participant) == []


async def test_a_report_that_is_missed_afterwards_knows_that_the_last_one_was_amber(ward):
    participant = await ward.active()
    await said(ward, participant, "烧到37度8")
    async with ward.study.db.begin() as tx:
        assert await awaiting._last_tier(tx, participant.id, ward.study.clock.now()) == "amber"
