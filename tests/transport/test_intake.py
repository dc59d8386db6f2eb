"""The way in, over HTTP from the local Bot API: nothing lost, nothing twice, nobody blocked."""

import asyncio
import json
import random
import sqlite3
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from telegram.error import BadRequest, Conflict, Forbidden

from bot.storage import inbox, tables
from bot.storage.db import Db
from bot.transport.handling import current_update_id
from bot.transport.intake import Intake
from bot.transport.lanes import Lanes
from bot.watch.vitals import RIVAL_STAYS

from .conftest import VAULT, until


async def _states(db):
    async with db.begin() as tx:
        from bot.storage.tables import inbox as table

        return [row.state for row in await tx.execute(table.select().order_by(table.c.id))]


async def test_what_people_write_is_handled_in_order(world, ward):
    person = world.add_person("Mei")
    for n in range(5):
        person.say(f"{n}")
    assert await ward.take_in() == 5
    assert ward.seen == [(person.id, str(n)) for n in range(5)]


async def test_an_update_is_in_the_inbox_before_telegram_may_forget_it(world, ward, db):
    world.add_person("Mei").say("hello")
    await ward.intake.poll_once(0)
    assert world.pending_updates() == 1
    assert await _states(db) == ["new"]
    await ward.intake.poll_once(0)
    assert world.pending_updates() == 0


async def test_the_offset_stays_while_the_inbox_cannot_be_written(world, ward, monkeypatch):
    async def full(*_):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    world.add_person("Mei").say("hello")
    with monkeypatch.context() as broken:
        broken.setattr("bot.transport.intake.inbox.keep", full)
        with pytest.raises(OperationalError):
            await ward.intake.poll_once(0)
    assert await ward.take_in() == 1
    assert [text for _, text in ward.seen] == ["hello"]


async def test_p01_an_update_counts_as_done_only_once_its_handler_is_through(
    world, ward, make_ward, application, db
):
    """A program that dies in the middle of a handler leaves the update to the next one."""
    begun = asyncio.Event()

    async def die(update, context):
        begun.set()
        await asyncio.Event().wait()

    application.handlers[0][0].callback = die
    world.add_person("Mei").say("hello")
    await ward.intake.poll_once(0)
    dying = asyncio.ensure_future(ward.intake.drain())
    async with asyncio.timeout(10):
        await begun.wait()
    assert await _states(db) == ["new"]
    await ward.intake._lanes.stop(0)
    await dying
    again = make_ward()
    await again.intake.drain()
    assert [text for _, text in again.seen] == ["hello"]


async def test_killed_between_keeping_and_handling_nothing_is_lost_and_order_holds(
    world, ward, make_ward, db, database_url
):
    person = world.add_person("Mei")
    for n in range(3):
        person.say(f"before {n}")
    await ward.intake.poll_once(0)
    await ward.intake.poll_once(0)  # Telegram has forgotten them now; then the program dies
    person.say("after")
    again = make_ward()
    await again.take_in()
    assert [text for _, text in again.seen] == ["before 0", "before 1", "before 2", "after"]
    assert not ward.seen


async def test_what_is_left_in_the_inbox_is_taken_up_at_a_start_without_any_poll(world, ward, make_ward):
    world.add_person("Mei").say("left over")
    await ward.intake.poll_once(0)
    again = make_ward()
    assert await again.intake.drain() == 1


async def test_an_update_that_comes_twice_is_handled_once(world, ward, application, db, clock):
    world.add_person("Mei").say("once")
    await ward.intake.poll_once(0)
    ward.intake._offset = None  # as after a restart: Telegram gives it again
    await ward.take_in()
    assert len(ward.seen) == 1


async def test_a_handler_that_fails_is_tried_three_times_then_set_aside_and_others_go_on(world, ward, db):
    one, two = world.add_person("Mei"), world.add_person("Lan")
    ward.fail["bad"] = 99
    one.say("bad")
    one.say("behind it")
    two.say("elsewhere")
    await ward.take_in()
    assert ward.fail["bad"] == 96
    assert sorted(text for _, text in ward.seen) == ["behind it", "elsewhere"]
    assert len(ward.quarantined) == 1
    assert await _states(db) == ["quarantined", "done", "done"]
    async with db.begin() as tx:
        assert (await inbox.backlog(tx)).quarantined == 1


