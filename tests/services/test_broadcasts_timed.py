"""Broadcasts with a time, a second person's approval, a file, a pause."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.people import Role
from bot.errors import BadInput, NotAllowed, StaleTap
from bot.services.broadcasts import broadcasts
from bot.services.broadcasts.letters import APPROVAL
from bot.services.broadcasts.state import FILE, LETTER, PROGRESS
from bot.services.staff import rounds
from bot.services.tasks import tasks
from bot.storage import dispatch
from bot.storage.tables import broadcasts as table
from tests.services.test_broadcasts import EN, MESSAGE, ZH, claim, deliver, held, send, write

LATER = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
PHOTO = {"kind": "photo", "file_id": "SECRET-FILE-ID", "name": ""}


@pytest.fixture
async def lin(ward):
    return await ward.staff()


@pytest.fixture
async def zhao(ward):
    return await ward.staff(9100, Role.PI, "Zhao")


async def ready(ward, lin, *narrowed, **more):
    """A draft at its last step, with what was asked for from there."""
    draft = await write(ward, lin, *narrowed)
    return replace(draft, data={**draft.data, **more})


@pytest.fixture
def strict(ward):
    """A site that wants a second person's approval."""
    ward.study = replace(ward.study, site=ward.study.site.model_copy(update={"broadcast_approval": True}))
    return ward


async def test_one_with_a_time_waits_for_it_and_goes_to_who_is_there_then(ward, lin):
    await ward.active(9001, code="001")
    sent = await broadcasts.confirm(ward.study, lin, await ready(ward, lin, send_at=LATER.isoformat()))
    assert sent.state == "scheduled"
    assert await ward.queue(LETTER) == []
    async with ward.study.db.begin() as tx:
        assert await rounds.next_at(tx) == LATER
    assert await broadcasts.start_due(ward.study) == 0
    await ward.active(9002, code="002")
    ward.study.clock.set(LATER)
    assert await broadcasts.start_due(ward.study) == 1
    assert await broadcasts.start_due(ward.study) == 0
    assert len(await ward.queue(LETTER)) == 2


async def test_its_time_can_be_changed_it_can_go_now_and_be_cancelled_before(ward, lin):
    await ward.active(9001, code="001")
    one, two = [
        await broadcasts.confirm(ward.study, lin, await ready(ward, lin, send_at=LATER.isoformat()))
        for _ in range(2)
    ]
    view = await broadcasts.retime(ward.study, lin.ref, one.id, LATER + timedelta(days=1))
    assert (view.state, view.send_at) == ("scheduled", LATER + timedelta(days=1))
    with pytest.raises(BadInput):
        await broadcasts.retime(ward.study, lin.ref, one.id, ward.study.clock.now())
    assert (await broadcasts.retime(ward.study, lin.ref, one.id, None)).state == "sending"
    with pytest.raises(StaleTap):
        await broadcasts.retime(ward.study, lin.ref, one.id, LATER)
    assert (await broadcasts.stop(ward.study, lin.ref, two.id))[0].state == "stopped"
    ward.study.clock.set(LATER)
    assert await broadcasts.start_due(ward.study) == 0
    assert len(await ward.queue(LETTER)) == 1


async def test_a_time_is_asked_for_by_buttons_and_understood_when_typed(ward, lin):
    await ward.active(9001, code="001")
    await write(ward, lin)
    await tasks.press(ward.study, lin.ref, MESSAGE, 4, "pick", "when")
    await tasks.press(ward.study, lin.ref, MESSAGE, 5, "pick", "2026-12-03")
    turn = await tasks.press(ward.study, lin.ref, MESSAGE, 6, "pick", "0900")
    assert "Goes out: <b>Thu, Dec 3, 09:00</b>" in ward.study.texts.render(turn.screen, "en").text
    assert (await held(ward, lin)).data["send_at"] == LATER.isoformat()
    await tasks.press(ward.study, lin.ref, MESSAGE, 7, "pick", "when")
    for text, update in (("2026-11-01 09:00", 61), ("whenever", 62)):
        await tasks.typed(ward.study, lin.ref, text, update)
        assert (await held(ward, lin)).data["send_at"] == LATER.isoformat()
    await tasks.typed(ward.study, lin.ref, "12月4日 10:30", 63)
    assert (await held(ward, lin)).data["send_at"] == "2026-12-04T02:30:00+00:00"
    await tasks.press(ward.study, lin.ref, MESSAGE, 9, "pick", "when")
    await tasks.press(ward.study, lin.ref, MESSAGE, 10, "pick", "at_once")
    assert (await held(ward, lin)).data["send_at"] is None


