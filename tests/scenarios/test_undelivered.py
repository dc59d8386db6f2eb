"""A message that Telegram refuses as it is: somebody has to telephone, and hears of it once an hour."""

from datetime import date, time, timedelta

from telegram.error import BadRequest

from bot.domain.people import Role
from bot.transport.sending import send
from tests.scenarios.theatre import theatre

TODAY = date(2026, 12, 1)
TOLD = "A message to 001 could not be sent"


async def test_a_message_that_can_never_go_out_is_told_to_the_coordinators_once_an_hour(monkeypatch):
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        wang = await house.joins("W", await house.enrol("001", TODAY + timedelta(days=3), "en"), "en")

        async def refuses(bot, texts, chat_id, outgoing, *, plain=False):
            if chat_id == wang.id:
                raise BadRequest("can't parse entities")
            return await send(bot, texts, chat_id, outgoing, plain=plain)

        monkeypatch.setattr("bot.transport.attempt.send", refuses)
        before = len(house.letters(wang))
        await house.until(TODAY, time(10, 1))
        assert len(house.letters(wang)) == before
        assert sum(TOLD in text for _, text in house.letters(lin)) == 1


async def test_who_has_blocked_the_bot_is_told_of_as_such_and_not_for_each_message():
    async with theatre(TODAY) as house:
        lin = await house.staff("Lin", Role.COORDINATOR, "en")
        wang = await house.joins("W", await house.enrol("001", TODAY + timedelta(days=3), "en"), "en")
        wang.account.blocked = True
        await house.until(TODAY, time(10, 1))
        assert not [text for _, text in house.letters(lin) if TOLD in text]
        assert [text for _, text in house.letters(lin) if "001" in text and "blocked" in text]
