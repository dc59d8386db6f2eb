"""The second channel through Apprise, to a gateway on loopback; nothing that it says holds an address."""

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.channels.second import Fate, SecondChannel, second_channel, split_addresses
from bot.clock import PushedClock
from bot.sandbox.gateway import Gateway
from bot.sandbox.server import listening

SECRET = "hunter2-very-secret"


@pytest.fixture
def gateway():
    return Gateway(PushedClock(datetime(2026, 12, 1, tzinfo=UTC)))


def with_secret(address):
    return address.replace("json://", f"json://site:{SECRET}@")


async def test_a_text_arrives_at_every_address(gateway):
    async with gateway.open() as one:
        channel = SecondChannel(f"{one}, {with_secret(one)}")
        fates = await channel.send("🔴 红色 · 001\n🔴 RED · 001")
    assert [each.arrived for each in fates] == [True, True]
    assert gateway.texts == ["🔴 红色 · 001\n🔴 RED · 001"] * 2


async def test_one_address_that_fails_does_not_hold_up_the_other(gateway):
    async with gateway.open() as good:
        fates = await SecondChannel(f"json://127.0.0.1:1/{SECRET} {good}").send("test")
    assert fates == (Fate("json", "not taken"), Fate("json"))
    assert gateway.texts == ["test"]


async def test_a_gateway_that_is_down_is_a_fate_and_no_error(gateway):
    gateway.broken = True
    async with gateway.open() as address:
        assert await SecondChannel(address).send("test") == (Fate("json", "not taken"),)


async def test_a_gateway_that_never_answers_costs_no_longer_than_the_timeout():
    async def silent(scope, receive, send):
        await asyncio.Event().wait()

    async with listening(silent) as url:
        channel = SecondChannel(f"{url.replace('http', 'json')}/?rto=0.3&cto=0.3", timeout_seconds=0.05)
        loop_was_free = asyncio.create_task(asyncio.sleep(0))
        assert await channel.send("test") == (Fate("json", "no answer in time"),)
        assert loop_was_free.done()


async def test_no_password_stands_in_a_fate_a_problem_or_a_log(caplog, gateway):
    caplog.set_level(logging.DEBUG)
    channel = SecondChannel(f"json://site:{SECRET}@127.0.0.1:1/{SECRET} nonsense://{SECRET}")
    fates = await channel.send("test")
    said = " ".join([str(fates), str(channel.problems), caplog.text, repr(channel)])
    assert SECRET not in said
    assert "address 2 (nonsense://…) is none that Apprise knows" in channel.problems[0]


async def test_a_plugin_that_raises_is_told_by_the_name_of_its_error_alone():
    class Broken:
        def notify(self, body):
            raise ValueError(f"cannot reach https://{SECRET}")

    channel = SecondChannel("json://127.0.0.1:1")
    object.__setattr__(channel._addresses[0], "plugin", Broken())
    assert await channel.send("test") == (Fate("json", "ValueError"),)


@pytest.mark.parametrize(
    ("setting", "addresses"),
    [
        ("", ()),
        (" , ", ()),
        ("mailto://a:b@c.d?to=x@y.z,v@w.x", ("mailto://a:b@c.d?to=x@y.z,v@w.x",)),
        ("json://a,\n xmls://b json://c", ("json://a", "xmls://b", "json://c")),
    ],
)
def test_addresses_are_parted_where_a_scheme_begins(setting, addresses):
    assert split_addresses(setting) == addresses
    assert (second_channel(setting) is None) == (not addresses)
