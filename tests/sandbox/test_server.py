"""The HTTP side: methods of transport, tokens, files."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.limits import Limits
from bot.sandbox.server import BotApi, listening, serve
from bot.sandbox.world import World


@pytest.fixture
async def http(base_url):
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
def path(world):
    return f"/bot{world.bot.token}"


async def test_parameters_come_by_query_by_form_by_json_and_by_parts(http, path, wang):
    params = {"chat_id": str(wang.id), "text": "你好 & 😀"}
    answers = [
        await http.get(f"{path}/sendMessage", params=params),
        await http.post(f"{path}/sendMessage", params=params),
        await http.post(f"{path}/sendMessage", data=params),
    ]
    wang.core.limits.chat_per_second = None
    answers += [
        await http.post(f"{path}/sendMessage", json={**params, "parse_mode": None}),
        await http.post(f"{path}/sendMessage", files={key: (None, value) for key, value in params.items()}),
    ]
    assert [answer.json()["result"]["text"] for answer in answers] == ["你好 & 😀"] * 5
    assert answers[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"[1]", b"{", b"7"])
async def test_a_json_body_that_is_no_object_is_refused(http, path, body):
    answer = await http.post(f"{path}/getMe", content=body, headers={"content-type": "application/json"})
    assert answer.json()["description"] == "Bad Request: can't parse request body: Object expected"


@pytest.mark.parametrize(
    ("wrong", "code", "description"),
    [
        ("/bot4200000001:another-token/getMe", 401, "Unauthorized"),
        ("/bottoken/getMe", 404, "Not Found"),
        ("/bot/getMe", 404, "Not Found"),
        ("/", 404, "Not Found"),
        ("/file/bot4200000001:another-token/photos/file_1.jpg", 401, "Unauthorized"),
    ],
)
async def test_a_wrong_token_or_path_is_refused_as_telegram_does(http, wrong, code, description):
    answer = await http.get(wrong)
    assert answer.json() == {"ok": False, "error_code": code, "description": description}
    assert answer.status_code == code


async def test_a_file_is_served_under_the_path_that_get_file_names(http, path, world, wang):
    wang.send_document(b"\x00\x01", "a b.bin")
    update = world.updates.head(1)[0]
    file_id = update["message"]["document"]["file_id"]
    named = (await http.get(f"{path}/getFile", params={"file_id": file_id})).json()["result"]
    assert (await http.get(f"/file{path}/{named['file_path']}")).content == b"\x00\x01"
    assert (await http.get(f"/file{path}/documents/none")).status_code == 404


async def test_refusals_say_after_how_many_seconds_to_try_again(http, path, world, wang):
    world.limits.chat_burst = 1
    await http.get(f"{path}/sendMessage", params={"chat_id": wang.id, "text": "1"})
    answer = await http.get(f"{path}/sendMessage", params={"chat_id": wang.id, "text": "2"})
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["parameters"] == {"retry_after": 1}


async def test_a_server_stops_while_a_poll_is_open(clock):
    world = World(clock)
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        async with serve(world) as url:
            poll = asyncio.create_task(client.get(f"{url}/bot{world.bot.token}/getUpdates?timeout=50"))
            async with asyncio.timeout(5):
                while not world.updates.polled:  # noqa: ASYNC110 - the server tells nobody that somebody waits
                    await asyncio.sleep(0)
        async with asyncio.timeout(5):
            with pytest.raises(httpx.HTTPError):
                (await poll).raise_for_status()


async def test_two_worlds_are_served_side_by_side(clock):
    one, two = World(clock), World(clock, limits=Limits())
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        async with serve(one) as first, serve(two) as second:
            assert first != second
            answer = await client.get(f"{second}/bot{two.bot.token}/getMe")
            assert answer.json()["result"]["id"] == two.bot.id
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{first}/bot{one.bot.token}/getMe")


async def test_the_api_can_be_mounted_beside_other_pages(world, wang):
    app = Starlette(routes=[Mount("/telegram", BotApi(world))])
    async with listening(app) as url, httpx.AsyncClient(trust_env=False, verify=False) as client:
        send = f"{url}/telegram/bot{world.bot.token}/sendMessage"
        assert (await client.post(send, data={"chat_id": wang.id, "text": "一"})).json()["ok"]
        world.faults.add(kind="reset_after")
        with pytest.raises(httpx.TransportError):
            await client.post(send, data={"chat_id": wang.id, "text": "二"})
    assert [message.text for message in wang.messages[1:]] == ["一", "二"]


async def test_what_the_bot_called_is_remembered(ask, world, wang):
    await ask("sendMessage", chat_id=wang.id, text="一")
    await ask("sendMessage", chat_id=1, text="二")
    good, bad = world.calls
    assert (good.method, good.params["text"], good.ok, good.result["text"]) == (
        "sendMessage",
        "一",
        True,
        "一",
    )
    assert (bad.ok, bad.code, bad.description) == (False, 400, "Bad Request: chat not found")
