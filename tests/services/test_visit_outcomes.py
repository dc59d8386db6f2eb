"""What became of visits: done, late, elsewhere, missed, and visits beyond the plan; corrections keep both."""

from datetime import date, time
from typing import Any

import pytest

from bot.domain.people import Role
from bot.errors import BadInput, NotAllowed
from bot.services.trail import SYSTEM
from bot.services.visits import outcomes, visits
from bot.storage import audit
from bot.storage import visits as store
from tests.services.conftest import SONG, shanghai

D14 = date(2026, 12, 17)


async def known(study, participant, visit: str):
    async with study.db.begin() as tx:
        return await store.get(tx, participant.id, visit), await store.note(tx, participant.id, visit)


async def on_day_14(ward):
    active = await ward.active()
    await ward.until(shanghai(D14, 12))
    return active


async def test_a_visit_that_was_done_needs_no_more_words(ward, study):
    active = await on_day_14(ward)
    await outcomes.settle(study, SYSTEM, active, "D14", "done")
    facts, note = await known(study, active, "D14")
    assert (facts.status, facts.started_at, note) == ("done", shanghai(D14, 8, 30), {})


async def test_a_visit_done_late_is_a_deviation_with_its_reason(ward, study):
    active = await ward.active()
    late = date(2026, 12, 22)
    await ward.until(shanghai(late, 12))
    with pytest.raises(BadInput, match="reason"):
        await outcomes.settle(study, SYSTEM, active, "D14", "done", at=shanghai(late, 9))
    await outcomes.settle(study, SYSTEM, active, "D14", "done", at=shanghai(late, 9), reason="snow")
    assert (await known(study, active, "D14"))[1] == {"reason": "snow", "deviation": "snow"}


async def test_a_visit_done_elsewhere_says_where_when_and_why(ward, study):
    active = await on_day_14(ward)
    wanted: dict[str, Any] = {"at": shanghai(D14, 9), "reason": "could not travel"}
    with pytest.raises(BadInput, match="where"):
        await outcomes.settle(study, SYSTEM, active, "D14", "elsewhere", **wanted)
    await outcomes.settle(study, SYSTEM, active, "D14", "elsewhere", where="county hospital", **wanted)
    facts, note = await known(study, active, "D14")
    assert (facts.status, facts.started_at) == ("elsewhere", shanghai(D14, 9))
    assert note == {"reason": "could not travel", "where": "county hospital"}


async def test_a_missed_visit_is_not_announced_any_more_and_can_be_recorded_late(ward, study):
    active = await on_day_14(ward)
    await outcomes.settle(study, SYSTEM, active, "D14", "missed", reason="did not come")
    assert "D14" not in [each.visit_type for each in await visits.upcoming(study, active)]
    await ward.until(shanghai(date(2026, 12, 19), 12))
    at = shanghai(date(2026, 12, 19), 9)
    with pytest.raises(BadInput, match="reason"):
        await outcomes.settle(study, SYSTEM, active, "D14", "done", at=at)
    await outcomes.settle(study, SYSTEM, active, "D14", "done", at=at, reason="came two days later")
    async with study.db.begin() as tx:
        rows = [each for each in await audit.page(tx) if each.action == "settle_visit"]
    assert [(each.before["status"], each.after["status"], each.reason) for each in rows] == [
        ("planned", "missed", "did not come"),
        ("missed", "done", "came two days later"),
    ]


async def test_taking_a_record_back_needs_a_reason_and_brings_the_visit_back(ward, study):
    active = await on_day_14(ward)
    await outcomes.settle(study, SYSTEM, active, "D14", "missed", reason="did not come")
    with pytest.raises(BadInput, match="reason"):
        await outcomes.reopen(study, SYSTEM, active, "D14", "")
    await outcomes.reopen(study, SYSTEM, active, "D14", "the wrong visit")
    assert "D14" in [each.visit_type for each in await visits.upcoming(study, active)]
    with pytest.raises(BadInput, match="nothing_to_undo"):
        await outcomes.reopen(study, SYSTEM, active, "D14", "again")


@pytest.mark.parametrize(
    ("visit", "outcome", "more", "error"),
    [
        ("D28", "missed", {"reason": "x"}, "not_yet"),
        ("D14", "cancelled", {"reason": "x"}, "not_cancelled"),
        ("D4", "done", {}, "is_infusion"),
        ("D14", "done", {"at": shanghai(D14, 13)}, "future"),
        ("D14", "missed", {}, "reason"),
        ("D99", "missed", {"reason": "x"}, "unknown"),
        ("U1", "missed", {"reason": "x"}, "unknown"),
        ("D14", "missed", {"reason": "x" * 201}, "too_long"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_clear_line(ward, study, visit, outcome, more, error):
    active = await on_day_14(ward)
    with pytest.raises(BadInput, match=error):
        await outcomes.settle(study, SYSTEM, active, visit, outcome, **more)


async def test_an_added_visit_is_in_the_list_reminded_of_and_called_off_with_a_reason(ward, study):
    active = await on_day_14(ward)
    on = date(2026, 12, 23)
    for _ in range(2):
        view = await outcomes.add_unscheduled(study, SYSTEM, active, on, time(9), "blood once more")
    assert view.visit_type == "U1"
    listed = [each for each in await visits.upcoming(study, active) if each.visit_type.startswith("U")]
    assert [each.on for each in listed] == [on]
    await ward.until(shanghai(on, 7, 30))
    rules = [each.params["rule"] for each in await ward.queue("reminder") if each.params["visit"] == "U1"]
    assert rules == ["three_days", "day_before", "morning"]
    await outcomes.settle(study, SYSTEM, active, "U1", "cancelled", reason="not needed")
    assert "U1" not in [each.visit_type for each in await visits.upcoming(study, active)]


async def test_an_added_visit_is_moved_without_a_deviation_and_the_next_has_the_next_number(ward, study):
    active = await on_day_14(ward)
    reason = "blood once more"
    await outcomes.add_unscheduled(study, SYSTEM, active, date(2026, 12, 23), time(9), reason)
    await visits.move(study, SYSTEM, active, "U1", date(2026, 12, 24), time(9), "")
    assert (await known(study, active, "U1"))[1] == {"reason": reason}
    view = await outcomes.add_unscheduled(study, SYSTEM, active, date(2026, 12, 16), time(9), "rash")
    assert view.visit_type == "U2"
    facts, _ = await known(study, active, "U2")
    assert (facts.status, facts.started_at) == ("done", shanghai(date(2026, 12, 16), 9))


async def test_outside_its_window_a_visit_moves_only_with_a_reason(ward, study):
    active = await ward.active()
    with pytest.raises(BadInput, match="deviation_reason"):
        await visits.move(study, SYSTEM, active, "D14", date(2026, 12, 28), None, " ")
    await visits.move(study, SYSTEM, active, "D14", date(2026, 12, 28), None, "family wedding")
    assert (await known(study, active, "D14"))[1] == {"deviation": "family wedding"}
    await visits.move(study, SYSTEM, active, "D14", date(2026, 12, 18), None, "")
    assert (await known(study, active, "D14"))[1] == {}


async def test_physicians_do_not_settle_visits(ward, study):
    song = await ward.staff(SONG, Role.PI, "Song")
    active = await on_day_14(ward)
    with pytest.raises(NotAllowed):
        await outcomes.settle(study, song.ref, active, "D14", "missed", reason="x")
    with pytest.raises(NotAllowed):
        await outcomes.add_unscheduled(study, song.ref, active, date(2026, 12, 30), time(9), "x")
