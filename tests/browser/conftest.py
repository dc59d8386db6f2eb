"""Chromium in front of the real sandbox: everything on loopback, time standing still until it is pushed."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.setting import Folder, sandbox

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
START = datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine is slow, which says nothing about the page.
_PATIENCE_MS = 60_000

expect.set_options(timeout=_PATIENCE_MS)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where the sandbox of this test keeps itself."""
    return Folder(tmp_path / "sandbox")


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        try:
            yield launched
        finally:
            await launched.close()


@contextlib.asynccontextmanager
async def opened(
    browser: Browser,
    folder: Folder,
    *,
    width: int = 1280,
    height: int = 800,
    scale: float = 1,
    language: Literal["zh-CN", "en-GB"] = "zh-CN",
    touch: bool = False,
    dark: bool = False,
) -> AsyncIterator[Page]:
    """Start the real sandbox, look at its page, and stop both at the end; a complaint of the page fails."""
    async with sandbox(folder, 0, START, Random(1)) as url:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale=language,
            has_touch=touch,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(_PATIENCE_MS)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(url)
        await expect(page.locator(".phone").first).to_be_visible()
        yield page
        assert complaints == []
        await context.close()
