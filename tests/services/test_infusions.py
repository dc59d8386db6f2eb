"""What really happened at an infusion: given, held, corrected, undone; nothing without a reason."""

from datetime import date, timedelta

import pytest

from bot.domain import planning
from bot.domain.people import Action, Role
from bot.errors import BadInput, NotAllowed
from bot.services.facts import course_of
from bot.services.trail import SYSTEM
from bot.services.visits import infusions, visits
from bot.services.visits.infusions import Given
from bot.storage import audit
from bot.storage import visits as store
from tests.services.conftest import DAY1, SONG, shanghai


async def known(study, participant, visit: str):
    async with study.db.begin() as tx:
        return await store.get(tx, participant.id, visit), await store.note(tx, participant.id, visit)


async def trail(study, action: str):
    async with study.db.begin() as tx:
        return [each for each in await audit.page(tx) if each.action == action]


async def given_on_day_1(ward, study):
    active = await ward.active()
    await ward.until(shanghai(DAY1, 15))
    await infusions.record(study, SYSTEM, active, "D1", shanghai(DAY1, 9), shanghai(DAY1, 14))
    return active


async def test_what_was_given_and_a_reaction_are_kept(ward, study):
    active = await ward.active()
    await ward.until(shanghai(DAY1, 15))
    given = Given("partial", reaction=True, note="stopped for 30 min")
    await infusions.record(study, SYSTEM, active, "D1", shanghai(DAY1, 9), shanghai(DAY1, 14), given)
    facts, note = await known(study, active, "D1")
    assert (facts.status, facts.dose_given, facts.reaction) == ("done", "partial", True)
    assert note["note"] == "stopped for 30 min"


async def test_the_same_record_again_changes_nothing_and_another_needs_a_reason(ward, study):
    active = await given_on_day_1(ward, study)
    await infusions.record(study, SYSTEM, active, "D1", shanghai(DAY1, 9), shanghai(DAY1, 14))
    assert len(await trail(study, "record_infusion")) == 1
    times = shanghai(DAY1, 9), shanghai(DAY1, 13)
    with pytest.raises(BadInput, match="correction_reason"):
        await infusions.record(study, SYSTEM, active, "D1", *times)
    await infusions.record(study, SYSTEM, active, "D1", *times, reason="read from the wrong chart")
    last = (await trail(study, "record_infusion"))[-1]
    assert last.before["ended"] == "2026-12-04T06:00:00+00:00"
    assert last.after["ended"] == "2026-12-04T05:00:00+00:00"
    assert last.reason == "read from the wrong chart"


async def test_two_infusions_at_one_time_are_refused(ward, study):
    active = await given_on_day_1(ward, study)
    await ward.until(shanghai(DAY1, 18))
    with pytest.raises(BadInput, match="overlap"):
        await infusions.record(study, SYSTEM, active, "D4", shanghai(DAY1, 13), shanghai(DAY1, 17))


async def test_a_held_infusion_is_neither_reminded_of_nor_asked_about(ward, study):
    active = await given_on_day_1(ward, study)
    with pytest.raises(BadInput, match="reason"):
        await infusions.hold(study, SYSTEM, active, "D4", "  ")
    await infusions.hold(study, SYSTEM, active, "D4", "a cold")
    before = len(await ward.queue("reminder"))
    await ward.until(shanghai(date(2026, 12, 7), 7, 30))
    later = [each.params["visit"] for each in (await ward.queue("reminder"))[before:]]
    assert "D4" not in later
    forms = [each.key for each in await ward.queue("checkin")]
    assert not any("screen" in key and "2026-12-07" in key for key in forms)
    assert (await known(study, active, "D4"))[1]["reason"] == "a cold"
    with pytest.raises(BadInput, match="settled"):
        await infusions.hold(study, SYSTEM, active, "D4", "another reason")


async def test_a_held_infusion_can_be_given_a_day_again(ward, study):
    active = await given_on_day_1(ward, study)
    await infusions.hold(study, SYSTEM, active, "D4", "a cold")
    await visits.move(study, SYSTEM, active, "D4", date(2026, 12, 8), None, "well again")
    facts, note = await known(study, active, "D4")
    assert (facts.status, facts.moved_to_on) == ("planned", date(2026, 12, 8))
    assert note["deviation"] == "well again"


async def test_undoing_a_record_counts_from_the_plan_again_and_keeps_what_it_was(ward, study):
    active = await ward.active()
    late = date(2026, 12, 6)
    await ward.until(shanghai(late, 15))
    await infusions.record(study, SYSTEM, active, "D1", shanghai(late, 9), shanghai(late, 14))
    assert (await ward.now(active)).day1_on == late
    with pytest.raises(BadInput, match="reason"):
        await infusions.undo(study, SYSTEM, active, "D1", "")
    await infusions.undo(study, SYSTEM, active, "D1", "the wrong participant")
    again = await ward.now(active)
    assert again.day1_on == DAY1
    assert (await known(study, active, "D1"))[0].status == "planned"
    [row] = await trail(study, "undo_infusion")
    assert row.before["started"] == "2026-12-06T01:00:00+00:00"
    assert row.reason == "the wrong participant"
    async with study.db.begin() as tx:
        clocks = planning.clocks(await course_of(tx, again), study.protocol, study.clock.now())
    assert "rituximab" not in clocks.recorded
    with pytest.raises(BadInput, match="nothing_to_undo"):
        await infusions.undo(study, SYSTEM, active, "D1", "twice")


async def test_a_late_infusion_moves_the_clocks_and_not_the_follow_up(ward, study):
    active = await given_on_day_1(ward, study)
    before = {each.visit_type: each.on for each in await visits.upcoming(study, active)}
    late = date(2026, 12, 8)
    await visits.move(study, SYSTEM, active, "D4", late, None, "a cold")
    await ward.until(shanghai(late, 14))
    await infusions.record(study, SYSTEM, active, "D4", shanghai(late, 9), shanghai(late, 13))
    after = {each.visit_type: each.on for each in await visits.upcoming(study, active)}
    assert {name: after[name] for name in ("D6", "D8", "D14", "D28", "M12")} == {
        name: before[name] if name != "D6" else after["D6"] for name in ("D6", "D8", "D14", "D28", "M12")
    }
    async with study.db.begin() as tx:
        course = await course_of(tx, active)
    clocks = planning.clocks(course, study.protocol, shanghai(late, 13) + timedelta(hours=5))
    assert clocks.hours_since["nk"] == 5
    assert "nk" in clocks.recorded


async def test_physicians_do_not_record(ward, study):
    song = await ward.staff(SONG, Role.PI, "Song")
    active = await given_on_day_1(ward, study)
    for attempt in (
        infusions.hold(study, song.ref, active, "D4", "a cold"),
        infusions.undo(study, song.ref, active, "D1", "x"),
    ):
        with pytest.raises(NotAllowed, match=Action.RECORD_INFUSION):
            await attempt
