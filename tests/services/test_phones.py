"""A number: sealed, shown to who is on duty, each look on the trail, and hidden again."""

from datetime import timedelta

import pytest

from bot.domain.people import Role
from bot.errors import NotAllowed
from bot.services.staff import phones
from bot.services.staff.phones import HIDE
from bot.services.tasks import tasks
from bot.storage import phones as store
from bot.storage import staff
from bot.storage.tables import audit, drafts, outbox

NUMBER = "+8613800000000"


@pytest.fixture
async def lin(ward):
    return await ward.staff()


@pytest.fixture
async def wang(ward):
    return await ward.active(phone=NUMBER)


async def test_a_look_is_on_the_trail_and_ends_by_itself(ward, lin, wang):
    view = await phones.look(ward.study, lin.ref, wang.id, 5)
    assert view is not None
    assert view.number == "+86 138 0000 0000"
    assert (await ward.actions())[-1] == "see_phone"
    [hide] = await ward.queue(HIDE)
    assert hide.not_before == ward.study.clock.now() + timedelta(minutes=5)
    assert hide.params == {"participant": wang.id, "message": 5}
    shown = await ward.written(hide)
    assert "Participant 001" in shown
    assert "138" not in shown


async def test_a_physician_sees_it_only_while_on_call(ward, lin, wang):
    zhao = await ward.staff(9100, Role.PI, "Zhao")
    with pytest.raises(NotAllowed):
        await phones.look(ward.study, zhao.ref, wang.id, 5)
    assert "see_phone" not in await ward.actions()
    async with ward.study.db.begin() as tx:
        await staff.set_on_call(tx, zhao.id, True)
    assert await phones.look(ward.study, zhao.ref, wang.id, 5) is not None


async def test_a_participant_sees_nobodys_number(ward, wang):
    with pytest.raises(NotAllowed):
        await phones.look(ward.study, wang.ref, wang.id, 5)


async def test_without_a_number_nothing_is_shown_and_nothing_is_on_the_trail(ward, lin):
    someone = await ward.active()
    assert await phones.look(ward.study, lin.ref, someone.id, 5) is None
    assert "see_phone" not in await ward.actions()


async def test_a_number_is_entered_changed_and_removed_step_by_step(ward, lin):
    someone = await ward.active()
    study = ward.study

    async def enter(*deeds):
        await tasks.begin(study, lin.ref, "phone", someone.id)
        await tasks.placed(study, lin.ref, 77)
        for update, text in deeds:
            turn = await tasks.typed(study, lin.ref, text, update)
            assert turn is not None
            assert turn.private
        return (await tasks.resume(study, lin.ref)).screen

    async def confirm():
        await tasks.placed(study, lin.ref, 77)
        async with study.db.begin() as tx:
            version = (await tx.execute(drafts.select())).one().version
        await tasks.press(study, lin.ref, 77, version, "confirm")

    screen = await enter((61, "not a number"), (62, "138 0000 0000"))
    assert "+86 138 0000 0000" in study.texts.render(screen, "en").text
    await confirm()
    async with study.db.begin() as tx:
        assert await store.get(tx, someone.id) == NUMBER
    await tasks.begin(study, lin.ref, "phone", someone.id)
    await tasks.placed(study, lin.ref, 77)
    async with study.db.begin() as tx:
        version = (await tx.execute(drafts.select())).one().version
    await tasks.press(study, lin.ref, 77, version, "pick", "remove")
    await confirm()
    async with study.db.begin() as tx:
        assert await store.get(tx, someone.id) is None
    assert (await ward.actions())[-2:] == ["add_phone", "forget_phone"]


async def test_a_physician_enters_none(ward, wang):
    zhao = await ward.staff(9100, Role.PI, "Zhao")
    with pytest.raises(NotAllowed):
        await tasks.begin(ward.study, zhao.ref, "phone", wang.id)


async def test_the_number_is_in_no_table_in_the_clear(ward, lin, wang):
    await phones.look(ward.study, lin.ref, wang.id, 5)
    await tasks.begin(ward.study, lin.ref, "phone", wang.id)
    await tasks.typed(ward.study, lin.ref, "13900000000", 61)
    async with ward.study.db.begin() as tx:
        rows = [(await tx.execute(table.select())).all() for table in (audit, outbox, drafts)]
    everything = repr(rows)
    assert "138000" not in everything
    assert "139000" not in everything
