"""The way out, over HTTP to the local Bot API: the fault table, line by line."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from aiohttp import ClientConnectorError, TCPConnector
from aiohttp.client_reqrep import ConnectionKey
from sqlalchemy.exc import OperationalError
from telegram.error import BadRequest, ChatMigrated

from bot.channels.second import Fate
from bot.domain.people import PersonRef
from bot.storage import dispatch, links, outbox
from bot.storage.outbox import Intent
from bot.transport.calls import PAGE
from bot.transport.delivery import LEASE, Delivery
from bot.transport.sending import Sent
from bot.transport.trouble import Refused, Unreachable, outcome_of

from .conftest import make_post, until


@pytest.fixture
async def mei(world, post):
    person = world.add_person("Mei")
    person.start()
    await post.link(person, 1)
    return person


async def test_a_message_goes_out_and_is_kept_as_it_was_sent(post, mei, db):
    await post.queue("hello")
    assert await post.delivery.deliver_once() == 1
    row = await post.row("hello")
    assert (row.state, row.text, row.method) == ("sent", "<b>hello</b>", "sendMessage")
    assert row.message_id == mei.last.id
    assert post.followed == [("hello", row.message_id)]
    async with db.begin() as tx:
        from bot.storage.tables import outbox as table

        box = (await tx.execute(table.select())).one().text_box
    assert b"hello" not in box


async def test_the_most_urgent_goes_first(post, mei, world, study, application):
    one_by_one = make_post(study, world, application, in_flight=1)
    others = [world.add_person(f"P{n}") for n in range(2, 6)]
    for n, person in enumerate(others, start=2):
        person.start()
        await post.link(person, n)
    for n, priority in ((2, 3), (3, 2), (4, 1), (5, 0)):
        await post.queue(f"p{priority}", to=n, priority=priority)
    await one_by_one.deliver_all()
    assert one_by_one.sent() == ["<b>p0</b>", "<b>p1</b>", "<b>p2</b>", "<b>p3</b>"]


async def test_an_edit_a_photo_and_a_document_go_out(post, mei):
    await post.queue("first")
    await post.delivery.deliver_once()
    message_id = mei.last.id
    post.facts["manner"] = {"method": "edit", "edit_message_id": message_id}
    await post.queue("second")
    await post.delivery.deliver_once()
    assert mei.message(message_id).text == "second"
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360f8cf500f"
        "0003860180a5e0b3d40000000049454e44ae426082".replace(" ", "")
    )
    for method, file in (("photo", png), ("document", b"a,b\n1,2\n")):
        post.facts["manner"] = {"method": method, "file": file, "file_name": f"x.{method}"}
        await post.queue(method)
        await post.delivery.deliver_once()
        assert await post.state(method) == "sent"
    assert [shown.kind for shown in mei.messages[-2:]] == ["photo", "document"]


async def test_an_edit_that_changes_nothing_counts_as_sent(post, mei):
    await post.queue("same")
    await post.delivery.deliver_once()
    post.facts["manner"] = {"method": "edit", "edit_message_id": mei.last.id}
    post.facts["other_words"] = {"again": "same"}
    await post.queue("again")
    await post.delivery.deliver_once()
    row = await post.row("again")
    assert (row.state, row.message_id) == ("sent", mei.last.id)


@pytest.mark.parametrize(("if_gone", "state", "copies"), [("nothing", "skipped", 0), ("send", "sent", 1)])
async def test_where_the_message_to_edit_is_gone(post, mei, if_gone, state, copies):
    post.facts["manner"] = {"method": "edit", "edit_message_id": 99_999, "if_gone": if_gone}
    await post.queue("edit")
    await post.delivery.deliver_once()
    assert await post.state("edit") == state
    assert len(post.sent(mei.id)) == copies


async def test_what_is_no_longer_true_is_not_sent(post, mei):
    post.facts["untrue"] = {"moved"}
    await post.queue("moved")
    await post.delivery.deliver_once()
    assert await post.state("moved") == "skipped"
    assert not post.sent()


async def test_p06_what_is_stale_is_never_sent_though_telegram_was_away_for_long(post, mei, world, clock):
    world.faults.add(kind="429", retry_after=3600)
    await post.queue("stale", expires_in=1800)
    await post.delivery.deliver_once()
    clock.set(clock.now() + timedelta(hours=2))
    await post.delivery.deliver_once()
    assert await post.state("stale") == "expired"
    assert not post.sent()


async def test_p06_what_goes_stale_while_it_waits_for_its_turn_is_not_sent(post, mei):
    for n in range(5):
        await post.queue(f"burst {n}", expires_in=1)
    await post.deliver_all()
    states = [await post.state(f"burst {n}") for n in range(5)]
    # Three go at once, and a chat gets one more a second: by then the other two are stale.
    assert states == ["sent"] * 3 + ["expired"] * 2
    assert len(post.sent(mei.id)) == 3


async def test_the_facts_are_looked_at_again_when_a_message_had_to_wait(post, mei, clock):
    for n in range(4):
        await post.queue(f"burst {n}")
    await post.queue("late")

    async def change(*_):
        post.facts["other_words"] = {"late": "in other words"}

    real = clock.sleep

    async def sleep(seconds):
        await real(seconds)
        await change()

    clock.sleep = sleep
    await post.deliver_all()
    assert "<b>in other words</b>" in post.sent(mei.id)
    assert "<b>late</b>" not in post.sent(mei.id)
    assert (await post.row("late")).text == "<b>in other words</b>"


async def test_a_429_costs_nothing_but_time(post, mei, world, clock):
    world.faults.add(kind="429", retry_after=7)
    await post.queue("refused")
    await post.delivery.deliver_once()
    row = await post.row("refused")
    assert row.state == "queued"
    assert row.repeats == 0
    assert timedelta(seconds=6) < row.not_before - clock.now() <= timedelta(seconds=7)
    await post.deliver_all()
    assert post.sent() == ["<b>refused</b>"]


@pytest.fixture
async def unplugged(application, monkeypatch):
    """Take the network away; to be called, it gives it back."""

    async def unreachable(*_, **more):
        raise ClientConnectorError(
            ConnectionKey("bots.example", 443, True, True, None, None, None), OSError()
        )

    with monkeypatch.context() as patch:
        patch.setattr(TCPConnector, "connect", unreachable)
        yield patch.undo


async def test_a_connect_error_is_tried_again_with_growing_pauses(post, mei, unplugged, clock):
    """Twice the message itself; from then on a small question asks, and the message stays as it is."""
    await post.queue("unplugged", priority=PAGE)
    for _ in range(2):
        await post.delivery.deliver_once()
        row = await post.row("unplugged")
        assert (row.state, row.repeats) == ("queued", 0)
        assert 0 < (row.not_before - clock.now()).total_seconds() <= 2
        clock.set(row.not_before)
    pauses = []
    for _ in range(8):
        asks_at = post.delivery._line.asks_at
        pauses.append((asks_at - clock.now()).total_seconds())
        clock.set(max(asks_at, clock.now()))
        assert await post.delivery.deliver_once() == 0
    assert pauses[0] <= 1 < 5 <= pauses[-1] <= 10
    assert await post.row("unplugged") == row
    unplugged()
    clock.set(post.delivery._line.asks_at)
    await post.delivery.deliver_once()
    assert post.sent() == ["<b>unplugged</b>"]


async def test_without_a_network_the_second_channel_works_and_afterwards_what_is_urgent_goes_first(
    post, mei, study, application, unplugged, clock
):
    class Second:
        texts: ClassVar[list[str]] = []

        async def send(self, text):
            self.texts.append(text)
            return [Fate("sms")]

    both = make_post(study, post.world, application, second=Second(), in_flight=1)
    for key, priority in (("news", 3), ("reminder", 2), ("note", 1)):
        await post.queue(key, priority=priority)
    for _ in range(3):
        clock.set(clock.now() + timedelta(seconds=2))
        await both.delivery.deliver_once()
    await post.queue("page", priority=PAGE)
    async with study.db.begin() as tx:
        line = Intent("line", "note", 0, None, {"words": "page"}, channel="second")
        await outbox.enqueue(tx, line, clock.now())
        # What waits by another way is due now, not when the line is asked for.
        assert await both.delivery.next_event_at(tx) == clock.now()
    await both.delivery.deliver_once()
    assert Second.texts == ["page\npage"]
    for _ in range(60):
        async with study.db.begin() as tx:
            clock.set(await both.delivery.next_event_at(tx))
        await both.delivery.deliver_once()
    assert not post.sent()
    unplugged()
    for _ in range(8):
        async with study.db.begin() as tx:
            clock.set(max(clock.now(), await both.delivery.next_event_at(tx) or clock.now()))
        await both.delivery.deliver_once()
    assert post.sent(mei.id) == ["<b>page</b>", "<b>note</b>", "<b>reminder</b>", "<b>news</b>"]


@pytest.mark.parametrize("clock", [False], indirect=True)
async def test_live_a_line_that_was_cut_is_asked_for_until_it_is_back(post, mei, unplugged, clock):
    await post.queue("page", priority=PAGE)
    running = await _run(post.delivery)
    await until(lambda: post.delivery._line.is_cut, clock)
    for _ in range(30):
        await clock.push(timedelta(seconds=1))
    assert (await post.row("page")).attempts == 2
    unplugged()
    at = clock.now()
    await until(post.sent, clock)
    assert clock.now() - at < timedelta(seconds=11)
    await post.delivery.stop()
    await running


@pytest.mark.parametrize("fault", ["reset_after", "500", "502"])
async def test_p08_a_reminder_that_perhaps_arrived_goes_once_more_and_never_a_third_time(
    post, mei, world, fault
):
    world.faults.add(kind=fault, method="sendMessage", times=None)
    await post.queue("reminder", priority=2)
    await post.deliver_all()
    row = await post.row("reminder")
    assert (row.state, row.repeats) == ("uncertain", 1)
    tried = [call for call in world.calls if call.method == "sendMessage"]
    assert len(tried) == 2
    assert len([m for m in mei.messages if m.from_bot]) == (2 if fault == "reset_after" else 0)


async def test_p08_the_second_copy_is_known_to_be_a_repeat_and_may_be_withheld(post, mei, world):
    world.faults.add(kind="reset_after", method="sendMessage")
    await post.queue("reminder", priority=2)
    await post.delivery.deliver_once()
    assert (await post.row("reminder")).repeats == 1
    post.facts["untrue"] = {"reminder"}  # its button was used
    await post.deliver_all()
    assert await post.state("reminder") == "skipped"
    assert len([m for m in mei.messages if m.from_bot]) == 1


async def test_a_page_that_perhaps_arrived_goes_again_until_it_is_answered(post, mei, world):
    world.faults.add(kind="reset_after", method="sendMessage", times=4)
    await post.queue("page", priority=PAGE)
    await post.deliver_all()
    row = await post.row("page")
    assert (row.state, row.repeats) == ("sent", 4)


async def test_a_broadcast_that_perhaps_arrived_is_uncertain_and_not_sent_again(post, mei, world):
    world.faults.add(kind="500", method="sendMessage")
    await post.queue("news", priority=3)
    await post.deliver_all()
    assert await post.state("news") == "uncertain"
    assert not post.sent()


async def test_who_blocked_the_bot_is_told_of_at_once(post, mei):
    mei.block()
    await post.queue("blocked")
    await post.delivery.deliver_once()
    assert await post.state("blocked") == "failed"
    assert post.unreachable == [PersonRef("staff", 1)]
    assert [key for key, _ in post.failed] == ["blocked"]


async def test_whose_account_is_gone_and_who_never_joined_are_unreachable_too(post, mei):
    mei.deactivate()
    await post.queue("gone")
    await post.queue("nobody", to=77)
    await post.deliver_all()
    assert sorted(person.id for person in post.unreachable) == [1, 77]


@pytest.mark.parametrize(
    "said",
    ["Chat not found", "user not found", "PEER_ID_INVALID", "Forbidden: user is deactivated"],
)
def test_a_400_that_says_that_nobody_is_there_is_no_fault_of_the_message(said):
    assert outcome_of(BadRequest(said)) == Unreachable(said)
    assert outcome_of(BadRequest("can't parse entities")) == Refused("can't parse entities")


async def test_a_400_goes_once_more_as_plain_text(post, mei, world, monkeypatch):
    real, refused = application_send(post), []

    async def send_message(self, chat_id, text, **more):
        if more["parse_mode"]:
            refused.append(text)
            raise BadRequest("Can't parse entities: unsupported start tag")
        return await real(self, chat_id, text, **more)

    monkeypatch.setattr(type(post.delivery._attempt._bot), "send_message", send_message)
    await post.queue("a < b & c")
    await post.delivery.deliver_once()
    assert refused == ["<b>a &lt; b &amp; c</b>"]
    assert mei.last.text == "a < b & c"
    assert (await post.row("a < b & c")).text == "a < b & c"


async def test_a_message_that_is_too_long_is_cut_rather_than_lost(post, mei):
    post.facts["other_words"] = {"long": "字" * 5000}
    await post.queue("long")
    await post.delivery.deliver_once()
    assert await post.state("long") == "sent"
    assert len(mei.last.text) == 4096


async def test_a_400_to_the_plain_text_too_is_set_aside_and_told(post, mei, monkeypatch):
    async def send_message(self, *_, **__):
        raise BadRequest("something is wrong with this")

    monkeypatch.setattr(type(post.delivery._attempt._bot), "send_message", send_message)
    await post.queue("wrong")
    await post.delivery.deliver_once()
    assert await post.state("wrong") == "failed"
    assert [key for key, _ in post.failed] == ["wrong"]


async def test_a_group_that_became_a_supergroup_keeps_its_new_id_and_gets_the_message(
    post, world, mei, db, clock
):
    group = world.add_group("Staff", [mei], kind="group")
    async with db.begin() as tx:
        await links.link(tx, PersonRef("staff", 2), group.id, clock.now())
    target = world.migrate(group)
    await post.queue("moved", to=2)
    await post.delivery.deliver_once()
    assert await post.state("moved") == "sent"
    async with db.begin() as tx:
        assert await links.chat_of(tx, PersonRef("staff", 2)) == target.id


async def test_a_chat_that_moves_for_ever_is_given_up(post, mei, monkeypatch):
    async def send_message(self, *_, **__):
        raise ChatMigrated(-100123)

    monkeypatch.setattr(type(post.delivery._attempt._bot), "send_message", send_message)
    await post.queue("moving")
    await post.delivery.deliver_once()
    assert await post.state("moving") == "failed"


async def test_a_refused_token_holds_messages_back_and_loses_none(post, mei, world, clock):
    true = world.bot
    world.bot = replace(true, token="4200000001:another-token-that-is-quite-long")
    await post.queue("held")
    await post.delivery.deliver_once()
    assert await post.state("held") == "queued"
    world.bot = true
    await post.deliver_all()
    assert await post.state("held") == "sent"


async def test_a_renderer_that_cannot_is_tried_three_times_and_blocks_nobody(post, mei):
    await post.queue("broken", priority=PAGE)
    await post.queue("whole", priority=3)
    await post.deliver_all()
    assert await post.state("broken") == "failed"
    assert await post.state("whole") == "sent"
    assert post.failed == [("broken", "ValueError")]


async def test_a_kind_that_nobody_writes_is_set_aside(post, mei):
    await post.queue("odd", kind="no such kind")
    await post.deliver_all()
    assert await post.state("odd") == "failed"


async def test_what_follows_a_message_may_fail_without_the_message_going_out_again(post, mei):
    post.facts["bad_follow"] = {"hello"}
    await post.queue("hello")
    await post.deliver_all()
    assert await post.state("hello") == "sent"
    assert post.sent() == ["<b>hello</b>"]


async def test_a_database_that_is_locked_when_it_settles_is_waited_for(post, mei, monkeypatch):
    real, times = dispatch.settle_sent, iter([True] * 4)

    async def locked(*args, **more):
        if next(times, False):
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
        return await real(*args, **more)

    monkeypatch.setattr("bot.transport.settling.dispatch.settle_sent", locked)
    await post.queue("hello")
    await post.delivery.deliver_once()
    assert await post.state("hello") == "sent"
    assert post.sent() == ["<b>hello</b>"]


async def test_the_second_channel_has_its_own_way_out(post, study, application, db, clock):
    class Second:
        texts: ClassVar[list[str]] = []

        async def send(self, text):
            self.texts.append(text)
            return [Fate("sms"), Fate("mail", "not taken")]

    with_second = make_post(study, post.world, application, second=Second())
    for key in ("mail", "lost mail"):
        intent = Intent(key, "note", 0, None, {"words": key}, channel="second")
        async with db.begin() as tx:
            await outbox.enqueue(tx, intent, clock.now())
        if key == "mail":
            await with_second.delivery.deliver_once()
    await post.delivery.deliver_once()
    assert Second.texts == ["mail\nmail"]
    assert (await post.state("mail"), await post.state("lost mail")) == ("sent", "failed")


@pytest.mark.parametrize(("priority", "state"), [(0, "queued"), (2, "queued"), (3, "uncertain")])
async def test_what_was_in_hand_when_the_program_died_counts_as_perhaps_sent(
    post, mei, db, clock, priority, state
):
    await post.queue("in hand", priority=priority)
    async with db.begin() as tx:
        assert await dispatch.claim(tx, clock.now(), 1, LEASE)
    await post.delivery.release_leases()
    assert await post.state("in hand") == state


async def test_a_claim_that_was_lost_meanwhile_overwrites_nothing(post, mei, db, clock):
    await post.queue("twice")
    async with db.begin() as tx:
        claimed = await dispatch.claim(tx, clock.now(), 1, LEASE)
    await post.delivery.release_leases()
    await post.delivery._settle(claimed[0], Sent("sendMessage", 5, "late news"))
    assert await post.state("twice") == "queued"
    assert not post.followed


async def _run(delivery: Delivery):
    running = asyncio.ensure_future(delivery.run())
    await asyncio.sleep(0)
    return running


async def test_live_what_is_queued_goes_out_without_being_asked(post, mei):
    running = await _run(post.delivery)
    await post.queue("later")
    await until(lambda: post.sent() or running.done())
    await post.delivery.stop()
    await running
    assert await post.state("later") == "sent"
    assert post.delivery.last_beat_at is not None


@pytest.mark.parametrize("clock", [False], indirect=True)
async def test_stopping_finishes_what_is_in_hand_and_gives_back_what_only_waits_for_its_turn(
    post, mei, monkeypatch, clock
):
    monkeypatch.setattr("bot.transport.delivery._STOP_SECONDS", 0.05)
    for n in range(5):
        await post.queue(f"burst {n}")
    running = await _run(post.delivery)
    await until(lambda: len(post.sent()) == 3, clock)
    await post.delivery.stop()  # the fourth and the fifth wait for their chat, and time stands still
    await running
    rows = [await post.row(f"burst {n}") for n in range(5)]
    assert sorted(row.state for row in rows) == ["queued"] * 2 + ["sent"] * 3
    assert {row.repeats for row in rows} == {0}


@pytest.mark.parametrize("clock", [False], indirect=True)
async def test_stopping_waits_for_the_answer_to_a_call_that_is_out(post, mei, world, clock):
    world.faults.add(kind="delay", method="sendMessage", seconds=3)
    await post.queue("slow")
    running = await _run(post.delivery)
    await until(lambda: not world.faults.waiting, clock)
    stopping = asyncio.ensure_future(post.delivery.stop())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not stopping.done()
    await clock.push(timedelta(seconds=3))
    await stopping
    await running
    row = await post.row("slow")
    assert (row.state, row.repeats) == ("sent", 0)


@pytest.mark.parametrize("clock", [False], indirect=True)
async def test_p09_a_page_overtakes_a_thousand_broadcasts_and_a_429_elsewhere(
    post, mei, world, db, clock, monkeypatch
):
    crowd = []
    async with db.begin() as tx:
        for n in range(10, 210):
            person = world.add_person(f"P{n}")
            person.start()
            crowd.append(person)
            await links.link(tx, PersonRef("staff", n), person.id, clock.now())
        intents = [
            Intent(f"news {n} {m}", "note", 3, PersonRef("staff", n), {"words": f"news {n}"})
            for n in range(10, 210)
            for m in range(5)
        ]
        assert await outbox.enqueue_many(tx, intents, clock.now()) == 1000
    world.faults.add(kind="429", method="sendMessage", chat_id=crowd[3].id, retry_after=30)
    running = await _run(post.delivery)
    await until(lambda: len(post.sent()) >= 40, clock)
    before, at = len(post.sent()), clock.monotonic()
    await post.queue("page", priority=PAGE)
    await until(lambda: "<b>page</b>" in post.sent(mei.id), clock)
    assert clock.monotonic() - at < 1
    assert len(post.sent()) - before < 30
    monkeypatch.setattr("bot.transport.delivery._STOP_SECONDS", 0.05)
    await post.delivery.stop()
    await running


@pytest.mark.parametrize("clock", [False], indirect=True)
async def test_p09_a_page_goes_out_though_every_other_way_out_hangs(post, mei, world, clock, monkeypatch):
    """Six calls are never answered; a page has a way of its own, which nothing else can fill."""
    for n in range(10, 16):
        person = world.add_person(f"P{n}")
        person.start()
        await post.link(person, n)
        await post.queue(f"news {n}", to=n, priority=3)
    world.faults.add(kind="hang", method="sendMessage", times=6)
    running = await _run(post.delivery)
    await until(lambda: not world.faults.waiting, clock)
    await post.queue("page", priority=PAGE)
    await until(lambda: "<b>page</b>" in post.sent(mei.id), clock)
    # Not because one of them was given up at last.
    assert [await post.state(f"news {n}") for n in range(10, 16)] == ["sending"] * 6
    monkeypatch.setattr("bot.transport.delivery._STOP_SECONDS", 0.05)
    await post.delivery.stop()
    await running


def application_send(post):
    return type(post.delivery._attempt._bot).send_message
