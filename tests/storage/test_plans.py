"""A plan does what SQLAlchemy does, only sooner."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError, MultipleResultsFound, NoResultFound, StatementError

from bot.storage import meta
from bot.storage.db import Db
from bot.storage.tables import inbox
from bot.storage.types import Instant
from tests.storage.conftest import NOW, opened

ADD = insert(inbox).returning(inbox.c.id, inbox.c.received_at)
OF = select(inbox).where(inbox.c.update_id == bindparam("of_"))
SINCE = select(inbox.c.update_id).where(inbox.c.received_at >= bindparam("since_", NOW, type_=Instant))
MOVE = update(inbox).where(inbox.c.update_id == bindparam("of_")).values(tries=bindparam("tries_"))
COUNT = select(func.count()).select_from(inbox)
ANY_OF = select(inbox.c.update_id).where(inbox.c.update_id.in_(bindparam("them_", expanding=True)))
ROW = {"update_id": 1, "received_at": NOW, "raw_box": b"box", "state": "new", "tries": 0}


@pytest.fixture
async def db(vault) -> AsyncIterator[Db]:
    db = await opened("sqlite+aiosqlite://", vault)
    yield db
    await db.close()


@pytest.fixture
def asked(db) -> list[str]:
    """What SQLAlchemy was asked to run."""
    statements: list[str] = []

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def seen(conn, cursor, statement, parameters, context, executemany):
        statements.append(statement)

    return statements


async def test_the_second_time_brings_the_same_without_sqlalchemy(db, asked):
    async with db.begin() as tx:
        first = (await tx.execute(ADD, ROW)).one()
        second = (await tx.execute(ADD, {**ROW, "update_id": 2})).one()
        assert (first.received_at, second.received_at) == (NOW, NOW)
        assert second.id == first.id + 1
        by_hand, by_plan = [(await tx.execute(OF, {"of_": 2})).one() for _ in range(2)]
        assert tuple(by_hand) == tuple(by_plan)
        assert dict(by_hand._mapping) == dict(by_plan._mapping)
    assert len(asked) == 2


async def test_values_go_where_they_belong_and_changes_are_counted(db):
    async with db.begin() as tx:
        await tx.execute(ADD, [ROW, {**ROW, "update_id": 2}])
        counts = [(await tx.execute(MOVE, {"tries_": n, "of_": 2})).rowcount for n in (5, 6, 7)]
        assert counts == [1, 1, 1]
        assert (await tx.execute(MOVE, {"of_": 9, "tries_": 8})).rowcount == 0
        assert [(await tx.execute(OF, {"of_": n})).one().tries for n in (1, 2)] == [0, 7]


async def test_a_value_that_stands_in_the_statement_is_used_until_another_is_given(db):
    later = {"since_": NOW + timedelta(seconds=1)}
    async with db.begin() as tx:
        await tx.execute(ADD, ROW)
        assert [len((await tx.execute(SINCE)).all()) for _ in range(3)] == [1, 1, 1]
        assert [len((await tx.execute(SINCE, later)).all()) for _ in range(3)] == [0, 0, 0]


async def test_a_statement_made_from_another_has_a_plan_of_its_own(db):
    async with db.begin() as tx:
        for _ in range(2):
            await tx.execute(ADD, {**ROW, "update_id": 1 + (await tx.execute(COUNT)).scalar_one()})
        fewer = COUNT.where(inbox.c.update_id > 1)
        assert [(await tx.execute(COUNT)).scalar() for _ in range(2)] == [2, 2]
        assert [(await tx.execute(fewer)).scalar() for _ in range(2)] == [1, 1]


async def test_a_list_of_values_has_a_plan_for_each_length(db, asked):
    async with db.begin() as tx:
        await tx.execute(ADD, [{**ROW, "update_id": n} for n in (1, 2, 3)])
        for them in ([1], [1, 2], [3, 1, 2], [7], []):
            found = (await tx.execute(ANY_OF, {"them_": them})).all()
            assert {row.update_id for row in found} == set(them) - {7}
    assert len(asked) == 2


async def test_a_list_that_stands_in_the_statement_has_a_plan(db, asked):
    tried = select(inbox.c.update_id).where(
        inbox.c.tries.in_((0, 5)), inbox.c.received_at.in_([NOW]), inbox.c.update_id > bindparam("over_")
    )
    async with db.begin() as tx:
        await tx.execute(ADD, {**ROW, "update_id": 1})
        await tx.execute(ADD, {**ROW, "update_id": 2, "tries": 5})
        await tx.execute(ADD, {**ROW, "update_id": 3, "tries": 1})
        found = [(await tx.execute(tried, {"over_": over})).all() for over in (0, 0, 1)]
    assert [[row.update_id for row in each] for each in found] == [[1, 2], [1, 2], [2]]
    assert len(asked) == 2


async def test_a_long_list_is_left_to_sqlalchemy(db, asked):
    async with db.begin() as tx:
        for _ in range(3):
            await tx.execute(ANY_OF, {"them_": list(range(100))})
    assert len(asked) == 3


async def test_many_rows_go_in_one_after_the_other_and_in_their_order(db, asked):
    async with db.begin() as tx:
        await tx.execute(ADD, ROW)
        found = await tx.execute(ADD, [{**ROW, "update_id": n} for n in (4, 3, 2)])
        ids = [row.id for row in found.all()]
        assert (ids, found.rowcount) == (sorted(ids), 3)
        assert (await tx.execute(OF, {"of_": 2})).one().id == ids[-1]
    assert len(asked) == 2


async def test_of_many_rows_all_are_kept_or_none(db):
    async with db.begin() as tx:
        await tx.execute(ADD, [ROW, {**ROW, "update_id": 2}])
        with pytest.raises(IntegrityError):
            await tx.execute(ADD, [{**ROW, "update_id": n} for n in (3, 4, 1)])
        assert (await tx.execute(COUNT)).scalar_one() == 2


async def test_errors_are_those_of_sqlalchemy(db):
    async with db.begin() as tx:
        for update_id in (1, 2):
            await tx.execute(ADD, {**ROW, "update_id": update_id})
        with pytest.raises(StatementError):
            await tx.execute(MOVE, {"of_": 1})
        with pytest.raises(NoResultFound):
            [(await tx.execute(OF, {"of_": of})).one() for of in (1, 2, 9)]
    everything = select(inbox)
    with pytest.raises(MultipleResultsFound):
        async with db.begin() as tx:
            [(await tx.execute(everything)).one() for _ in (await tx.execute(everything)).all()]
    with pytest.raises(IntegrityError):
        async with db.begin() as tx:
            await tx.execute(ADD, {**ROW, "update_id": 1})


async def test_what_failed_is_undone_whole(db):
    async def twice() -> None:
        async with db.begin() as tx:
            await meta.put(tx, "k", "v")
            for _ in range(2):
                await tx.execute(ADD, ROW)

    with pytest.raises(IntegrityError):
        await twice()
    async with db.begin() as tx:
        assert (await tx.execute(COUNT)).scalar_one() == 0
        assert await meta.get(tx, "k") is None
