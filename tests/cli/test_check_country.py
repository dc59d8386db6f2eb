"""`suifang check` names a country whose public holidays nobody knows."""

from pathlib import Path

from click.testing import CliRunner

from bot.__main__ import cli
from bot.sandbox.setting import SITE_FILE


def checked(tmp_path: Path, monkeypatch, country: str) -> str:
    site = tmp_path / "site.toml"
    text = SITE_FILE.read_text(encoding="utf-8").replace('country = "CN"', f'country = "{country}"')
    site.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SITE_FILE", str(site))
    return CliRunner().invoke(cli, ["check"], standalone_mode=False).stderr


def test_an_unknown_country_is_named_and_a_known_one_is_not(tmp_path, monkeypatch):
    assert "site.toml: country: no public holidays are known of XX" in checked(tmp_path, monkeypatch, "XX")
    assert "country" not in checked(tmp_path, monkeypatch, "DE")
