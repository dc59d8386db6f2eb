"""The watcher: what it finds, whom it tells, and what it says to machines."""

import asyncio
import shutil
import socket
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.errors import SettingsError
from bot.sandbox.server import listening
from bot.services import messages
from bot.services.operation.watching import last_alive_at
from bot.storage import inbox
from bot.storage.inbox import Arrival
from bot.watch.heartbeat import Heartbeat
from bot.watch.http import health_routes, served
from bot.watch.systemd import Notify
from tests.watch.conftest import START, Watch, codes


async def test_all_is_well_and_the_sign_of_life_is_kept(watch):
    report = await watch.looks()
    assert report.well
    assert await last_alive_at(watch.study) == START + timedelta(seconds=30)


async def test_an_update_that_nobody_deals_with_is_noticed(watch):
    async with watch.study.db.begin() as tx:
        await inbox.keep(tx, [Arrival(5, "{}")], watch.clock.now())
    assert codes(await watch.looks(after=60)) == []
    assert codes(await watch.looks(after=30)) == ["inbox"]


async def test_a_disk_that_fills_is_noticed(watch, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    watch.start(database=Path("suifang.db"))
    report = await watch.looks()
    assert codes(report) == ["disk"]
    assert report.troubles[0].detail == "1 MB free, 500 wanted"


async def test_staff_are_told_once_over_both_ways_and_again_when_it_is_over(watch):
    watch.beating = False
    for _ in range(3):
        await watch.looks()
    assert not await watch.queued("ops_second")
    assert codes(await watch.looks()) == ["poll"]
    await watch.looks()
    (second,), (note,) = await watch.queued("ops_second"), await watch.queued("ops_note")
    assert (second.channel, second.to) == ("second", None)
    assert "no answer from Telegram" in await written(watch, note)
    assert "连不上 Telegram" in await written(watch, second)
    watch.beating = True
    await watch.looks()
    over = (await watch.queued("ops_note"))[0]
    assert "That is over" in await written(watch, over)


async def test_a_trouble_that_mends_itself_within_a_minute_disturbs_nobody(watch, monkeypatch):
    async with watch.study.db.begin() as tx:
        await inbox.keep(tx, [Arrival(5, "{}")], watch.clock.now())
    assert codes(await watch.looks(after=90)) == ["inbox"]
    async with watch.study.db.begin() as tx:
        await inbox.done(tx, 5, watch.clock.now())
    assert (await watch.looks()).well
    assert not await watch.queued("ops_second")
    assert not await watch.queued("ops_note")


async def test_a_lasting_trouble_is_told_again_after_six_hours(watch):
    watch.poll_trouble = "unauthorized"
    await watch.looks()
    await watch.looks(after=6 * 3600 - 31)
    assert len(await watch.queued("ops_second")) == 1
    await watch.looks(after=60)
    assert len(await watch.queued("ops_second")) == 2


async def test_what_cannot_be_queued_goes_straight_to_the_second_channel(watch):
    """A database that cannot be written, as on a full disk or one that went read-only."""
    async with watch.study.db.begin() as tx:
        await tx.execute(text("PRAGMA query_only = ON"))
    assert "database" in codes(await watch.looks())
    assert "database" in codes(await watch.looks(after=60))
    (said,) = watch.said
    assert "数据库写不进去" in said
    assert "The database cannot be written" in said


async def test_what_nobody_takes_is_said_again_at_the_next_look(watch):
    watch.direct_works = False
    watch.alarms.delivering = lambda: False
    watch.poll_trouble = "unauthorized"
    await watch.looks()
    await watch.looks()
    assert len(watch.said) == 2
    watch.direct_works = True
    await watch.looks()
    await watch.looks()
    assert len(watch.said) == 3


async def test_a_jump_of_the_clock_is_noticed_and_slow_drift_is_not(watch):
    watch.clock.set_wall(timedelta(seconds=19))
    await watch.looks()
    assert watch.jumps == []
    watch.clock.set_wall(timedelta(hours=1))
    await watch.looks()
    watch.clock.set_wall(timedelta(minutes=-7))
    await watch.looks()
    assert watch.jumps == [3600.0, -420.0]
    assert b"suifang_clock_jumps_total 2.0" in watch.metrics.page()[0]


async def test_health_readiness_and_metrics_are_served(watch):
    routes = health_routes(watch.watcher, watch.metrics)
    async with listening(Starlette(routes=routes)) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/readyz")).status_code == 503
        await watch.looks()
        assert (await client.get("/readyz")).json()["ready"] is True
        watch.poll_trouble = "unauthorized"
        await watch.looks()
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert [reason["code"] for reason in answer.json()["reasons"]] == ["unauthorized"]
        assert (await client.get("/healthz")).status_code == 200
        page = (await client.get("/metrics")).text
    assert "suifang_ready 0.0" in page
    assert 'suifang_trouble{code="unauthorized"} 1.0' in page
    assert "Lin" not in page


async def test_an_address_that_is_taken_is_one_clear_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingsError, match="HTTP_PORT"):
            async with served([], "127.0.0.1", other.getsockname()[1]):
                pass


async def test_the_heartbeat_tells_what_is_wrong_and_anchors_the_audit_trail(watch):
    heard: list[tuple[str, str]] = []

    async def hear(request: Request) -> PlainTextResponse:
        heard.append((request.url.path, (await request.body()).decode()))
        return PlainTextResponse("OK")

    app = Starlette(routes=[Route("/{rest:path}", hear, methods=["POST"])])
    async with listening(app) as url:
        heartbeat = Heartbeat(f"{url}/ping/a-secret/")
        watch.start(heartbeat=heartbeat)
        await watch.watcher.ping()
        assert heard == []
        report = await watch.looks()
        await watch.watcher.ping()
        watch.poll_trouble = "unauthorized"
        await watch.looks()
        await watch.watcher.ping()
        await heartbeat.close()
    row, digest = report.stored.audit_head
    assert heard == [
        ("/ping/a-secret", f"ok audit {row}:{digest}"),
        ("/ping/a-secret/fail", "unauthorized"),
    ]


async def test_a_heartbeat_that_nobody_hears_is_logged_without_its_address(watch, caplog):
    heartbeat = Heartbeat("http://127.0.0.1:1/ping/a-secret")
    assert not await heartbeat.ping(await watch.looks())
    await heartbeat.close()
    assert "the heartbeat was not heard: ConnectError" in caplog.text
    assert "a-secret" not in caplog.text


def test_systemd_hears_what_it_asked_for(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})
        assert notify("READY=1")
        assert systemd.recv(100) == b"READY=1"
    assert notify.beat_seconds == 15
    assert Notify({}).beat_seconds is None
    assert not Notify({})("READY=1")


async def test_the_watchdog_is_fed_whatever_is_wrong_elsewhere(watch, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        watch.watcher._notify = Notify(
            {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}
        )
        watch.poll_trouble = "unauthorized"
        watch.clock._jump = False
        beating = asyncio.create_task(watch.watcher.beat_for_systemd())
        await watch.clock.push(timedelta(seconds=25))
        beating.cancel()
        assert [systemd.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3


async def written(watch: Watch, message) -> str:
    async with watch.study.db.begin() as tx:
        out = await messages.KINDS[message.kind].render(watch.study, tx, message, watch.clock.now())
    return watch.study.texts.render(out.screen, out.language).text
