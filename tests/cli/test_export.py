"""`suifang export`: files in a folder, one clear line for wrong use."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from bot.sandbox.setting import SITE_FILE


@pytest.fixture
def _a_study(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", "a pass phrase for tests")
    monkeypatch.setenv("SITE_FILE", str(SITE_FILE))
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/suifang.db")


@pytest.mark.usefixtures("_a_study")
@pytest.mark.parametrize(("format_", "name"), [("csv", "audit.csv"), ("xlsx", ".xlsx"), ("odm", ".xml")])
def test_the_files_stand_in_the_folder_and_are_named(format_: str, name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["export", "--format", format_, "--to", "out"])
    assert done.exit_code == 0, done.output
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path for path in written if path.name.endswith(name)]
    assert len(done.output.splitlines()) == len(written)


@pytest.mark.usefixtures("_a_study")
def test_a_format_that_nobody_knows_is_refused() -> None:
    refused = CliRunner().invoke(cli, ["export", "--format", "pdf", "--to", "out"])
    assert refused.exit_code == 2
    assert "csv" in refused.output
