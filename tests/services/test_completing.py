"""The end of somebody's study: after the last visit, with no alert open, by a coordinator, once."""

from datetime import date
from typing import Any

import pytest

from bot.domain.people import ParticipantStatus, Role
from bot.errors import BadInput, NotAllowed
from bot.services.trail import SYSTEM
from bot.services.visits import completing, outcomes
from bot.storage import alerts
from tests.services.conftest import SONG, shanghai

M12 = date(2027, 12, 4)


async def after_month_12(ward, study):
    active = await ward.active()
    await ward.until(shanghai(M12, 12))
    await outcomes.settle(study, SYSTEM, active, "M12", "done")
    return active


async def test_the_study_ends_after_the_last_visit_once_and_nothing_is_due_any_more(ward, study):
    lin = await ward.staff()
    active = await after_month_12(ward, study)
    assert await completing.complete(study, lin.ref, active) is True
    assert await completing.complete(study, lin.ref, active) is False
    ended = await ward.now(active)
    assert ended.status is ParticipantStatus.COMPLETED
    before = len(await ward.queue())
    await ward.until(shanghai(date(2028, 2, 1), 12))
    assert len(await ward.queue()) == before
    assert (await ward.now(active)).wake_at is None
    assert (await ward.actions()).count("complete_study") == 1


async def test_before_the_last_visit_is_settled_it_is_refused_and_after_its_window_it_is_not(ward, study):
    lin = await ward.staff()
    active = await ward.active()
    await ward.until(shanghai(M12, 12))
    with pytest.raises(BadInput, match="last_visit"):
        await completing.complete(study, lin.ref, active)
    await ward.until(shanghai(date(2027, 12, 19), 12))
    assert await completing.complete(study, lin.ref, active)


async def test_an_open_alert_holds_it_up(ward, study):
    lin = await ward.staff()
    active = await after_month_12(ward, study)
    async with study.db.begin() as tx:
        values: dict[str, Any] = {"tier": "red", "hours": None, "facts": {}, "protocol_version": "1"}
        await alerts.open_(tx, participant_id=active.id, now=study.clock.now(), **values)
    with pytest.raises(BadInput, match="alert"):
        await completing.complete(study, lin.ref, active)


async def test_a_physician_does_not_complete(ward, study):
    song = await ward.staff(SONG, Role.PI, "Song")
    active = await after_month_12(ward, study)
    with pytest.raises(NotAllowed):
        await completing.complete(study, song.ref, active)


async def test_the_coordinator_is_told_once_when_nothing_is_to_come_any_more(ward, study):
    await ward.staff()
    await ward.active(flags=frozenset({"CONTRACEPTION"}))
    await ward.until(shanghai(date(2028, 2, 1), 12))
    notes = [each for each in await ward.queue("staff_note") if each.params["note"] == "study_over"]
    assert [each.created_at for each in notes] == [shanghai(date(2027, 12, 5), 10)]
    assert "/complete" in await ward.written(notes[0])