async def test_a_handler_that_fails_once_succeeds_the_second_time_before_what_came_later(world, ward):
    person = world.add_person("Mei")
    ward.fail["shaky"] = 1
    person.say("shaky")
    person.say("later")
    await ward.take_in()
    assert [text for _, text in ward.seen] == ["shaky", "later"]
    assert not ward.quarantined


async def test_an_update_that_does_not_parse_is_set_aside(ward, db):
    await ward.intake.receive({"update_id": 5, "message": {"chat": {"id": 7}, "date": "never"}})
    await ward.intake.drain()
    assert ward.quarantined == [5]
    assert await _states(db) == ["quarantined"]


async def test_a_kind_that_was_never_asked_for_is_set_aside_at_once(ward, db):
    await ward.intake.receive({"update_id": 6, "brand_new_thing": {}})
    await ward.intake.drain()
    assert await _states(db) == ["quarantined"]
    async with db.begin() as tx:
        assert (await tx.execute(tables.inbox.select())).one().tries == 1


async def test_what_telegram_gives_without_an_id_stops_nothing(ward):
    await ward.intake._keep([{"no": "id"}, {"update_id": "7"}, ["list"], {"update_id": True}])
    assert await ward.intake.drain() == 0


async def test_a_hook_that_fails_does_not_stop_the_lane(world, ward, monkeypatch):
    async def hook(update_id):
        raise RuntimeError("nobody to tell")

    ward.intake._handling._on_quarantine = hook
    ward.fail["bad"] = 99
    person = world.add_person("Mei")
    person.say("bad")
    person.say("good")
    await ward.take_in()
    assert [text for _, text in ward.seen] == ["good"]


@pytest.mark.parametrize(
    "error", [Forbidden("Forbidden: bot was blocked by the user"), BadRequest("Query is too old and …")]
)
async def test_an_answer_that_could_not_be_shown_is_no_failure(world, ward, application, error, db):
    async def handle(update, context):
        raise error

    application.handlers[0][0].callback = handle
    world.add_person("Mei").say("hello")
    await ward.take_in()
    assert await _states(db) == ["done"]
    assert not ward.quarantined


async def test_services_learn_which_update_they_serve(world, ward):
    world.add_person("Mei").say("hello")
    await ward.intake.poll_once(0)
    async with ward.intake._db.begin() as tx:
        kept = await inbox.take_new(tx, 1)
    await ward.intake.drain()
    assert ward.update_ids == [kept[0].update_id]
    assert current_update_id.get() is None


async def test_a_database_that_is_locked_is_waited_for_and_no_update_pays_for_it(
    world, ward, monkeypatch, db, application
):
    """Locked five times for its handler, more often than it may fail, and five times for what follows."""
    handler, failures = application.handlers[0][0], iter([True] * 5)
    handle = handler.callback

    async def cannot_write(*args):
        if next(failures, False):
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
        await handle(*args)

    handler.callback = cannot_write
    real, times = inbox.done, iter([True] * 5)

    async def locked(*args):
        if next(times, False):
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
        return await real(*args)

    monkeypatch.setattr("bot.transport.handling.inbox.done", locked)
    world.add_person("Mei").say("hello")
    await ward.take_in()
    assert len(ward.seen) == 1
    assert await _states(db) == ["done"]
    async with db.begin() as tx:
        assert (await tx.execute(tables.inbox.select())).one().tries == 0


async def test_chats_run_side_by_side_and_a_stuck_one_holds_back_nobody(world, ward, application):
    stuck, released = asyncio.Event(), asyncio.Event()
    people = [world.add_person(f"P{n}") for n in range(5)]
    seen = []

    async def handle(update, context):
        if update.message.text == "stuck":
            stuck.set()
            await released.wait()
        seen.append(update.message.text)

    application.handlers[0][0].callback = handle
    people[0].say("stuck")
    people[0].say("behind")
    for person in people[1:]:
        person.say("free")
    await ward.intake.poll_once(0)
    draining = asyncio.ensure_future(ward.intake.drain())
    await stuck.wait()
    await until(lambda: len(seen) >= 4)
    assert seen == ["free"] * 4
    released.set()
    await draining
    assert seen[4:] == ["stuck", "behind"]


