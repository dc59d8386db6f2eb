"""The operator's commands with PostgreSQL underneath; a dump, and the way back from it."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.sandbox.setting import SITE_FILE
from bot.settings import SHIPPED_PROTOCOL
from bot.storage import meta
from bot.storage.db import Db
from bot.storage.vault import Vault
from tests.postgres import Server, on

pytestmark = pytest.mark.postgres

Types = Callable[..., Result]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres: Server) -> Types:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", "a pass phrase for tests")
    monkeypatch.setenv("SITE_FILE", str(SITE_FILE))
    monkeypatch.setenv("DATABASE_URL", on(postgres))
    anchored = 'follow_up_anchor = "rituximab"\n' + SHIPPED_PROTOCOL.read_text(encoding="utf-8")
    (tmp_path / "trial.toml").write_text(anchored, encoding="utf-8")
    for words in SHIPPED_PROTOCOL.parent.glob("*-words.toml"):
        shutil.copy(words, tmp_path)
    monkeypatch.setenv("PROTOCOL_FILE", str(tmp_path / "trial.toml"))
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    asyncio.run(knows_its_name(os.environ["DATABASE_URL"]))
    return lambda *arguments: CliRunner().invoke(cli, arguments)


async def knows_its_name(url: str) -> None:
    db = await Db.open(url, Vault("a pass phrase for tests"))
    async with db.begin() as tx:
        await meta.put(tx, "bot_username", "suifang_sandbox_bot")
    await db.close()


def test_enrolled_exported_verified_and_sealed_anew(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol = (
        "--code",
        "001",
        "--arm",
        "NK010",
        "--dose",
        "2.5e9",
        "--day1",
        "2026-12-04",
        "--icf",
        "2020-11-20",
    )
    assert types("participant", "enrol", *enrol).exit_code == 0
    again = types("participant", "enrol", *enrol)
    assert again.exception is not None
    assert "001" in types("participant", "list").output
    for kind in ("csv", "odm"):
        assert types("export", "--format", kind, "--to", f"out-{kind}").exit_code == 0
    monkeypatch.setenv("SECRET_KEY", "another,a pass phrase for tests")
    assert "done." in types("key", "rotate").output
    monkeypatch.setenv("SECRET_KEY", "another")
    assert "001" in types("participant", "list").output
    assert "rows, whole" in types("audit", "verify").output


def test_a_dump_comes_back_whole(types: Types, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = postgres.newest
    types("staff", "invite", "--role", "pi", "--name", "Lin", "--lang", "en")
    head = types("audit", "verify").output
    dump = str(postgres.folder / f"{name}.dump")
    postgres.runs("pg_dump", "--format=custom", f"--file={dump}", name)
    monkeypatch.setenv("DATABASE_URL", postgres.url("restored"))
    gone = types("audit", "verify")
    assert "the database cannot be used" in str(gone.exception)
    postgres.runs("createdb", "restored")
    postgres.runs("pg_restore", "--dbname=restored", "--exit-on-error", dump)
    assert types("audit", "verify").output == head


@pytest.mark.parametrize("command", [("backup",), ("restore", "a-file")])
def test_copies_are_made_by_the_servers_own_programs(types: Types, command: tuple[str, ...]) -> None:
    refused = types(*command)
    assert "for PostgreSQL use pg_" in str(refused.exception)
    assert "docs/operations.md" in str(refused.exception)


def test_check_names_a_server_that_is_not_there(
    types: Types, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "database cannot be used" not in types("check").output
    monkeypatch.setenv("DATABASE_URL", f"postgresql+asyncpg://nobody@/x?host={tmp_path}")
    assert types("check").output.count("✗ the database cannot be used: ") == 1
