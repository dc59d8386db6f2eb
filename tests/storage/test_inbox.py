"""Kept once, handled in the order of arrival, set aside after three failures, sealed at rest."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.storage import inbox
from bot.storage.db import Db
from bot.storage.inbox import Arrival, Backlog
from tests.storage.conftest import NOW, emptied


async def keep(db: Db, *arrivals: Arrival) -> int:
    async with db.begin() as tx:
        return len(await inbox.keep(tx, arrivals, NOW))


async def waiting(db: Db, after: int = 0) -> list[int]:
    async with db.begin() as tx:
        return [kept.update_id for kept in await inbox.take_new(tx, 100, after=after)]


async def test_an_update_is_kept_once(db):
    assert await keep(db, Arrival(5, "{}"), Arrival(6, "{}"), Arrival(5, "{}")) == 2
    assert await keep(db, Arrival(6, "{}"), Arrival(7, "{}")) == 1
    assert await keep(db) == 0
    assert await waiting(db) == [5, 6, 7]


async def test_the_order_is_that_of_arrival_not_of_ids(db):
    # Telegram starts its ids anew after a quiet week.
    await keep(db, Arrival(900, "{}"))
    await keep(db, Arrival(3, "{}"))
    assert await waiting(db) == [900, 3]


async def test_a_kept_update_comes_back_whole_and_names_its_lane(db, vault):
    await keep(db, Arrival(5, '{"text": "发烧"}', 42), Arrival(6, "not json"))
    async with db.begin() as tx:
        first, second = await inbox.take_new(tx, 9)
    assert (first.raw, first.received_at, first.tries) == ('{"text": "发烧"}', NOW, 0)
    assert first.chat_key == vault.chat_key(42)
    assert (second.raw, second.chat_key) == ("not json", None)


async def test_what_is_kept_is_told_as_it_would_be_read(db):
    await keep(db, Arrival(6, "{}"))
    async with db.begin() as tx:
        arrivals = [Arrival(7, "seven", 42), Arrival(6, "again"), Arrival(5, "five"), Arrival(7, "twice")]
        kept = await inbox.keep(tx, arrivals, NOW)
        assert [each.raw for each in kept] == ["seven", "five"]
        assert await inbox.take_new(tx, 9, after=kept[0].id - 1) == kept


async def test_neither_words_nor_chats_are_readable_at_rest(db):
    await keep(db, Arrival(5, '{"text": "fever", "id": 424242}', 424242))
    async with db.begin() as tx:
        row = (await tx.execute(text("SELECT * FROM inbox"))).one()
    assert not any("fever" in str(part) or "424242" in str(part) for part in row)


async def test_taking_goes_on_behind_the_last_one(db):
    await keep(db, *(Arrival(n, "{}") for n in range(5)))
    async with db.begin() as tx:
        first = await inbox.take_new(tx, 2)
        rest = await inbox.take_new(tx, 9, after=first[-1].id)
    assert [kept.update_id for kept in (*first, *rest)] == [0, 1, 2, 3, 4]


async def test_what_was_taken_and_not_settled_is_there_after_a_crash(db):
    await keep(db, Arrival(5, "{}"))
    assert await waiting(db) == [5]
    assert await waiting(db) == [5]


async def test_what_is_done_is_done_once(db):
    await keep(db, Arrival(5, "{}"))
    async with db.begin() as tx:
        assert await inbox.done(tx, 5, NOW) is True
        assert await inbox.done(tx, 5, NOW) is False
        assert await inbox.fail(tx, 5, "KeyError", NOW) is None
    assert await waiting(db) == []
    assert await keep(db, Arrival(5, "{}")) == 0


async def test_the_third_failure_sets_an_update_aside(db):
    await keep(db, Arrival(5, "{}"), Arrival(6, "{}"))
    states = []
    for _ in range(4):
        async with db.begin() as tx:
            states.append(await inbox.fail(tx, 5, "KeyError", NOW))
    assert states == ["new", "new", "quarantined", None]
    assert await waiting(db) == [6]


async def test_what_can_never_be_handled_is_set_aside_at_once(db):
    await keep(db, Arrival(5, "{}"))
    async with db.begin() as tx:
        assert await inbox.fail(tx, 5, "JSONDecodeError", NOW, final=True) == "quarantined"
        assert await inbox.backlog(tx) == Backlog(new=0, oldest_at=None, quarantined=1)


async def test_the_backlog_says_how_many_wait_and_since_when(db):
    await keep(db, Arrival(5, "{}"), Arrival(6, "{}"))
    async with db.begin() as tx:
        assert await inbox.backlog(tx) == Backlog(new=2, oldest_at=NOW, quarantined=0)


async def test_only_what_was_done_long_ago_is_forgotten(db):
    await keep(db, *(Arrival(n, "{}") for n in range(3)))
    async with db.begin() as tx:
        await inbox.done(tx, 0, NOW)
        await inbox.done(tx, 1, NOW + timedelta(days=1))
        assert await inbox.forget_done(tx, NOW + timedelta(hours=1)) == 1
    assert await keep(db, Arrival(1, "{}"), Arrival(2, "{}")) == 0


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=6))
async def test_whatever_is_delivered_again_each_update_is_kept_once_in_first_order(db, batches):
    await emptied(db, "inbox")
    for batch in batches:
        await keep(db, *(Arrival(n, str(n)) for n in batch))
    assert await waiting(db) == list(dict.fromkeys(n for batch in batches for n in batch))
