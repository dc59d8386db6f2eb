"""Queued once, claimed by urgency, settled once, and bounded after a crash."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.domain.people import PersonRef
from bot.storage import dispatch, outbox
from bot.storage.db import Db
from bot.storage.dispatch import Released
from bot.storage.outbox import BROADCAST, REMINDER, REPLY, URGENT, Intent
from bot.storage.tables import attempts
from bot.storage.types import Subject
from tests.storage.conftest import LEASE, MINUTE, NOW, emptied, in_the_words_of_sqlite

ALERT = Subject("alert", 7)


def intent(key: str, priority: int = REMINDER, **more) -> Intent:
    return Intent(key, more.pop("kind", "reminder"), priority, PersonRef("participant", 1), **more)


async def queue(db: Db, *intents: Intent) -> int:
    async with db.begin() as tx:
        return await outbox.enqueue_many(tx, intents, NOW)


async def claim(db: Db, limit: int = 10, now=NOW, **more):
    async with db.begin() as tx:
        return await dispatch.claim(tx, now, limit, LEASE, **more)


async def state_of(db: Db, key: str) -> str:
    async with db.begin() as tx:
        found = await outbox.by_key(tx, key)
    assert found is not None
    return found.state


async def test_a_key_is_queued_once_and_the_first_one_stays(db):
    assert await queue(db, intent("k", params={"n": 1})) == 1
    async with db.begin() as tx:
        assert await outbox.enqueue(tx, intent("k", params={"n": 2}), NOW) is False
        found = await outbox.by_key(tx, "k")
    assert found is not None
    assert found.params == {"n": 1}


async def test_a_key_that_was_sent_is_not_queued_again(db):
    await queue(db, intent("k"))
    [message] = await claim(db)
    async with db.begin() as tx:
        await dispatch.settle_sent(tx, message, NOW, method="sendMessage", message_id=1, text="t")
    assert await queue(db, intent("k")) == 0
    assert await claim(db) == []


async def test_many_are_queued_at_once_and_the_known_ones_left_out(db):
    await queue(db, intent("5"))
    assert await queue(db, *(intent(str(n)) for n in range(1000))) == 999


async def test_nothing_to_queue_wakes_nobody(db):
    assert await queue(db) == 0
    assert not db.outbox_ready.is_set()


async def test_what_was_asked_comes_back_whole(db):
    given_ = Intent(
        "k",
        "page",
        URGENT,
        PersonRef("staff", 3),
        {"alert": 7, "text": "高"},
        NOW,
        NOW + MINUTE,
        ALERT,
        "second",
    )
    await queue(db, given_)
    [message] = await claim(db)
    assert (message.key, message.kind, message.priority) == ("k", "page", URGENT)
    assert (message.to, message.params, message.subject) == (given_.to, given_.params, ALERT)
    assert (message.not_before, message.expires_at, message.channel) == (NOW, NOW + MINUTE, "second")
    assert (message.state, message.attempts, message.repeats, message.created_at) == ("sending", 1, 0, NOW)


async def test_the_most_urgent_goes_first_then_the_longest_due(db):
    await queue(
        db,
        intent("broadcast", BROADCAST, not_before=NOW - 9 * MINUTE),
        intent("late page", URGENT, not_before=NOW - MINUTE),
        intent("reply", REPLY),
        intent("early page", URGENT, not_before=NOW - 2 * MINUTE),
    )
    first = await claim(db, limit=2)
    rest = await claim(db, limit=9)
    assert [m.key for m in first] == ["early page", "late page"]
    assert [m.key for m in rest] == ["reply", "broadcast"]


async def test_priorities_below_the_asked_one_stay_where_they_are(db):
    await queue(db, intent("reminder", REMINDER), intent("reply", REPLY))
    assert [m.key for m in await claim(db, up_to=REPLY)] == ["reply"]
    assert await state_of(db, "reminder") == "queued"


async def test_what_is_not_due_yet_waits(db):
    await queue(db, intent("k", not_before=NOW + MINUTE))
    assert await claim(db) == []
    async with db.begin() as tx:
        assert await outbox.next_due_at(tx) == NOW + MINUTE
    assert [m.key for m in await claim(db, now=NOW + MINUTE)] == ["k"]
    async with db.begin() as tx:
        assert await outbox.next_due_at(tx) is None


async def test_what_went_stale_is_never_claimed(db):
    await queue(db, intent("stale", expires_at=NOW), intent("fresh", expires_at=NOW + MINUTE))
    assert [m.key for m in await claim(db)] == ["fresh"]
    async with db.begin() as tx:
        assert await dispatch.expire_due(tx, NOW) == 1
        assert await dispatch.expire_due(tx, NOW) == 0
        assert await outbox.counts(tx) == {"expired": 1, "sending": 1}


async def test_nobody_gets_what_another_has_claimed(db):
    await queue(db, *(intent(str(n)) for n in range(40)))
    batches = await asyncio.gather(*(claim(db, limit=7) for _ in range(10)))
    keys = [message.key for batch in batches for message in batch]
    assert sorted(keys, key=int) == [str(n) for n in range(40)]


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_a_claim_takes_no_more_than_asked(db, limit):
    await queue(db, *(intent(f"{p}{n}", p) for p in range(4) for n in range(4)))
    assert len(await claim(db, limit=limit)) == limit


async def test_a_sent_message_keeps_its_words_sealed(db):
    await queue(db, intent("k"))
    [message] = await claim(db)
    async with db.begin() as tx:
        assert await dispatch.settle_sent(tx, message, NOW, method="sendMessage", message_id=9, text="您好")
        found = await outbox.get(tx, message.id)
        box = (await tx.execute(text("SELECT text_box FROM outbox"))).scalar_one()
    assert found is not None
    assert (found.state, found.sent_at, found.message_id) == ("sent", NOW, 9)
    assert (found.text, found.method) == ("您好", "sendMessage")
    assert "您好".encode() not in box


SETTLERS = {
    "failed": lambda tx, m: dispatch.settle_failed(tx, m, NOW, "chat not found"),
    "skipped": lambda tx, m: dispatch.settle_skipped(tx, m, NOW, "the visit moved"),
    "expired": lambda tx, m: dispatch.settle_expired(tx, m, NOW),
    "uncertain": lambda tx, m: dispatch.settle_uncertain(tx, m, NOW, "reset"),
    "sent": lambda tx, m: dispatch.settle_sent(tx, m, NOW, method="x", message_id=1, text="t"),
}


@pytest.mark.parametrize("state", SETTLERS)
async def test_a_claimed_message_is_settled_once(db, state):
    await queue(db, intent("k"))
    [message] = await claim(db)
    async with db.begin() as tx:
        assert await SETTLERS[state](tx, message) is True
        assert await dispatch.settle_failed(tx, message, NOW, "too late") is False
        noted = (await tx.execute(select(attempts.c.n, attempts.c.outbox_id))).all()
    assert await state_of(db, "k") == state
    assert noted == [(1, message.id)]


async def test_a_worker_thought_dead_does_not_overwrite_another(db):
    await queue(db, intent("k"))
    [old] = await claim(db)
    async with db.begin() as tx:
        await dispatch.release(tx, NOW, everything=True)
    [new] = await claim(db)
    async with db.begin() as tx:
        assert await dispatch.settle_failed(tx, old, NOW, "no") is False
        assert await dispatch.retry(tx, old, NOW, NOW, "no") is False
        assert await dispatch.perhaps_sent(tx, old, NOW, NOW, "no") == "lost"
        assert await dispatch.settle_sent(tx, new, NOW, method="x", message_id=1, text="t") is True


async def test_what_was_not_sent_waits_its_time_and_is_no_repeat(db):
    await queue(db, intent("k"))
    [message] = await claim(db)
    db.outbox_ready.clear()
    async with db.begin() as tx:
        assert await dispatch.retry(tx, message, NOW, NOW + MINUTE, "429")
    assert db.outbox_ready.is_set()
    assert await claim(db) == []
    [again] = await claim(db, now=NOW + MINUTE)
    assert (again.attempts, again.repeats, again.last_error) == (2, 0, "429")


@pytest.mark.parametrize(("priority", "goes_again"), [(URGENT, 5), (REPLY, 1), (REMINDER, 1), (BROADCAST, 0)])
async def test_what_was_perhaps_sent_is_repeated_as_promised(db, priority, goes_again):
    await queue(db, intent("k", priority))
    for n in range(goes_again):
        [message] = await claim(db)
        assert message.repeats == n
        async with db.begin() as tx:
            assert await dispatch.perhaps_sent(tx, message, NOW, NOW, "reset") == "queued"
    [message] = await claim(db)
    if priority != URGENT:
        async with db.begin() as tx:
            assert await dispatch.perhaps_sent(tx, message, NOW, NOW, "reset") == "uncertain"
        assert await state_of(db, "k") == "uncertain"


@pytest.mark.parametrize(("priority", "goes_again"), [(URGENT, 5), (REPLY, 1), (REMINDER, 1), (BROADCAST, 0)])
async def test_what_was_in_hand_at_a_crash_is_repeated_as_promised(db, priority, goes_again):
    await queue(db, intent("k", priority))
    for n in range(goes_again):
        [message] = await claim(db)
        assert (message.repeats, message.attempts) == (n, n + 1)
        async with db.begin() as tx:
            assert await dispatch.release(tx, NOW, everything=True) == Released(queued=1, uncertain=0)
    await claim(db)
    if priority != URGENT:
        async with db.begin() as tx:
            assert await dispatch.release(tx, NOW, everything=True) == Released(queued=0, uncertain=1)
        assert await state_of(db, "k") == "uncertain"
    async with db.begin() as tx:
        results = (await tx.execute(select(attempts.c.result))).scalars().all()
    assert set(results) <= {"crashed"}
    assert len(results) == goes_again + (priority != URGENT)


async def test_while_running_only_leases_that_ended_are_taken_back(db):
    await queue(db, intent("first"))
    await claim(db)
    await queue(db, intent("second"))
    await claim(db, now=NOW + timedelta(seconds=20))
    async with db.begin() as tx:
        assert await dispatch.release(tx, NOW + LEASE) == Released(queued=1, uncertain=0)
    assert (await state_of(db, "first"), await state_of(db, "second")) == ("queued", "sending")


async def test_what_waits_about_a_subject_can_be_cancelled(db):
    await queue(
        db,
        intent("page", kind="page", subject=ALERT),
        intent("edit", kind="edit", subject=ALERT),
        intent("other", subject=Subject("alert", 8)),
    )
    async with db.begin() as tx:
        assert [m.key for m in await outbox.queued_about(tx, ALERT, "page")] == ["page"]
        assert await outbox.cancel_subject(tx, ALERT, "closed", NOW, "page") == 1
        assert await outbox.cancel_subject(tx, ALERT, "closed", NOW) == 1
        assert await outbox.cancel_subject(tx, ALERT, "closed", NOW) == 0
    assert [m.key for m in await claim(db)] == ["other"]
    async with db.begin() as tx:
        assert await outbox.subject_counts(tx, ALERT) == {"skipped": 2}


async def test_one_message_can_be_cancelled_until_it_is_in_hand(db):
    await queue(db, intent("a"), intent("b"))
    async with db.begin() as tx:
        first, second = await outbox.by_key(tx, "a"), await outbox.by_key(tx, "b")
        assert first is not None
        assert second is not None
        assert await outbox.cancel(tx, first.id, "moved", NOW) is True
    await claim(db)
    async with db.begin() as tx:
        assert await outbox.cancel(tx, second.id, "moved", NOW) is False


async def test_the_copies_of_a_page_are_those_that_stand_in_chats(db):
    await queue(db, *(intent(key, kind="page", subject=ALERT) for key in ("a", "b", "c")))
    await queue(db, intent("later", kind="edit", subject=ALERT, not_before=NOW + MINUTE))
    sent, failed, _ = await claim(db)
    async with db.begin() as tx:
        await dispatch.settle_sent(tx, sent, NOW, method="sendMessage", message_id=11, text="red")
        await dispatch.settle_failed(tx, failed, NOW, "blocked")
        copies = await outbox.sent_copies(tx, ALERT)
        assert [(m.key, m.message_id, m.text) for m in copies] == [("a", 11, "red")]
        assert await outbox.sent_copies(tx, ALERT, "edit") == []
        assert [m.key for m in await outbox.of_subject(tx, ALERT)] == ["a", "b", "c", "later"]


async def test_the_keys_to_a_person_are_known_by_kind(db):
    await queue(db, intent("r1"), intent("r2"), intent("p", kind="page"))
    async with db.begin() as tx:
        assert await outbox.keys_to(tx, PersonRef("participant", 1), "reminder") == {"r1", "r2"}
        assert await outbox.keys_to(tx, PersonRef("staff", 1), "reminder") == set()


async def test_the_log_shows_the_newest_first(db):
    await queue(db, intent("a"), intent("b"))
    async with db.begin() as tx:
        assert [m.key for m in await outbox.latest(tx, 1)] == ["b"]


async def test_an_unknown_state_is_refused_by_the_database(db):
    await queue(db, intent("k"))
    for change in ("state = 'gone'", "priority = 4", "channel = 'pigeon'", "person_kind = 'robot'"):
        with pytest.raises(Exception, match=r"(?i)check"):
            async with db.begin() as tx:
                await tx.execute(text(f"UPDATE outbox SET {change}"))


async def plan_of(db: Db, statement) -> str:
    compiled = str(statement.compile(db.engine.sync_engine, compile_kwargs={"render_postcompile": True}))
    async with db.begin() as tx:
        found = await tx.execute(text("EXPLAIN QUERY PLAN " + compiled.replace("?", "1")))
        return "\n".join(row[-1] for row in found)


@in_the_words_of_sqlite
async def test_a_claim_reads_only_what_is_due(db):
    plan = await plan_of(db, dispatch._CLAIM)
    assert plan.count("USING COVERING INDEX ix_outbox_due") + plan.count("USING INDEX ix_outbox_due") == 4
    assert "SCAN outbox" not in plan


@in_the_words_of_sqlite
async def test_expiring_and_releasing_and_waiting_use_their_indexes(db):
    assert "ix_outbox_expiry" in await plan_of(db, dispatch._EXPIRE)
    assert "ix_outbox_next" in await plan_of(db, outbox._NEXT_DUE)
    assert "ix_outbox_leases" in await plan_of(db, dispatch._RELEASE)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_whatever_happens_a_message_is_never_lost_nor_sent_too_often(db, data):
    await emptied(db, "attempts", "outbox")
    await queue(db, *(intent(f"{p}", p) for p in range(4)))
    sent = dict.fromkeys("0123", 0)
    for _ in range(data.draw(st.integers(0, 8))):
        await _something(db, data, sent)
    async with db.begin() as tx:
        counts = await outbox.counts(tx)
    assert sum(counts.values()) == 4
    assert sent["3"] <= 1
    assert sent["2"] <= 2
    assert sent["1"] <= 2


async def _something(db: Db, data, sent: dict[str, int]) -> None:
    """Claim some, send each perhaps, and settle, crash, or lose the answer."""
    claimed = await claim(db, limit=data.draw(st.integers(1, 4)))
    fate = data.draw(st.sampled_from(["settled", "crashed", "lost", "not sent"]))
    for message in claimed:
        sent[message.key] += fate != "not sent"
        async with db.begin() as tx:
            if fate == "settled":
                assert await dispatch.settle_sent(tx, message, NOW, method="x", message_id=1, text="t")
            elif fate == "lost":
                assert await dispatch.perhaps_sent(tx, message, NOW, NOW, "reset") != "lost"
            elif fate == "not sent":
                assert await dispatch.retry(tx, message, NOW, NOW, "refused")
    async with db.begin() as tx:
        released = await dispatch.release(tx, NOW, everything=True)
        assert released.queued + released.uncertain == (len(claimed) if fate == "crashed" else 0)


async def test_a_message_is_what_its_row_says_even_when_replaced(db):
    await queue(db, intent("k"))
    [message] = await claim(db)
    stale = replace(message, attempts=0)
    async with db.begin() as tx:
        assert await dispatch.settle_skipped(tx, stale, NOW, "x") is False
