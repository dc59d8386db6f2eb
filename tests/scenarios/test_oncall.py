"""A week of duty in the chat: planned, swapped, left early; the gap found ahead, duty handed over."""

from datetime import date, time

from bot.domain.people import Role
from bot.sandbox.person import Person
from tests.scenarios.theatre import Theatre, theatre

MONDAY = date(2026, 12, 7)


async def taps(house: Theatre, person: Person, *labels: str) -> str:
    """Press buttons one after the other; return what the last message says then."""
    for label in labels:
        person.tap(label)
        await house.stage.settle()
    return person.last.text


def labels(person: Person) -> list[str]:
    return [button.label for row in person.last.buttons for button in row]


async def test_a_week_of_duty_from_the_plan_to_the_hand_over():
    async with theatre(MONDAY, time(9)) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        zhao = await house.staff("Zhao", Role.SUB_INVESTIGATOR, "en")
        lin.command("oncall")
        await house.stage.settle()
        assert "Nobody is on call" in lin.last.text
        week = await taps(house, lin, "📅 Rota", "Whole week…", "Zhao")
        assert "▸ Mon, Dec 7: Zhao" in week
        assert "Sun, Dec 13: Zhao" in week
        assert "• Zhao, sub-investigator" in await taps(house, lin, "‹ Who is on call")

        # Zhao asks Lin to take Wednesday, and Lin does.
        zhao.command("oncall")
        await house.stage.settle()
        await taps(house, zhao, "📅 Rota")
        await taps(house, zhao, next(each for each in labels(zhao) if "Dec 9" in each))
        assert "Whole week…" not in labels(zhao)
        await taps(house, zhao, "Ask a colleague…", "Lin")
        assert zhao.toasts[-1].text.startswith("Asked.")
        assert "Zhao asks you to be on call instead of them: Wed, Dec 9" in lin.last.text
        await taps(house, lin, "✅ I take it")
        assert "Lin takes your duty of Wed, Dec 9." in zhao.last.text

        # Wednesday at eight Lin comes on, Thursday Zhao again.
        await house.until(date(2026, 12, 9), time(8, 1))
        assert lin.last.text.startswith("🔔 You are on call now.\nUntil Thu, Dec 10, 08:00.")
        await house.until(date(2026, 12, 10), time(8, 1))
        assert zhao.last.text.startswith("🔔 You are on call now.")

        # The end of the rota comes into sight on Saturday, and the coordinator fills the gap.
        await house.until(date(2026, 12, 12), time(8, 1))
        assert lin.last.text.startswith("⚠️ Nobody is on call from Mon, Dec 14, 08:00 on.")
        await taps(house, lin, "📅 Rota", "As the week before")
        assert "Wed, Dec 16: Lin" in lin.last.text
        before = len(house.letters(lin))
        await house.until(date(2026, 12, 16), time(7, 59))
        assert [text for _, text in house.letters(lin)[before:] if "Nobody" in text] == []
