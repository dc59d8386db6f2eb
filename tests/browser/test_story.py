"""The story that a fresh sandbox tells, played on its page by hands that type and tap."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import opened
from tests.browser.hands import Hand, keep, same_message, steps_done

pytestmark = pytest.mark.browser

JOINED, AGREED, ANSWERED, TAKEN, TOLD = "加入链接", "同意", "健康报告", "预警", "通知"


async def test_the_story_is_played_from_an_invitation_to_a_broadcast(browser, folder):
    # Four phones side by side on a picture of 1280 × 800.
    async with opened(browser, folder, width=1574, height=984, scale=1280 / 1574) as page:
        await keep(page, "story-1-begins")
        await steps_done(page)
        await kevin_joins(page)
        await steps_done(page, JOINED, AGREED)
        await chen_reports_fever(page)
        await song_takes_the_alert(page)
        await steps_done(page, JOINED, AGREED, TAKEN)
        await picture_for_the_readme(page)
        await chen_answers_the_rest(page)
        await steps_done(page, JOINED, AGREED, TAKEN, ANSWERED)
        await lin_tells_everyone(page)
        await steps_done(page, JOINED, AGREED, TAKEN, ANSWERED, TOLD)
        await expect(page.locator(".story .happy")).to_be_visible()
        await keep(page, "story-8-all-done")


async def kevin_joins(page: Page) -> None:
    kevin = Hand(page, "Kevin 何")
    await kevin.phone.get_by_role("link", name="t.me/").click()
    await kevin.start.click()
    await kevin.sees("您想用哪种语言", "which language")
    await kevin.tap("中文 + English")
    await kevin.sees("随访机器人是什么", "What this bot is", "120")
    await kevin.tap("下一步 › · Next ›")
    await kevin.sees("您的健康信息", "your health information")
    await keep(page, "story-2-notice")
    await kevin.tap("我同意 · I agree")
    await kevin.sees("消息传到境外", "messages go abroad")
    await kevin.tap("我同意 · I agree")
    await kevin.sees("您的访视", "Your visits", "12月5日")
    await kevin.tap("✓ 收到了 · Got it")
    await kevin.sees("消息能送到", "messages reach you")


async def chen_reports_fever(page: Page) -> None:
    chen = Hand(page, "陈阿姨")
    await chen.sees("第 1 题", "现在体温多少度")
    card = await same_message(chen.message("第 1 题"), chen)
    await chen.say("38度6")
    await chen.sees("请马上看这条消息", "急诊", "120", "021-0000-0142")
    await chen.tap("腋下")
    await expect(card).to_contain_text("有没有冷得发抖")
    await chen.tap("有")
    await expect(card).to_contain_text("呼吸费力吗")
    await keep(page, "story-3-emergency")


async def song_takes_the_alert(page: Page) -> None:
    song, lin = Hand(page, "Dr Song"), Hand(page, "林小禾")
    await song.sees("🔴 RED · 001", "Nobody has it yet", "38.6 °C (Armpit)", "Shaking chills: Yes")
    await lin.sees("🔴 红色 · 001", "还没有人处理", "体温 38.6 °C（腋下）", "冷得发抖：有")
    await expect(song.chip.locator(".n")).to_have_text("1")
    await song.comes_into_view()
    await keep(page, "story-4-page")
    await song.tap("✋ I take it")
    await song.sees("🔴 RED · 001", "Dr Song has it since")
    await lin.sees("🔴 红色 · 001", "Dr Song 已于 12月1日 08:00 接手")
    await expect(lin.key("✋ 我来处理")).to_have_count(0)
    await keep(page, "story-5-taken")


async def picture_for_the_readme(page: Page) -> None:
    chen = Hand(page, "陈阿姨")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator(".story")).to_contain_text("Try this")
    await chen.comes_into_view()
    await chen.message("请马上看这条消息").scroll_into_view_if_needed()
    await expect(page.locator(".phone.glow")).to_have_count(0)
    await keep(page, "sandbox")
    await page.get_by_role("button", name="中文").first.click()


async def chen_answers_the_rest(page: Page) -> None:
    chen = Hand(page, "陈阿姨")
    card = await same_message(chen.message("题，共"), chen)
    assert await chen.answers_the_rest(card) >= 20
    await expect(card).to_contain_text("收到了")
    await keep(page, "story-6-answered")


async def lin_tells_everyone(page: Page) -> None:
    lin = Hand(page, "林小禾")
    await lin.say("/broadcast")
    await lin.sees("群发通知（1/4）", "请输入中文内容")
    await lin.say("明天门诊停电，请晚来一小时。")
    await lin.sees("群发通知（2/4）")
    await lin.say("The clinic has no power tomorrow. Please come an hour later.")
    await lin.sees("群发通知（3/4）", "发给谁")
    await lin.tap("所有参与者（3）")
    await lin.sees("群发通知（4/4）")
    await keep(page, "story-7-broadcast")
    await lin.tap("✅ 发给 3 人")
    await lin.sees("已送达 3 / 3")
    await Hand(page, "陈阿姨").sees("研究中心通知", "明天门诊停电")
    await Hand(page, "Grace").sees("no power tomorrow")
    await Hand(page, "Kevin 何").sees("明天门诊停电", "no power tomorrow")