async def notes_of_colleagues(ward):
    return [each for each in await ward.queue("staff_note") if each.params["note"].startswith("broadcast_")]


async def test_nothing_goes_out_before_a_second_person_has_approved_it(strict, lin, zhao):
    await strict.active(9001, code="001")
    sent = await send(strict, lin)
    assert sent.state == "awaiting"
    assert await strict.queue(LETTER) == []
    [plea] = await strict.queue(APPROVAL)
    assert plea.to == zhao.ref
    shown = await strict.written(plea)
    for words in ("Lin asks you to approve", ZH, EN, "To: All participants", "[✅ Approve]"):
        assert words in shown
    with pytest.raises(NotAllowed):
        await broadcasts.decide(strict.study, lin.ref, sent.id, sent.version, approved=True)
    view, done = await broadcasts.decide(strict.study, zhao.ref, sent.id, sent.version, approved=True)
    assert (view.state, view.approver, done) == ("sending", "Zhao", True)
    [told] = await notes_of_colleagues(strict)
    assert told.to == lin.ref
    assert f"Zhao approved your broadcast {sent.id}." in await strict.written(told)
    assert len(await strict.queue(LETTER)) == 1
    assert (await broadcasts.decide(strict.study, zhao.ref, sent.id, sent.version, approved=False))[
        1
    ] is False
    assert {"confirm_broadcast", "approve_broadcast", "start_broadcast"} <= set(await strict.actions())


async def test_a_refused_one_never_goes_and_its_author_is_shown(strict, lin, zhao):
    await strict.active(9001, code="001")
    sent = await send(strict, lin)
    view, _ = await broadcasts.decide(strict.study, zhao.ref, sent.id, sent.version, approved=False)
    assert view.state == "stopped"
    assert await strict.queue(LETTER) == []
    [shown] = await strict.queue(PROGRESS)
    assert "0 of 0" not in await strict.written(shown)
    [told] = await notes_of_colleagues(strict)
    assert told.to == lin.ref
    assert f"Zhao did not approve your broadcast {sent.id}." in await strict.written(told)
    assert "refuse_broadcast" in await strict.actions()


async def test_an_author_hears_that_a_colleague_stopped_it_and_not_what_they_did_themselves(ward, lin):
    await ward.active(9001, code="001")
    mary = await ward.staff(9200, name="Mary")
    for by, notes in ((lin, 0), (mary, 1)):
        sent = await send(ward, lin)
        await broadcasts.stop(ward.study, by.ref, sent.id)
        told = await notes_of_colleagues(ward)
        assert [each.to for each in told] == [lin.ref] * notes
    assert "Mary stopped your broadcast" in await ward.written(told[0])


async def test_an_approved_one_waits_for_its_time_all_the_same(strict, lin, zhao):
    await strict.active(9001, code="001")
    sent = await broadcasts.confirm(strict.study, lin, await ready(strict, lin, send_at=LATER.isoformat()))
    view, _ = await broadcasts.decide(strict.study, zhao.ref, sent.id, sent.version, approved=True)
    assert view.state == "scheduled"
    strict.study.clock.set(LATER)
    await broadcasts.start_due(strict.study)
    assert len(await strict.queue(LETTER)) == 1


async def test_without_a_second_person_it_is_refused_and_the_draft_stays(strict, lin):
    await strict.active(9001, code="001")
    draft = await write(strict, lin)
    with pytest.raises(BadInput) as refused:
        await broadcasts.confirm(strict.study, lin, draft)
    assert refused.value.key == "broadcast.refused_no_approver"
    assert await held(strict, lin) is not None


async def test_a_short_text_stands_below_the_file_and_a_long_one_follows_it(ward, lin):
    await ward.active(9001, code="001")
    await broadcasts.confirm(ward.study, lin, await ready(ward, lin, file=PHOTO))
    assert await ward.queue(FILE) == []
    draft = await ready(ward, lin, file=PHOTO)
    await broadcasts.confirm(ward.study, lin, replace(draft, data={**draft.data, "zh": "水" * 1100}))
    assert [each.to.id for each in await ward.queue(FILE)] == [1]
    first, second = await ward.queue(LETTER)
    assert ("apart" in first.params, second.params["apart"]) == (False, True)
    async with ward.study.db.begin() as tx:
        rows = (await tx.execute(table.select())).all()
    assert "SECRET-FILE-ID" not in repr(rows)


