"""`suifang participant`: importing a file, and the card to print."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.errors import SuifangError
from bot.sandbox.setting import SITE_FILE
from bot.storage import meta
from bot.storage.db import Db
from bot.storage.vault import Vault

GOOD = "code,arm,dose,day1,icf,phone\n001,NK010,2.5e9,2026-12-04,2020-11-20,138 0000 0000\n"


@pytest.fixture(autouse=True)
def _a_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 's.db'}"
    for name, value in (
        ("SECRET_KEY", "a key for tests"),
        ("DATABASE_URL", url),
        ("SITE_FILE", str(SITE_FILE)),
    ):
        monkeypatch.setenv(name, value)
    for name in ("TELEGRAM_BOT_TOKEN", "PROTOCOL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    async def knows_its_name() -> None:
        db = await Db.open(url, Vault("a key for tests"))
        await db.migrate()
        async with db.begin() as tx:
            await meta.put(tx, "bot_username", "suifang_sandbox_bot")
        await db.close()

    asyncio.run(knows_its_name())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["participant", *arguments])


def listed() -> list[str]:
    return [row["code"] for row in json.loads(run("list", "--json").stdout)]


def test_a_file_is_checked_first_and_enrolled_with_commit(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text(GOOD, encoding="utf-8")
    dry = run("import", str(file))
    assert (dry.exit_code, "would be enrolled: 001" in dry.stdout, "--commit" in dry.stdout) == (
        0,
        True,
        True,
    )
    assert listed() == []
    assert "enrolled: 001" in run("import", str(file), "--commit").stdout
    again = json.loads(run("import", str(file), "--commit", "--json").stdout)
    assert (again["new"], again["known"]) == ([], ["001"])
    assert listed() == ["001"]


def test_every_error_is_said_by_its_line_and_nobody_is_enrolled(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text(GOOD + "002,NK010,1,soon,2020-11-20,1\n", encoding="utf-8")
    result = run("import", str(file), "--commit")
    assert isinstance(result.exception, SuifangError)
    assert result.stdout.count("line 3:") == 3
    assert listed() == []


def test_the_card_is_written_as_a_picture_and_to_print(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text(GOOD, encoding="utf-8")
    run("import", str(file), "--commit")
    result = run("invite", "001", "--png", str(tmp_path / "c.png"), "--pdf", str(tmp_path / "c.pdf"))
    assert "https://t.me/suifang_sandbox_bot?start=" in result.stdout
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF")
