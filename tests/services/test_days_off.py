"""Working days proposed for visits on days off: told when somebody is enrolled, confirmed with one tap."""

from datetime import date

import pytest

from bot.domain.people import ParticipantStatus, Role
from bot.errors import NotAllowed, StaleTap
from bot.services.trail import SYSTEM
from bot.services.visits import days_off, infusions, visits
from bot.storage import participants
from tests.services.conftest import SONG, shanghai

# Day 1 on Monday 7 December 2026: D14, D28, M2 and M3 fall on Sundays, M2 in the New Year holidays.
MONDAY = date(2026, 12, 7)


async def days(study, participant) -> dict[str, date]:
    return {each.visit_type: each.on for each in await visits.upcoming(study, participant)}


async def test_enrolling_somebody_proposes_working_days_to_the_coordinator_with_the_reason(ward):
    await ward.staff()
    await ward.staff(SONG, Role.SUB_INVESTIGATOR, "Song")
    await ward.active(day1_on=MONDAY)
    [message] = await ward.queue("days_off")
    text = await ward.written(message)
    assert text.splitlines()[0] == "001: <b>4 visits</b> fall on a day off."
    assert "Day 14 visit, Sun, Dec 20, 2026 (weekend) → <b>Mon, Dec 21</b>" in text
    assert "Month 2 visit, Sun, Feb 7, 2027 (Chinese New Year) → <b>Thu, Feb 4</b>" in text
    assert "holidays of 2027 are not announced yet" in text
    assert "[✅ Confirm all 4]" in text
    assert "[Keep Dec 20]" in text


async def test_nobody_is_bothered_where_every_visit_is_on_a_working_day(ward):
    await ward.staff()
    await ward.active(day1_on=date(2026, 12, 1))
    assert await ward.queue("days_off") == []


async def test_one_tap_moves_the_visit_and_it_is_audited(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    view = await days_off.confirm(study, lin.ref, active.id, "D14", date(2026, 12, 20), date(2026, 12, 21))
    assert [each.visit.id for each in view.proposals] == ["D28", "M2", "M3"]
    assert (await days(study, active))["D14"] == date(2026, 12, 21)
    assert "confirm_day" in await ward.actions()


async def test_keeping_the_day_settles_it_too(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    view = await days_off.confirm(study, lin.ref, active.id, "D14", date(2026, 12, 20), date(2026, 12, 20))
    assert "D14" not in [each.visit.id for each in view.proposals]
    assert (await days(study, active))["D14"] == date(2026, 12, 20)


async def test_all_are_confirmed_at_once_and_a_second_press_moves_none(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    view, moved = await days_off.confirm_all(study, lin.ref, active.id)
    assert (view.proposals, moved) == ((), 4)
    assert (await days_off.confirm_all(study, lin.ref, active.id))[1] == 0
    found = await days(study, active)
    assert (found["M2"], found["M3"]) == (date(2027, 2, 4), date(2027, 3, 8))


async def test_a_button_with_another_day_than_the_proposed_one_changes_nothing(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    for to_on in (date(2026, 12, 22), date(2027, 6, 1)):
        with pytest.raises(StaleTap):
            await days_off.confirm(study, lin.ref, active.id, "D14", date(2026, 12, 20), to_on)
    with pytest.raises(StaleTap):
        await days_off.confirm(study, lin.ref, active.id, "D4", date(2026, 12, 10), date(2026, 12, 11))
    assert (await days(study, active))["D14"] == date(2026, 12, 20)


async def test_a_physician_cannot_confirm_and_for_somebody_who_left_nothing_moves(ward, study):
    lin = await ward.staff()
    song = await ward.staff(SONG, Role.SUB_INVESTIGATOR, "Song")
    active = await ward.active(day1_on=MONDAY)
    with pytest.raises(NotAllowed):
        await days_off.confirm_all(study, song.ref, active.id)
    async with study.db.begin() as tx:
        await participants.set_status(tx, active.id, ParticipantStatus.WITHDRAWN, study.clock.now())
    with pytest.raises(StaleTap):
        await days_off.confirm_all(study, lin.ref, active.id)


async def test_a_new_day_1_is_proposed_for_anew_and_names_what_left_its_window(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    await days_off.confirm_all(study, lin.ref, active.id)
    await visits.move(study, lin.ref, active, "D1", date(2026, 12, 12), None, "the bed is taken")
    text = await ward.written((await ward.queue("days_off"))[-1])
    assert "outside their windows now" in text
    assert "Day 14 visit, Mon, Dec 21; window Wed, Dec 23 to Sun, Dec 27" in text


async def test_rituximab_given_on_another_day_is_proposed_for_too(ward, study):
    await ward.staff()
    active = await ward.active(day1_on=date(2026, 12, 1))
    await ward.until(shanghai(MONDAY, 15))
    await infusions.record(study, SYSTEM, active, "D1", shanghai(MONDAY, 9), shanghai(MONDAY, 14))
    [message] = await ward.queue("days_off")
    assert "4 visits" in await ward.written(message)


async def test_a_list_whose_every_line_was_decided_is_not_sent(ward, study):
    lin = await ward.staff()
    active = await ward.active(day1_on=MONDAY)
    [message] = await ward.queue("days_off")
    await days_off.confirm_all(study, lin.ref, active.id)
    assert await ward.written(message) == "skipped: nothing is left to decide"
