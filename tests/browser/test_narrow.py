"""The page as wide as a phone, by touch and by keyboard alone."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import opened
from tests.browser.hands import Hand, keep, same_message

pytestmark = pytest.mark.browser

_MOST_TABS = 60


async def test_it_works_by_touch_on_the_width_of_a_phone(browser, folder):
    async with opened(browser, folder, width=390, height=844, touch=True) as page:
        await keep(page, "narrow-1-first-look")
        chen = Hand(page, "陈阿姨")
        await chen.chip.tap()
        await expect(chen.phone).to_be_in_viewport(ratio=0.9)
        await expect(chen.chip).to_have_attribute("aria-current", "true")
        card = await same_message(chen.message("第 1 题"), chen)
        await chen.say("36.5")
        await expect(card).to_contain_text("在哪里量的")
        await chen.key("腋下").tap()
        await expect(card).to_contain_text("有没有冷得发抖")
        await keep(page, "narrow-2-check-in")
        panel = page.get_by_role("button", name="步骤与记录")
        await panel.tap()
        await expect(page.locator(".story")).to_be_in_viewport()
        await expect(panel).to_have_attribute("aria-current", "true")
        await keep(page, "narrow-3-story")
        assert await too_wide(page) == 0


async def test_the_keyboard_alone_is_enough(browser, folder):
    async with opened(browser, folder, width=390, height=844, language="en-GB", dark=True) as page:
        grace = Hand(page, "Grace")
        await reached_by_tab(page, grace.chip)
        await page.keyboard.press("Enter")
        await expect(grace.field).to_be_focused()
        await page.keyboard.type("/report")
        await page.keyboard.press("Enter")
        await grace.sees("Question 1", "temperature")
        card = await same_message(grace.message("Question 1"), grace)
        await page.keyboard.type("97.9F")
        await page.keyboard.press("Enter")
        await expect(card).to_contain_text("Where")
        await reached_by_tab(page, grace.key("Armpit"), backwards=True)
        await page.keyboard.press("Enter")
        await expect(card).not_to_contain_text("Where")
        await expect(card.locator(".rows-of-keys button").first).to_be_focused()
        await keep(page, "narrow-4-keyboard")


async def reached_by_tab(page: Page, wanted: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the focus is where it is wanted; never to get there is a failure."""
    for _ in range(_MOST_TABS):
        if await wanted.evaluate("node => node === document.activeElement"):
            return
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{_MOST_TABS} times Tab did not lead to {wanted}")


async def too_wide(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
