"""The second channel: pages that nobody takes, staff whom Telegram cannot reach, a gateway that is down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.people import Role
from bot.sandbox.gateway import Gateway
from bot.sandbox.person import Person
from tests.scenarios.theatre import ZONE, Theatre, theatre

ON = date(2026, 12, 9)
FEVER_AT = datetime.combine(ON, time(3), ZONE)
SMS = "🔴 红色 · 001\n🔴 RED · 001"


@dataclass
class Night:
    """A participant before the first infusion, the staff, and the gateway of the second channel."""

    house: Theatre
    gateway: Gateway
    wang: Person
    lin: Person
    zhao: Person

    async def fever(self) -> None:
        await self.house.until(ON, time(3))
        self.wang.say("我喘不上气")
        await self.house.stage.settle()

    async def after(self, minutes: float) -> None:
        at = FEVER_AT + timedelta(minutes=minutes)
        await self.house.until(at.date(), at.time())

    def rang(self) -> list[float]:
        return [
            (datetime.fromisoformat(each.at) - FEVER_AT).total_seconds() / 60 for each in self.gateway.taken
        ]


@asynccontextmanager
async def night(*, configured: bool = True) -> AsyncIterator[Night]:
    async with theatre(date(2026, 12, 8), time(20), second=configured) as house:
        enrolled = await house.enrol("001", date(2026, 12, 20), "zh_CN")
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        zhao = await house.staff("Zhao", Role.SUB_INVESTIGATOR, "en", on_call=True)
        wang = await house.joins("王", enrolled, "zh_CN")
        yield Night(house, house.stage.gateway, wang, lin, zhao)


def letters(night: Night, person: Person, words: str) -> int:
    return sum(words in text for _, text in night.house.letters(person))


async def test_a_page_that_nobody_takes_goes_to_the_second_channel_with_code_and_tier_alone():
    async with night() as at:
        await at.fever()
        await at.after(9)
        assert at.gateway.texts == []
        await at.after(21)
        assert at.rang() == [10, 15, 20]
        assert set(at.gateway.texts) == {SMS}
        at.zhao.tap("✋ I take it")
        await at.house.stage.settle()
        await at.after(25)
        assert at.rang() == [10, 15, 20]
        # Taken long after the limit, and still nobody has spoken to the participant.
        await at.after(26)
        assert at.rang() == [10, 15, 20, 26]


async def test_p12_all_staff_blocked_the_second_channel_has_it_within_a_minute():
    async with night() as at:
        at.lin.block()
        at.zhao.block()
        await at.fever()
        assert at.rang()
        assert at.rang()[0] <= 1
        await at.after(11)
        assert at.rang()[-1] == 10
        assert set(at.gateway.texts) == {SMS}


async def test_p12_one_of_two_cannot_be_reached_and_the_second_channel_has_it_too():
    async with night() as at:
        await at.house.until(ON, time(2, 59))
        # Telegram says so with the page's own 403, not before.
        at.lin.account.blocked = True
        await at.fever()
        assert at.gateway.texts == [SMS]
        assert letters(at, at.zhao, "RED · 001") == 1


async def test_a_gateway_that_is_down_is_tried_again_and_the_coordinator_told():
    async with night() as at:
        at.gateway.broken = True
        await at.fever()
        await at.after(11)
        assert at.gateway.tries >= 3
        assert letters(at, at.lin, "The second channel does not take this page") == 1
        at.gateway.broken = False
        await at.after(12)
        assert at.gateway.texts[0] == SMS


async def test_without_a_second_channel_the_coordinator_is_told_once():
    async with night(configured=False) as at:
        await at.fever()
        await at.after(31)
        assert letters(at, at.lin, "there is no second channel") == 1