async def test_a_pause_holds_back_what_has_not_gone_and_nobody_gets_it_twice(ward, lin):
    for number in (1, 2, 3):
        await ward.active(9000 + number, code=f"00{number}")
    sent = await send(ward, lin)
    first, second, _ = await claim(ward)
    async with ward.study.db.begin() as tx:
        await dispatch.retry(tx, second, ward.study.clock.now(), ward.study.clock.now(), "429")
    await deliver(ward, first, "sent")
    view, paused = await broadcasts.pause(ward.study, lin.ref, sent.id)
    assert (paused, view.state, view.sent) == (True, "paused", ["001"])
    assert view.waiting == ["002", "003"]
    third = next(each for each in await ward.queue(LETTER) if each.state == "sending")
    assert (await ward.written(third)) == "skipped: the broadcast is paused"
    async with ward.study.db.begin() as tx:
        await dispatch.settle_skipped(tx, third, ward.study.clock.now(), "the broadcast is paused")
    assert await claim(ward) == []
    assert (await broadcasts.pause(ward.study, lin.ref, sent.id))[1] is False
    await ward.pass_time(hours=30)
    view, resumed = await broadcasts.resume(ward.study, lin.ref, sent.id)
    assert (resumed, view.state) == (True, "sending")
    again = await claim(ward)
    assert sorted(each.to.id for each in again) == [2, 3]
    for each in again:
        await deliver(ward, each, "sent")
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.state, view.sent) == ("done", ["001", "002", "003"])


async def test_a_crash_in_a_pause_leaves_the_uncertain_one_listed_and_not_sent_again(ward, lin):
    for number in (1, 2):
        await ward.active(9000 + number, code=f"00{number}")
    sent = await send(ward, lin)
    first, second = await claim(ward)
    async with ward.study.db.begin() as tx:
        await dispatch.retry(tx, second, ward.study.clock.now(), ward.study.clock.now(), "429")
    await broadcasts.pause(ward.study, lin.ref, sent.id)
    async with ward.study.db.begin() as tx:
        await dispatch.release(tx, ward.study.clock.now(), everything=True)
    await broadcasts.resume(ward.study, lin.ref, sent.id)
    assert [each.to for each in await claim(ward)] == [second.to]
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.missed["uncertain"], view.waiting) == (["001"], ["002"])
    assert first.to != second.to


async def test_a_paused_one_can_be_stopped(ward, lin):
    await ward.active(9001, code="001")
    sent = await send(ward, lin)
    await broadcasts.pause(ward.study, lin.ref, sent.id)
    view, stopped = await broadcasts.stop(ward.study, lin.ref, sent.id)
    assert (stopped, view.state, view.missed["stopped"], view.waiting) == (True, "stopped", ["001"], [])
    assert (await broadcasts.resume(ward.study, lin.ref, sent.id))[1] is False


@pytest.mark.parametrize("deed", [broadcasts.pause, broadcasts.resume])
async def test_only_a_coordinator_pauses_and_goes_on(ward, lin, zhao, deed):
    await ward.active(9001, code="001")
    sent = await send(ward, lin)
    with pytest.raises(NotAllowed):
        await deed(ward.study, zhao.ref, sent.id)


async def test_an_audience_is_narrowed_by_arm_phase_and_visit_and_the_trail_has_it(ward, lin):
    await ward.active(9001, code="001")
    await ward.active(9002, code="002", arm="NK042", dose=6e8)
    await ward.active(9003, code="003", arm="NK042", dose=6e8, day1_on=date(2026, 12, 20))
    draft = await write(ward, lin, "a.NK042", "v.7", "p.before")
    turn = await tasks.resume(ward.study, lin.ref)
    shown = ward.study.texts.render(turn.screen, "en").text
    assert "before treatment; visit in the next 7 days; NK042" in shown
    assert "It can reach <b>1</b> person" in shown
    await broadcasts.confirm(ward.study, lin, draft)
    [letter] = await ward.queue(LETTER)
    assert letter.to is not None
    assert letter.to.id == 2
    assert "NK042" not in await ward.written(letter)


async def test_a_text_that_names_an_arm_is_refused(ward, lin):
    await ward.active(9001, code="001")
    await tasks.begin(ward.study, lin.ref, "broadcast")
    turn = await tasks.typed(ward.study, lin.ref, "NK010 组的各位，周五停水", 41)
    assert turn is not None
    assert "must not name an arm" in ward.study.texts.render(turn.screen, "en").text
    assert (await held(ward, lin)).step == "zh"
