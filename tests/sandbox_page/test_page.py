"""The page's routes: what it tells, what it does, and whom it refuses."""

import asyncio
import base64
import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.sandbox import page as page_package
from bot.sandbox.calls import carry_out
from bot.sandbox.page.feed import Feed
from bot.sandbox.page.routes import Page, page_at
from bot.sandbox.stage import Stage, saved_instant
from bot.sandbox.tickingclock import TickingClock
from bot.sandbox.walking import BotHooks
from bot.sandbox.world import World
from bot.services import messages
from tests.sandbox_page.diary import DiaryBot, HandClock

START = datetime(2026, 12, 1, tzinfo=UTC)
ASKS = {"X-Suifang": "page", "Content-Type": "application/json"}
PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
).decode()


@pytest.fixture
def clock():
    return TickingClock(START, machine=HandClock(START), running=False)


@pytest.fixture
def bot(clock):
    return DiaryBot(clock, [START + timedelta(hours=3)])


@pytest.fixture
def stage(clock, bot):
    return Stage(World(clock), clock, bot.hooks)


@pytest.fixture
def person(stage):
    return stage.add_phone("王秀兰", "participant", "zh", code="001")


@pytest.fixture
async def browser(stage):
    transport = httpx.ASGITransport(Page(stage).app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8088") as client:
        yield client


async def ask(browser, path, **body):
    return await browser.post(f"/api/{path}", headers=ASKS, content=json.dumps(body))


async def send(stage, person, text, **more):
    return await carry_out(stage.world, "sendMessage", {"chat_id": person.id, "text": text, **more})


def events_of(text):
    """Return what a stream of events says, as (name, id, data)."""
    blocks = [block for block in text.split("\n\n") if block.startswith("event:")]
    return [tuple(line.partition(": ")[2] for line in block.split("\n")) for block in blocks]


# --- who may ask ----------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::", ""])
async def test_a_name_that_is_not_this_machine_is_refused(browser, host):
    assert (await browser.get("/", headers={"Host": host})).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8088", "[::1]:8088", "127.0.0.1"])
async def test_each_name_of_this_machine_is_served(browser, host):
    assert (await browser.get("/", headers={"Host": host})).status_code == 200


async def test_a_caller_from_another_machine_is_refused(stage):
    transport = httpx.ASGITransport(Page(stage).app, client=("192.0.2.7", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8088") as client:
        assert (await client.get("/")).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"X-Suifang": "page", "Content-Type": "text/plain"},
        {**ASKS, "Origin": "https://evil.example"},
        {**ASKS, "Origin": "http://127.0.0.1:9999"},
        {**ASKS, "Origin": "null"},
    ],
)
async def test_another_site_can_do_nothing(browser, stage, person, headers):
    answer = await browser.post(f"/api/phones/{person.id}/start", headers=headers, content="{}")
    assert answer.status_code == 403
    assert not stage.person(person.id).account.started


