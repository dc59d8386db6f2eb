"""Broadcasts, drafts, and what participants write of their own accord."""

import asyncio

from sqlalchemy import text

from bot.domain.attachment import Attachment
from bot.domain.people import PersonRef
from bot.storage import broadcasts, drafts, texts_in
from tests.storage.conftest import MINUTE, NOW

BO = PersonRef("staff", 1)


async def draft_broadcast(db, member, **more):
    async with db.begin() as tx:
        return await broadcasts.add(
            tx,
            by_staff_id=member.id,
            text_zh="停电",
            text_en="Power cut",
            audience={"all": True},
            now=NOW,
            **more,
        )


async def test_a_broadcast_is_confirmed_once(db, member):
    draft = await draft_broadcast(db, member)

    async def confirm():
        async with db.begin() as tx:
            return await broadcasts.confirm(tx, draft.id, NOW)

    results = await asyncio.gather(*(confirm() for _ in range(20)))
    [sent] = [each for each in results if each is not None]
    assert (sent.state, sent.confirmed_at, sent.version) == ("sending", NOW, 2)
    async with db.begin() as tx:
        assert await broadcasts.sending(tx) == [sent]


async def test_one_goes_through_approval_its_time_and_a_pause(db, member):
    file = Attachment("photo", "FILE-1")
    draft = await draft_broadcast(db, member, file=file, send_at=NOW + MINUTE)
    assert (draft.file, draft.send_at) == (file, NOW + MINUTE)
    async with db.begin() as tx:
        assert await broadcasts.approve(tx, draft.id, member.id, NOW) is None
        await broadcasts.await_approval(tx, draft.id)
        approved = await broadcasts.approve(tx, draft.id, member.id, NOW)
        assert approved is not None
        assert (approved.state, approved.approved_by, approved.approved_at) == ("awaiting", member.id, NOW)
        await broadcasts.schedule(tx, draft.id, NOW + 2 * MINUTE)
        assert await broadcasts.next_send_at(tx) == NOW + 2 * MINUTE
        assert await broadcasts.due(tx, NOW + MINUTE) == []
        [due] = await broadcasts.due(tx, NOW + 2 * MINUTE)
        assert await broadcasts.pause(tx, due.id) is None
        await broadcasts.confirm(tx, due.id, NOW, {"languages": ["en"]})
        assert await broadcasts.schedule(tx, due.id, NOW) is None
        assert await broadcasts.resume(tx, due.id) is None
        paused = await broadcasts.pause(tx, due.id)
        assert paused is not None
        assert (paused.state, paused.audience) == ("paused", {"languages": ["en"]})
        assert await broadcasts.finish(tx, due.id, NOW) is None
        assert await broadcasts.resume(tx, due.id) is not None
        assert await broadcasts.next_send_at(tx) is None


async def test_a_broadcast_ends_done_or_stopped_and_stays_so(db, member):
    one, other = await draft_broadcast(db, member), await draft_broadcast(db, member)
    async with db.begin() as tx:
        assert await broadcasts.finish(tx, one.id, NOW) is None
        await broadcasts.confirm(tx, one.id, NOW)
        await broadcasts.set_progress_message(tx, one.id, 5)
        done = await broadcasts.finish(tx, one.id, NOW + MINUTE)
        assert done is not None
        assert (done.state, done.finished_at, done.progress_message_id) == ("done", NOW + MINUTE, 5)
        assert await broadcasts.stop(tx, one.id, NOW) is None
        stopped = await broadcasts.stop(tx, other.id, NOW)
        assert stopped is not None
        assert await broadcasts.confirm(tx, other.id, NOW) is None
        assert await broadcasts.sending(tx) == []
        assert await broadcasts.latest(tx) == [stopped, done]
        assert await broadcasts.get(tx, one.id) == done


async def test_the_words_of_a_broadcast_are_sealed(db, member):
    await draft_broadcast(db, member)
    async with db.begin() as tx:
        row = (await tx.execute(text("SELECT * FROM broadcasts"))).one()
    assert not any("Power" in str(part) or "停电" in str(part) for part in row)


async def test_a_person_has_one_task_in_hand(db):
    async with db.begin() as tx:
        first = await drafts.start(tx, BO, "enrol", "code", {}, NOW)
        await drafts.set_message(tx, BO, 9)
        second = await drafts.start(tx, BO, "broadcast", "text", {"n": 1}, NOW + MINUTE)
        assert await drafts.get(tx, BO) == second
        assert (second.task, second.data, second.message_id) == ("broadcast", {"n": 1}, None)
        assert second.version > first.version


async def test_a_step_is_taken_once_and_an_old_button_takes_none(db):
    async with db.begin() as tx:
        first = await drafts.start(tx, BO, "enrol", "code", {}, NOW)

    async def tap(n: int):
        async with db.begin() as tx:
            return await drafts.advance(tx, first, "arm", {"code": n}, NOW)

    results = await asyncio.gather(*(tap(n) for n in range(10)))
    [taken] = [each for each in results if each is not None]
    async with db.begin() as tx:
        assert await drafts.get(tx, BO) == taken
        await drafts.start(tx, BO, "enrol", "code", {}, NOW)
        assert await drafts.advance(tx, taken, "dose", {}, NOW) is None


async def test_a_task_that_is_done_is_forgotten(db):
    async with db.begin() as tx:
        assert await drafts.drop(tx, BO) is False
        await drafts.start(tx, BO, "enrol", "code", {"words": "secret plan"}, NOW)
        assert "secret" not in str((await tx.execute(text("SELECT * FROM drafts"))).all())
        assert await drafts.drop(tx, BO) is True
        assert await drafts.get(tx, BO) is None


async def test_an_inbound_text_is_kept_once_and_sealed(db, participant):
    async with db.begin() as tx:
        kept = await texts_in.add(tx, participant.id, "我头晕", 100, NOW)
        assert kept is not None
        assert await texts_in.add(tx, participant.id, "我头晕", 100, NOW) is None
        assert "头晕" not in str((await tx.execute(text("SELECT * FROM inbound_texts"))).all())
        found = await texts_in.get(tx, kept)
        assert found is not None
        assert (found.text, found.at, found.state) == ("我头晕", NOW, "new")


async def test_an_inbound_text_waits_until_somebody_has_seen_it(db, participant, member):
    async with db.begin() as tx:
        first = await texts_in.add(tx, participant.id, "一", 1, NOW)
        second = await texts_in.add(tx, participant.id, "二", 2, NOW + MINUTE)
        assert first is not None
        assert await texts_in.count_unseen(tx) == 2
        assert await texts_in.mark_seen_up_to(tx, participant.id, first, member.id, NOW) == 1
        assert await texts_in.mark_seen_up_to(tx, participant.id, first, member.id, NOW) == 0
        assert [each.id for each in await texts_in.unseen(tx)] == [second]
        both = await texts_in.of_participant(tx, participant.id, NOW)
        assert [(each.text, each.seen_by) for each in both] == [("一", member.id), ("二", None)]
        assert len(await texts_in.of_participant(tx, participant.id, NOW + MINUTE)) == 1
