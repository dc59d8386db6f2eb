"""How quick the local Bot API is: a year of the trial is some 50,000 calls."""

import json
import time
from urllib.parse import urlencode

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.server import BotApi
from bot.sandbox.world import World

pytestmark = pytest.mark.bench
CALLS = 2000


async def test_a_call_takes_less_than_a_millisecond_of_the_server(clock):
    world = World(clock, limits=Limits(None, None, 1, None))
    person = world.add_person("王")
    person.start()
    app = BotApi(world)
    keys = {
        "inline_keyboard": [[{"text": "好", "callback_data": "a"}, {"text": "不", "callback_data": "b"}]] * 2
    }
    text = "<b>您好</b>，明天上午八点请来医院复诊，记得带上药盒。"
    form = {"chat_id": person.id, "text": text, "parse_mode": "HTML", "reply_markup": json.dumps(keys)}
    body = urlencode(form).encode()
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": [kind]}
    scope["path"] = f"/bot{world.bot.token}/sendMessage"

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        assert message.get("status", 200) == 200

    began = time.process_time()
    for _ in range(CALLS):
        await app(scope, receive, send)
    per_call = (time.process_time() - began) / CALLS
    assert per_call < 0.001
