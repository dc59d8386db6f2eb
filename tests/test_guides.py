"""The pages for each kind of user quote only what the program has: its buttons and its commands."""

import re

import pytest

from bot.texts import Locale
from handlers import COMMANDS
from tests.catalogs import ROOT, held

PAGES = ("participants", "coordinators", "investigators")
LOCALES: dict[str, Locale] = {"en": "en", "zh-CN": "zh_CN"}
# Telegram's own word on the button that begins a chat.
NOT_OURS = {"开始"}
QUOTED = re.compile(r"“([^”]+)”")
COMMAND = re.compile(r"`/([a-z]+)`")


def _plain(text: str) -> str:
    """Return a text without markup and signs, with … for each value."""
    return re.sub(r"\{\w+\}", "…", re.sub(r"</?\w+>", "", text)).strip()


@pytest.mark.parametrize("suffix", LOCALES)
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_quotes_stands_in_the_catalogs(page, suffix):
    text = (ROOT / "docs" / f"for-{page}.{suffix}.md").read_text(encoding="utf-8")
    known = {_plain(form) for forms in held(LOCALES[suffix]).values() for form in forms} | NOT_OURS
    quoted = QUOTED.findall(text)
    assert quoted
    assert [each for each in quoted if each not in known] == []


@pytest.mark.parametrize("suffix", LOCALES)
@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_exists(page, suffix):
    text = (ROOT / "docs" / f"for-{page}.{suffix}.md").read_text(encoding="utf-8")
    found = set(COMMAND.findall(text))
    assert found
    assert found <= {command.name for command in COMMANDS} | {"start"}


@pytest.mark.parametrize(("readme", "suffix"), [("README.md", "en"), ("README.zh-CN.md", "zh-CN")])
def test_the_readme_leads_to_each_page(readme, suffix):
    text = (ROOT / readme).read_text(encoding="utf-8")
    for page in (*PAGES, "operators"):
        assert f"(docs/for-{page}.{suffix}.md)" in text
        assert (ROOT / "docs" / f"for-{page}.{suffix}.md").exists()
