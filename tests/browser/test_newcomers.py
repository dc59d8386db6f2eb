"""Phones that are added to the story's, and a clock that plays."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import opened
from tests.browser.hands import Hand, keep, steps_done

pytestmark = pytest.mark.browser


async def test_a_newcomer_joins_by_their_own_card_and_the_story_waits_for_003(browser, folder):
    async with opened(browser, folder, language="en-GB") as page:
        nora = await added(page, "Nora", "participant")
        await expect(nora.phone).to_contain_text("Participant 004")
        await nora.phone.get_by_role("link", name="t.me/").click()
        await nora.start.click()
        await nora.tap("English")
        await nora.sees("What this bot is", "120")
        await nora.tap("Next ›")
        await nora.sees("Consent 1")
        await nora.tap("I agree")
        await nora.sees("Consent 2")
        await nora.tap("I agree")
        await nora.sees("Your visits")
        await nora.tap("✓ Got it")
        await nora.sees("messages reach you")
        await Hand(page, "林小禾").sees("004 已同意说明")
        await steps_done(page)
        await keep(page, "newcomer-1-joined")


async def test_a_stranger_is_told_in_both_languages_that_it_needs_an_invitation(browser, folder):
    async with opened(browser, folder, language="en-GB") as page:
        stranger = await added(page, "Somebody", "stranger")
        await stranger.start.click()
        await stranger.sees("只有受邀请的人才能使用", "by invitation only", "120")


async def test_the_clock_plays_and_stands_still_again(browser, folder):
    async with opened(browser, folder, language="en-GB") as page:
        await page.get_by_role("combobox", name="Speed").select_option("3600")
        await page.get_by_role("button", name="Play").click()
        chen = Hand(page, "陈阿姨")
        await chen.sees("过几天您有一次预约", "12月4日")
        await expect(chen.message("过几天您有一次预约").locator("time")).to_have_text("10:00")
        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_role("button", name="Play")).to_be_visible()
        await keep(page, "newcomer-2-played")


async def added(page: Page, name: str, role: str) -> Hand:
    """Add a phone by the dialog, for somebody who reads English."""
    await page.get_by_role("button", name="+ Add a phone").click()
    dialog = page.get_by_role("dialog", name="Add a phone")
    await dialog.get_by_label("Whose phone is it?").fill(name)
    await dialog.get_by_label("Role in the trial").select_option(role)
    await dialog.get_by_label("Reads").select_option("en")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog).to_have_count(0)
    return Hand(page, name)
