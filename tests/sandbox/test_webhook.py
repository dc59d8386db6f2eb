"""Webhook delivery: in order, with its secret, again until it is taken."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.clock import PushedClock
from bot.sandbox.server import listening


class Receiver:
    """A bot's end of a webhook, which refuses while `status` is not 200."""

    def __init__(self):
        self.status = 200
        self.url = ""
        self.got = []
        self.secrets = []

    async def __call__(self, scope, receive, send):
        body = (await receive())["body"]
        headers = dict(scope["headers"])
        self.secrets.append(headers.get(b"x-telegram-bot-api-secret-token"))
        if self.status == 200:
            self.got.append(json.loads(body)["message"]["text"])
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def clock(clock):
    """A clock on which whoever pauses waits for a push."""
    return PushedClock(clock.now(), jump=False)


@pytest.fixture
async def receiver():
    app = Receiver()
    async with listening(app) as url:
        app.url = url
        yield app


async def settled(world):
    async with asyncio.timeout(5):
        await world.webhook.settle()


async def test_updates_are_posted_in_their_order_with_the_secret(ask, world, wang, receiver):
    wang.say("一")
    await ask("setWebhook", url=f"{receiver.url}/hook", secret_token="s3-cret")
    wang.say("二")
    wang.say("三")
    await settled(world)
    assert receiver.got == ["一", "二", "三"]
    assert set(receiver.secrets) == {b"s3-cret"}
    assert world.pending_updates() == 0


async def test_without_a_secret_no_header_is_sent(ask, world, wang, receiver):
    await ask("setWebhook", url=receiver.url)
    wang.say("一")
    await settled(world)
    assert receiver.secrets == [None]


async def test_what_is_refused_comes_again_first_and_the_error_is_told(ask, world, wang, receiver, clock):
    receiver.status = 403
    await ask("setWebhook", url=receiver.url)
    wang.say("一")
    wang.say("二")
    await settled(world)
    info = (await ask("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"
    assert info["pending_update_count"] == 2
    receiver.status = 200
    await clock.push(timedelta(seconds=2))
    await settled(world)
    assert receiver.got == ["一", "二"]


async def test_a_receiver_that_is_away_gets_everything_later(ask, world, wang, clock):
    app = Receiver()
    async with listening(app) as url:
        pass
    await ask("setWebhook", url=url)
    wang.say("一")
    await settled(world)
    assert "Connection failed" in (await ask("getWebhookInfo"))["result"]["last_error_message"]
    async with listening(app, port=int(url.rpartition(":")[2])):
        await clock.push(timedelta(seconds=2))
        await settled(world)
    assert app.got == ["一"]


async def test_after_it_is_deleted_updates_are_polled_again(ask, world, wang, receiver):
    await ask("setWebhook", url=receiver.url)
    await ask("deleteWebhook")
    wang.say("一")
    await settled(world)
    assert receiver.got == []
    assert len((await ask("getUpdates"))["result"]) == 1


async def test_a_new_webhook_may_drop_what_waits(ask, world, wang, receiver):
    wang.say("一")
    await ask("setWebhook", url=receiver.url, drop_pending_updates=True, allowed_updates=["message"])
    wang.say("二")
    wang.block()
    await settled(world)
    assert receiver.got == ["二"]
    assert (await ask("getWebhookInfo"))["result"]["allowed_updates"] == ["message"]
