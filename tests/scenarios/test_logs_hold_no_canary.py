"""A canary token and a canary symptom through every error path: neither stands in any log, text or JSON."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.cli.base import _formatter, _secrets
from bot.settings import Settings
from bot.transport.redaction import guard_logs
from tests.scenarios.machine import machine

START = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
SYMPTOM = "canary-symptom: my beak is sore"


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[io.StringIO, str]]:
    """Everything that any logger writes, through the formatter and the guard of the live program."""
    written, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    settings = Settings(
        _env_file=None,
        secret_key=SecretStr("canary-key-new,canary-key-old"),
        heartbeat_url=SecretStr("https://beats.invalid/canary-beat"),
        log_format=request.param,
    )
    handler = logging.StreamHandler(written)
    handler.setFormatter(_formatter(settings))
    root.handlers = [handler]
    root.setLevel(logging.DEBUG)
    guard_logs(*_secrets(settings))
    yield written, request.param
    root.handlers, _ = before
    root.setLevel(before[1])


async def test_every_error_path_keeps_the_canaries_to_itself(
    log: tuple[io.StringIO, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, form = log
    async with machine(tmp_path, START) as site, site.running() as app:
        token = site.world.bot.token
        person = await site.participant("001", START.date())
        for kind in ("500", "502", "reset_before", "reset_after", "429"):
            site.world.faults.add(kind=kind, method="sendMessage")
            person.say(SYMPTOM)
            await app.settle()
        site.world.faults.clear()

        async def breaks(*_: object, **__: object) -> None:
            raise RuntimeError(f"{SYMPTOM} {token}")

        with monkeypatch.context() as patch:
            patch.setattr("handlers.participant.words.keep_words", breaks)
            person.say(SYMPTOM)
            await app.settle()
        async with app.study.db.begin() as tx:
            await tx.execute(text("PRAGMA query_only = ON"))
        person.say(SYMPTOM)
        with pytest.raises(Exception, match="readonly"):
            await app.settle()
        logging.getLogger("bot").error("%s canary-key-old https://beats.invalid/canary-beat", token)
        try:
            raise RuntimeError(f"failed: {token} canary-key-new")
        except RuntimeError:
            logging.getLogger("bot").exception("it failed")
    lines = written.getvalue()
    assert "it failed" in lines
    assert "is set aside: RuntimeError" in lines
    assert "canary" not in lines.replace("test_logs_hold_no_canary", "")
    assert token.split(":")[1] not in lines
    if form == "json":
        assert all("message" in json.loads(line) for line in lines.splitlines())