async def test_no_more_than_a_few_are_in_flight():
    running = most = 0

    async def handle(thing):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    lanes: Lanes[int] = Lanes(handle, 8)
    for n in range(100):
        lanes.put(n % 40, n)
    await lanes.idle()
    assert most == 8


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=60))
async def test_each_lane_keeps_its_order_whatever_the_work_takes(things):
    seen: dict[int, list[int]] = {}

    async def handle(thing):
        lane, turns, n = thing
        for _ in range(turns):
            await asyncio.sleep(0)
        seen.setdefault(lane, []).append(n)

    lanes: Lanes[tuple[int, int, int]] = Lanes(handle, 3)
    for n, (lane, turns) in enumerate(things):
        lanes.put(lane, (lane, turns, n))
    await lanes.idle()
    assert sum(map(len, seen.values())) == len(things)
    assert all(order == sorted(order) for order in seen.values())


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest_in_the_inbox(
    world, ward, make_ward, application, db
):
    begun, released = asyncio.Event(), asyncio.Event()

    async def handle(update, context):
        begun.set()
        await released.wait()

    application.handlers[0][0].callback = handle
    person = world.add_person("Mei")
    person.say("in hand")
    person.say("the rest")
    running = asyncio.ensure_future(ward.intake.run())
    await begun.wait()
    stopping = asyncio.ensure_future(ward.intake.stop())
    for _ in range(50):
        await asyncio.sleep(0)
    released.set()
    await stopping
    await running
    assert await _states(db) == ["done", "new"]
    again = make_ward()
    await again.intake.drain()
    assert [text for _, text in again.seen] == ["the rest"]


async def _run_until(intake, condition):
    running = asyncio.ensure_future(intake.run())
    await until(lambda: condition() or running.done())
    await intake.stop()
    await running


async def test_the_live_loop_handles_what_comes(world, ward):
    person = world.add_person("Mei")
    person.say("hello")
    await _run_until(ward.intake, lambda: ward.seen)
    assert ward.intake.last_poll_at is not None


async def test_the_live_loop_reads_only_what_was_left_from_before(world, ward, monkeypatch):
    looks, look = [], inbox.take_new

    async def counted(tx, *more, **values):
        looks.append(rows := await look(tx, *more, **values))
        return rows

    monkeypatch.setattr(inbox, "take_new", counted)
    running = asyncio.ensure_future(ward.intake.run())
    person = world.add_person("Mei")
    for n in range(3):
        person.say(f"word {n}")
        await until(lambda: len(ward.seen) > n)  # noqa: B023 (it is awaited here)
    await ward.intake.stop()
    await running
    assert [len(rows) for rows in looks] == [0]


async def test_what_was_kept_by_a_call_that_was_cut_off_is_handled_in_its_order(ward, db, monkeypatch):
    """Whoever calls the webhook hangs up in the commit: the update is kept, and nobody was told."""
    await ward.intake.drain()

    def cut_off(tx):
        raise asyncio.CancelledError

    with monkeypatch.context() as cut:
        cut.setattr(db, "_committed", cut_off)
        with pytest.raises(asyncio.CancelledError):
            await ward.intake.receive(_says(5, "first"))
    assert await _states(db) == ["new"]
    await ward.intake.receive(_says(6, "second"))
    await ward.intake.drain()
    assert [text for _, text in ward.seen] == ["first", "second"]


def _says(update_id, text):
    chat = {"id": 7, "type": "private"}
    message = {"message_id": update_id, "date": 0, "chat": chat, "text": text}
    return {
        "update_id": update_id,
        "message": {**message, "from": {"id": 7, "is_bot": False, "first_name": "M"}},
    }


async def test_errors_of_the_poll_are_waited_out(world, ward, clock):
    world.add_person("Mei").say("hello")
    for kind in ("502", "500", "reset_before", "reset_after", "429"):
        world.faults.add(kind=kind, method="getUpdates")
    before = clock.now()
    await _run_until(ward.intake, lambda: ward.seen)
    assert [text for _, text in ward.seen] == ["hello"]
    assert (clock.now() - before).total_seconds() > 2
    assert not ward.told