async def test_the_page_may_load_from_itself_only(browser):
    policy = (await browser.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


# --- what a hand does -------------------------------------------------------------


async def test_a_phone_starts_types_and_taps(browser, stage, person):
    await ask(browser, f"phones/{person.id}/start", payload="AbC-1")
    await ask(browser, f"phones/{person.id}/say", text="你好")
    assert [message.text for message in stage.person(person.id).messages] == ["/start AbC-1", "你好"]
    keyboard = {"inline_keyboard": [[{"text": "来", "callback_data": "come:1"}]]}
    sent = await send(stage, person, "来吗？", reply_markup=keyboard)
    await ask(browser, f"phones/{person.id}/tap", data="come:1", message_id=sent["message_id"])
    assert stage.world.updates.head(9)[-1]["callback_query"]["data"] == "come:1"


async def test_a_button_that_the_phone_does_not_show_cannot_be_tapped(browser, stage, person):
    person.start()
    sent = await send(stage, person, "plain")
    answer = await ask(browser, f"phones/{person.id}/tap", data="forged", message_id=sent["message_id"])
    assert answer.status_code == 409
    assert "no button" in answer.json()["error"]


async def test_a_photo_is_sent_and_can_be_looked_at(browser, stage, person):
    person.start()
    await ask(
        browser, f"phones/{person.id}/file", kind="photo", name="a.png", type="image/png", content=PIXEL
    )
    photo = stage.person(person.id).messages[-1].photo
    assert photo is not None
    answer = await browser.get(f"/files/{photo.file_id}")
    assert answer.headers["content-type"] == "image/png"
    assert base64.b64encode(answer.content).decode() == PIXEL


async def test_a_web_page_sent_as_a_document_is_only_ever_saved(browser, stage, person):
    person.start()
    content = base64.b64encode(b"<script>alert(1)</script>").decode()
    await ask(
        browser, f"phones/{person.id}/file", kind="document", name="x.html", type="text/html", content=content
    )
    document = stage.person(person.id).messages[-1].document
    assert document is not None
    answer = await browser.get(f"/files/{document.file_id}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


async def test_the_switches_block_cut_off_and_translate(browser, stage, person):
    person.start()
    await ask(browser, f"phones/{person.id}/switch", blocked=True, offline=True, device_language="en")
    account = stage.person(person.id).account
    assert (account.blocked, account.online, account.language_code) == (True, False, "en")
    await ask(browser, f"phones/{person.id}/switch", blocked=False, offline=False)
    assert (account.blocked, account.online) == (False, True)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("phones/1/say", {"text": "x"}, 404),
        ("phones/{id}/fly", {}, 404),
        ("phones/{id}/say", {"text": ""}, 409),
        ("phones/{id}/file", {"kind": "photo", "name": "x", "content": "###"}, 400),
        ("phones/{id}/file", {"kind": "photo", "name": "x", "content": "AAAA"}, 409),
        ("phones/{id}/switch", {"device_language": "tlh"}, 400),
        ("phones", {"name": " ", "role": "participant", "reads": "zh"}, 400),
        ("phones", {"name": "X", "role": "king", "reads": "zh"}, 400),
        ("clock", {"do": "back"}, 404),
        ("clock", {}, 404),
        ("clock", {"do": "play", "speed": None}, 400),
        ("clock", {"do": "play", "speed": -1}, 400),
    ],
)
async def test_what_cannot_be_done_is_said(browser, person, path, body, status):
    answer = await ask(browser, path.format(id=person.id), **body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_a_new_phone_comes_with_its_join_link(clock):
    async def invite(role: str, reads: str, name: str) -> tuple[str, str]:
        return f"https://t.me/bot?start={role}-{reads}", "004"

    stage = Stage(World(clock), clock, BotHooks(invite=invite))
    await stage.add_newcomer("新人", "coordinator", "both")
    assert [(phone.invitation, phone.code) for phone in stage.phones.values()] == [
        ("https://t.me/bot?start=coordinator-both", "004")
    ]


async def test_the_clock_is_pushed_to_the_next_event_and_by_the_hour(browser, stage, bot):
    await ask(browser, "clock", do="hour")
    await stage.walked()
    assert stage.clock.now() == START + timedelta(hours=1)
    await ask(browser, "clock", do="next")
    await stage.walked()
    assert bot.done == [(START + timedelta(hours=3), START + timedelta(hours=3))]


async def test_a_push_waits_for_what_the_bot_has_not_fetched_yet(stage, person):
    person.start()
    stage.push_by(timedelta(hours=1))
    await asyncio.sleep(0)
    assert stage.clock.now() == START
    stage.world.updates.forget_all()
    await stage.walked()
    assert stage.clock.now() == START + timedelta(hours=1)


async def test_a_second_push_waits_for_nobody_and_is_refused(browser, stage):
    first = await ask(browser, "clock", do="day")
    assert first.json()["ok"]
    assert not stage.push_by(timedelta(hours=1))
    await stage.walked()
    assert stage.clock.now() == START + timedelta(days=1)


async def test_a_bot_that_does_not_come_to_rest_is_told_and_stops_the_clock(stage, bot):
    bot.idle = True
    stage.clock.run(1)
    stage.push_by(timedelta(days=1))
    await stage.walked()
    assert stage.problem
    assert not stage.clock.running


# --- what the page is told -----------------------------------------------------------


async def test_the_page_is_told_the_whole_and_then_what_changed(stage, person):
    page = Page(stage)
    await page.refresh()
    stream = page.feed.read()
    name, first_id, data = events_of(await anext(stream))[0]
    whole = json.loads(data)
    assert name == "whole"
    assert whole[f"phone:{person.id}"]["code"] == "001"
    person.start()
    sent = await send(stage, person, "<b>您好</b>", parse_mode="HTML", protect_content=True)
    await page.refresh()
    name, second_id, data = events_of(await anext(stream))[0]
    change = json.loads(data)
    assert name == "change"
    message = change["set"][f"msg:{person.id}:{sent['message_id']}"]
    assert (message["text"], message["protected"]) == ("您好", True)
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert [value["method"] for key, value in change["set"].items() if key.startswith("call:")] == [
        "sendMessage"
    ]
    assert "order" not in change["set"]
    assert first_id != second_id


async def test_a_deleted_message_goes_from_the_page(stage, person):
    person.start()
    sent = await send(stage, person, "soon gone")
    page = Page(stage)
    await page.refresh()
    await carry_out(stage.world, "deleteMessage", {"chat_id": person.id, "message_id": sent["message_id"]})
    stream = page.feed.read()
    await anext(stream)
    await page.refresh()
    _, _, data = events_of(await anext(stream))[0]
    assert json.loads(data)["del"] == [f"msg:{person.id}:{sent['message_id']}"]


async def test_a_phone_without_network_shows_what_it_had(stage, person):
    person.start()
    person.offline()
    await send(stage, person, "unseen")
    person.say("later")
    page = Page(stage)
    await page.refresh()
    _, _, data = events_of(await anext(page.feed.read()))[0]
    whole = json.loads(data)
    shown = [value["text"] for key, value in whole.items() if key.startswith("msg:")]
    assert shown == ["/start"]
    assert whole[f"phone:{person.id}"]["waiting"] == ["later"]


async def test_an_unanswered_press_shows_until_it_is_answered(stage, person):
    person.start()
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    sent = await send(stage, person, "?", reply_markup=keyboard)
    query_id = person.tap("a")
    assert [tap["message_id"] for tap in stage.notes.waiting_taps(person.id)] == [sent["message_id"]]
    await carry_out(stage.world, "answerCallbackQuery", {"callback_query_id": query_id, "text": "已记下"})
    assert stage.notes.waiting_taps(person.id) == []


async def first_event(feed, last_id=None):
    return events_of(await anext(feed.read(last_id)))[0]


async def test_a_reader_that_comes_back_gets_what_it_missed_and_a_stranger_the_whole():
    feed = Feed("run")
    feed.publish({"a": 1})
    _, seen, _ = await first_event(feed)
    feed.publish({"a": 1, "b": 2})
    assert await first_event(feed, seen) == ("change", "run-2", '{"set":{"b":2},"del":[]}')
    for unknown in ("other-1", "run-99", "nonsense", None):
        assert (await first_event(feed, unknown))[0] == "whole"


async def test_a_reader_that_missed_too_much_gets_the_whole():
    feed = Feed("run")
    for number in range(300):
        feed.publish({"a": number})
    assert await first_event(feed, "run-2") == ("whole", "run-300", '{"a":299}')


def test_what_is_changed_in_place_is_told():
    feed, message = Feed("run"), {"text": "one"}
    assert feed.publish({"m": message})
    message["text"] = "two"
    assert feed.publish({"m": message})
    assert not feed.publish({"m": message})


async def test_the_page_is_served_on_loopback_streams_and_ends(stage, person):
    async with page_at(stage, 0) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        assert "text/html" in (await client.get("/")).headers["content-type"]
        async with client.stream("GET", "/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            chunks = stream.aiter_text()
            assert (await anext(chunks)).startswith("event: whole")
            person.start()
            assert f"msg:{person.id}:" in await anext(chunks)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_program(stage):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with page_at(stage, taken.getsockname()[1]):
            pytest.fail("it cannot be served")


async def test_a_step_of_the_story_that_was_done_stays_done(tmp_path, clock):
    done = {"checked_in"}

    async def milestones() -> frozenset[str]:
        return frozenset(done)

    world = World(clock, path=tmp_path / "world.db")
    stage = Stage(world, clock, BotHooks(milestones=milestones))
    newcomer = stage.add_phone("新人", "participant", "zh", invitation="https://t.me/x?start=1")
    stage.add_phone("别人", "participant", "zh", invitation="https://t.me/x?start=2").start("2")
    assert await stage.story() == {"checked_in"}
    newcomer.start("1")
    done.clear()
    assert await stage.story() == {"checked_in", "opened"}
    await world.close()
    again = World(clock, path=tmp_path / "world.db")
    assert await Stage(again, clock).story() == {"checked_in", "opened"}
    await again.close()


# --- a restart, the words, the files ---------------------------------------------------


async def test_phones_and_time_are_there_again_after_a_restart(tmp_path, clock):
    path = tmp_path / "world.db"
    assert saved_instant(path) is None
    stage = Stage(World(clock, path=path), clock)
    stage.add_phone("王秀兰", "participant", "zh", code="001", invitation="https://t.me/x?start=1")
    await stage.push_to(START + timedelta(days=2))
    await stage.close()
    await stage.world.close()
    assert saved_instant(path) == START + timedelta(days=2)
    again = Stage(World(clock, path=path), clock)
    assert [(phone.code, phone.invitation) for phone in again.phones.values()] == [
        ("001", "https://t.me/x?start=1")
    ]
    await again.world.close()


WORDS = json.loads((Path(page_package.__file__).parent / "words.json").read_text(encoding="utf-8"))


def test_every_word_of_the_page_is_there_in_both_languages():
    assert set(WORDS["en"]) == set(WORDS["zh"])
    assert all(text.strip() for words in WORDS.values() for text in words.values())


def test_both_languages_fill_in_the_same_values():
    def values(text):
        return {piece.partition("}")[0] for piece in text.split("{")[1:]}

    assert [key for key in WORDS["en"] if values(WORDS["en"][key]) != values(WORDS["zh"][key])] == []


def test_every_word_that_the_script_asks_for_is_known():
    static = Path(page_package.__file__).parent / "static"
    source = "".join(
        path.read_text(encoding="utf-8") for path in [*static.glob("*.js"), *static.glob("*.html")]
    )
    asked = set(re.findall(r'\b(?:say|phoneSay)\((?:phone, )?"(\w+)"', source))
    asked |= set(re.findall(r'data-(?:word|label)="(\w+)"', source))
    assert len(asked) > 40
    assert asked - set(WORDS["en"]) == set()


def test_every_kind_of_message_has_a_name_in_the_log():
    assert {f"kind_{kind}" for kind in messages.KINDS} <= set(WORDS["en"])


def test_the_page_asks_no_other_machine_for_anything():
    static = Path(page_package.__file__).parent / "static"
    for path in [*static.glob("*.css"), *static.glob("*.html")]:
        assert re.findall(r"(?:https?:)?//[a-z]", path.read_text(encoding="utf-8")) == []
