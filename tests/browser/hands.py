"""What a hand and an eye do on the page: one phone each, and the story beside them."""

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import ARTIFACTS

_MILD = ("没有", "都没有", "跳过")


class Hand:
    """Holds one person's phone on the page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.phone = page.locator(".phone", has=page.get_by_role("heading", name=name, exact=True))
        self.chip = page.locator(".chip", has_text=name)
        self.field = self.phone.locator("textarea")
        self.start = self.phone.locator(".start button")
        self.messages = self.phone.locator(".m")

    def message(self, text: str) -> Locator:
        """Return the newest message with this text."""
        return self.messages.filter(has_text=text).last

    def key(self, text: str) -> Locator:
        """Return the newest button under a message that reads so and no more."""
        return self.phone.locator(".rows-of-keys").get_by_role("button", name=text, exact=True).last

    async def sees(self, *texts: str) -> None:
        """Wait until the newest message with the first text has the others too."""
        await expect(self.message(texts[0])).to_be_visible()
        for text in texts[1:]:
            await expect(self.message(texts[0])).to_contain_text(text)

    async def say(self, text: str) -> None:
        """Type a text and send it with Enter."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def tap(self, text: str) -> None:
        """Tap the newest button that reads so."""
        await self.key(text).click()

    async def comes_into_view(self) -> None:
        """Choose this phone in the row of people."""
        await self.chip.click()
        await expect(self.phone).to_be_in_viewport(ratio=0.9)

    async def answers_the_rest(self, card: Locator) -> int:
        """Answer what is left of a check-in as somebody does who has nothing else; return how many steps."""
        steps = 0
        while "题，共" in (question := await card.locator(".text").inner_text()):
            keys = await card.locator(".rows-of-keys button").all_inner_texts()
            mild = next((key for key in keys if key in _MILD), None)
            await (self.tap(mild) if mild else self.say("0"))
            await expect(card.locator(".text")).not_to_have_text(question)
            steps += 1
        return steps


async def same_message(message: Locator, hand: Hand) -> Locator:
    """Return this very message, whatever it will say later."""
    return hand.phone.locator(f".m[data-id='{await message.get_attribute('data-id')}']")


async def steps_done(page: Page, *names: str) -> None:
    """Wait until exactly these steps of the story are ticked off; each is known by a word of its text."""
    done = page.locator(".story li.done")
    await expect(done).to_have_count(len(names))
    for name in names:
        await expect(done.filter(has_text=name)).to_have_count(1)


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the page among the artifacts, to be looked at."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled")