async def test_after_hours_without_an_answer_the_next_poll_is_never_more_than_fifteen_seconds_away(
    world, ward, clock, monkeypatch
):
    world.add_person("Mei").say("I can't breathe")
    world.faults.add(kind="reset_before", method="getUpdates", times=40)
    pauses, sleep = [], clock.sleep

    async def noted(seconds):
        pauses.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(clock, "sleep", noted)
    await _run_until(ward.intake, lambda: ward.seen)
    assert len(pauses) >= 40
    assert 7 < max(pauses) <= 15


async def test_another_poller_is_remembered_from_its_first_refusal_to_its_last_and_waited_for(
    world, ward, monkeypatch, clock
):
    """Four polls are refused, ten minutes and more go by, and one is refused again: that is another story."""
    real, times = ward.intake._bot.__class__.do_api_request, iter([True] * 4)

    async def contested(bot, endpoint, **more):
        if next(times, False):
            raise Conflict("terminated by other getUpdates request")
        return await real(bot, endpoint, **more)

    monkeypatch.setattr(ward.intake._bot.__class__, "do_api_request", contested)
    world.add_person("Mei").say("hello")
    began = clock.now()
    await _run_until(ward.intake, lambda: ward.seen)
    assert ward.intake.rival.since == began
    # Each refusal is followed by a rest of five seconds at least.
    assert ward.intake.rival.seen_at - began >= timedelta(seconds=15)
    assert ward.intake.trouble is None
    await clock.push(timedelta(minutes=11))
    monkeypatch.setattr(ward.intake, "_offset", None)
    ward.intake._note_rival(clock.now())
    assert ward.intake.rival.since == clock.now()


async def test_two_programs_with_one_token_and_a_database_each_both_find_out_and_nothing_said_is_lost(
    world, ward, make_ward, tmp_path, clock
):
    """Telegram ends the poll of the one (409) when the other asks; they share no lock that could tell them.

    What is said is kept by the one or the other, or by both: that is why staff must hear of it.
    """
    elsewhere = await Db.open(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}", VAULT, durable=False)
    await elsewhere.migrate()
    other = make_ward(db=elsewhere)
    loops = [asyncio.ensure_future(each.intake.run()) for each in (ward, other)]
    mei = world.add_person("Mei")
    both = [ward.intake, other.intake]
    await until(
        lambda: all(each.rival and each.rival.seen_at - each.rival.since >= RIVAL_STAYS for each in both)
    )
    for n in range(9):
        mei.say(f"{n}")
        await until(lambda n=n: str(n) in {text for _, text in (*ward.seen, *other.seen)})
    for each in both:
        await each.stop()
    await asyncio.gather(*loops)
    await elsewhere.close()


async def test_a_refused_token_is_told_and_polling_goes_on(world, ward):
    from dataclasses import replace

    world.add_person("Mei").say("hello")
    true = world.bot
    world.bot = replace(true, token="4200000001:another-token-that-is-quite-long")
    running = asyncio.ensure_future(ward.intake.run())
    await until(lambda: ward.told)
    world.bot = true
    await until(lambda: ward.seen)
    await ward.intake.stop()
    await running
    assert ward.told == ["unauthorized"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KIND = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll"])


@settings(max_examples=40)
@given(st.lists(st.dictionaries(_KIND, _JSON, max_size=2), max_size=5))
async def test_p10_whatever_comes_the_good_one_behind_it_is_handled(fuzzed):
    from datetime import UTC, datetime

    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    from bot.clock import PushedClock

    db = await Db.open("sqlite+aiosqlite://", VAULT, durable=False)
    await db.migrate()
    application = ApplicationBuilder().token("1:x").updater(None).job_queue(None).build()
    application._initialized = True
    seen = []

    async def handle(update, context):
        seen.append(update.effective_message.text)

    application.add_handler(MessageHandler(filters.TEXT, handle))
    intake = Intake(application, db, PushedClock(datetime(2026, 12, 1, tzinfo=UTC)), rng=random.Random(1))
    good = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "good"}
    for n, update in enumerate(fuzzed):
        await intake.receive(json.loads(json.dumps(update | {"update_id": n + 1})))
    await intake.receive({"update_id": 999, "message": good})
    await intake.drain()
    assert seen[-1] == "good"
    assert "new" not in await _states(db)
    await db.close()
