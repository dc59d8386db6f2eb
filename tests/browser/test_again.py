"""Stopped and started, the sandbox goes on where it was."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import opened
from tests.browser.hands import Hand, keep, same_message, steps_done

pytestmark = pytest.mark.browser


async def test_a_sandbox_that_is_started_again_goes_on_where_it_was(browser, folder):
    async with opened(browser, folder) as page:
        chen = Hand(page, "陈阿姨")
        kevin = Hand(page, "Kevin 何")
        await kevin.phone.get_by_role("link", name="t.me/").click()
        await kevin.start.click()
        await kevin.sees("您想用哪种语言")
        card = await same_message(chen.message("第 1 题"), chen)
        await chen.say("36.5")
        await expect(card).to_contain_text("在哪里量的")
        await page.get_by_role("button", name="+1 小时").click()
        await expect(page.locator(".clock time")).to_have_text("09:00")
    async with opened(browser, folder) as page:
        await expect(page.locator(".clock time")).to_have_text("09:00")
        await steps_done(page, "加入链接")
        chen, kevin = Hand(page, "陈阿姨"), Hand(page, "Kevin 何")
        await chen.sees("您的访视")
        await chen.tap("腋下")
        await chen.sees("有没有冷得发抖")
        await kevin.tap("中文")
        await kevin.sees("随访机器人是什么")
        await keep(page, "again")
