"""The end of somebody's study: after the last visit, with no alert open, by a coordinator, once."""

from datetime import date
from typing import Any

import pytest

from bot.domain.people import ParticipantStatus, Role
from bot.errors import BadInput, NotAllowed
from bot.services.talk import words
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


async def test_the_participant_is_told_once_that_nobody_asks_any_more_and_whom_to_call(ward, study):
    lin = await ward.staff()
    active = await after_month_12(ward, study)
    for _ in range(2):
        await completing.complete(study, lin.ref, active)
    [farewell] = await ward.queue("farewell")
    assert farewell.to == active.ref
    text = await ward.written(farewell)
    for said in ("研究团队的提醒", "随访全部结束了", "不再提问", "120", "021-0000-0142"):
        assert said in text


async def test_words_of_danger_page_after_the_end_as_the_coordinator_was_told(ward, study):
    lin = await ward.staff()
    active = await after_month_12(ward, study)
    await completing.complete(study, lin.ref, active)
    said = await words.keep_words(study, await ward.now(active), "喘不上气", 77)
    assert said.outcome == "red"
    async with study.db.begin() as tx:
        assert [each.tier for each in await alerts.open_for(tx, active.id)] == ["red"]


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
