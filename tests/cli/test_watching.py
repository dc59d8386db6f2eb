"""The live program from outside: it refuses to go unwatched, says how it is, and is taken over from."""

import asyncio
import signal

import httpx

from tests.cli.operator import WITHIN, Operator, first_poll


async def test_a_live_start_without_anyone_watching_is_refused_unless_named(operator: Operator) -> None:
    operator.settings["WITHOUT"] = ""
    code, printed = await operator.types("run")
    assert code == 2
    assert printed.count("\n") == 1
    assert "SECOND_CHANNEL_URLS is not set, so nobody is paged when Telegram fails" in printed
    assert "--without heartbeat" in printed
    code, printed = await operator.types("run", "--without", "heartbeats")
    assert code == 2
    assert "WITHOUT" in printed


async def test_when_the_first_is_killed_the_second_takes_over(operator: Operator) -> None:
    first_polls = first_poll(operator)
    operator.settings["WITHOUT"] = "second_channel,heartbeat,signed_protocol"
    first = await operator.starts("run")
    await asyncio.wait_for(first_polls, WITHIN)
    base = f"http://127.0.0.1:{operator.settings['HTTP_PORT']}"
    async with httpx.AsyncClient(base_url=base) as client:
        assert (await client.get("/healthz")).text == "alive\n"
        ready = await client.get("/readyz")
        assert ready.status_code == 200, ready.text
        assert "suifang_ready 1.0" in (await client.get("/metrics")).text
    second_polls = first_poll(operator)
    second = await operator.starts("run")
    assert second.stdout is not None
    waiting = await asyncio.wait_for(second.stdout.readline(), WITHIN)
    assert f"pid {first.pid}" in waiting.decode()
    assert not second_polls.done()
    first.send_signal(signal.SIGKILL)
    await asyncio.wait_for(second_polls, WITHIN)
    second.send_signal(signal.SIGTERM)
    printed, _ = await asyncio.wait_for(second.communicate(), WITHIN)
    assert second.returncode == 0, printed.decode()
    assert "taken over from" in printed.decode()
    await first.communicate()
    backups = [path.name for path in (operator.folder / "data" / "backups").iterdir()]
    assert "audit-heads.txt" in backups
    assert len(backups) == 2
