"""Seven hours without a network: the second channel meanwhile, then by priority, nothing stale, no storm."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import httpx
from sqlalchemy import func, select
from telegram.error import NetworkError

from bot.domain.people import Role
from bot.sandbox.plainclient import PlainRequest
from bot.storage import outbox, tables
from tests.scenarios.test_broadcast import EN, ZH
from tests.scenarios.test_second_channel import SMS
from tests.scenarios.theatre import ZONE, Theatre, theatre

TODAY = date(2026, 12, 9)
BEFORE, AFTER = time(5, 59), time(13)


@contextmanager
def no_network(monkeypatch):
    """Let no connection come about: no byte of a request leaves the machine."""

    async def unreachable(*_, **more):
        raise NetworkError("ConnectError") from httpx.ConnectError("no route to host")

    with monkeypatch.context() as cut:
        cut.setattr(PlainRequest, "do_request", unreachable)
        yield


async def lives_on(house: Theatre, at: time) -> None:
    """Push the clock through every event of the bot while it hears nothing of Telegram."""
    app, clock, target = house.stage.app, house.stage.clock, datetime.combine(TODAY, at, ZONE)
    while (event := await app.next_event_at()) is not None and event <= target:
        clock.set(max(event, clock.now()))
        while await app.tick_once() + await app.delivery.deliver_once():
            continue
    clock.set(target)


async def plans_a_broadcast(house: Theatre, lin) -> None:
    """Let the coordinator plan a broadcast for ten o'clock of the next morning, to everybody."""
    lin.command("broadcast")
    await house.stage.settle()
    shown = lin.last.id
    for words in (ZH, EN):
        lin.say(words)
        await house.stage.settle()
    for label in (
        "All participants (3)",
        "🕒 Send at a time",
        "Wed, Dec 9",
        "10:00",
        "✅ Send on Dec 9 10:00",
    ):
        lin.tap(label, shown)
        await house.stage.settle()


async def queued_from(house: Theatre, at: datetime) -> list:
    async with house.stage.study.db.begin() as tx:
        return [each for each in await outbox.latest(tx, 5000) if each.created_at >= at]


async def test_cut_off_for_seven_hours_then_by_priority_nothing_stale_and_no_storm(monkeypatch):
    """Nobody has taken an alert when the network goes; a visit, reminders and a broadcast fall into it.

    It fails without priorities in the claim, without expiry, and where each message is tried for itself:
    then each comes back at an instant of its own, and there are ten thousand tries.
    """
    async with theatre(TODAY - timedelta(days=1), time(20), second=True) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        await house.staff("Zhao", Role.SUB_INVESTIGATOR, "en", on_call=True)
        crowd = [
            await house.joins(code, await house.enrol(code, day1_on, "en"), "en")
            for code, day1_on in (
                ("001", TODAY + timedelta(days=20)),
                ("002", TODAY),
                ("003", TODAY + timedelta(days=3)),
            )
        ]
        await plans_a_broadcast(house, lin)
        await house.until(TODAY, BEFORE)
        crowd[0].say("I can't breathe")
        await house.stage.settle()
        lost_at, already = house.stage.clock.now(), {p.id: len(house.letters(p)) for p in (lin, *crowd)}
        with no_network(monkeypatch):
            await lives_on(house, time(9))
            crowd[0].say("My chest hurts")  # Telegram keeps it
            await lives_on(house, AFTER)
        # Every five minutes from the tenth on, and nothing but tier and code.
        assert len(house.stage.gateway.texts) == 83
        assert set(house.stage.gateway.texts) == {SMS}
        assert {p.id: len(house.letters(p)) for p in (lin, *crowd)} == already
        back_at = house.stage.clock.now()
        await house.until(TODAY, time(13, 1))
        await it_drained_in_order(house, lost_at, back_at)
        news = {p.id: [text for _, text in house.letters(p)[already[p.id] :]] for p in (lin, *crowd)}
        # One page, not one for each of eighty rounds; and what was said meanwhile is heard.
        assert sum("RED · 001" in text and "Nobody has it yet" in text for text in news[lin.id]) == 1
        assert sum("read by a person" in text or "120" in text for text in news[crowd[0].id]) >= 1
        assert [sum(EN in text for text in news[p.id]) for p in crowd] == [1, 1, 1]
        assert not [text for text in news[crowd[1].id] if "today" in text.lower()]


async def it_drained_in_order(house: Theatre, lost_at: datetime, back_at: datetime) -> None:
    rows = await queued_from(house, lost_at)
    out = [m for m in rows if m.channel == "telegram" and m.sent_at is not None]
    waited = sorted(
        ((m.sent_at, m.priority) for m in out if m.created_at < back_at <= m.sent_at), key=lambda pair: pair
    )
    assert [priority for _, priority in waited] == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3]
    # The question whether it is back comes every ten seconds; a phone takes one message a second.
    assert waited[0][0] <= back_at + timedelta(seconds=10)
    assert waited[-1][0] <= back_at + timedelta(seconds=20)
    assert not [m.key for m in out if m.expires_at is not None and m.sent_at >= m.expires_at]
    stale = {m.key.split(":")[0] for m in rows if m.state == "expired"}
    assert stale >= {"page", "ask_help", "reminder", "checkin"}
    tries = select(func.count()).select_from(tables.attempts).where(tables.attempts.c.result == "retry")
    async with house.stage.study.db.begin() as tx:
        assert (await tx.execute(tries)).scalar_one() < 10
