"""What comes while an alert is open reaches whoever has it in hand, and its author sees that it was read."""

from datetime import date, time

import pytest

from bot.sandbox.shown import Shown
from tests.scenarios.test_daily_life import PNG
from tests.scenarios.ward_round import WORDS, ward_round

ON = date(2026, 12, 10)


def page_of(person) -> Shown:
    return next(each for each in person.messages if "RED · 001" in each.text)


async def test_a_photo_pages_who_has_the_alert_and_after_contact_a_note_does():
    async with ward_round(ON, time(10), language="zh_CN") as round_:
        await round_.say("喘不上气")
        song = round_.investigator
        song.tap("✋ I take it")
        await round_.act()
        await round_.minutes(1)
        before = len(round_.theatre.letters(song))
        await round_.act(round_.phone.send_photo(PNG))
        [(_, news)] = round_.theatre.letters(song)[before:]
        assert "something new about this alert" in news
        assert "The participant wrote again" in news
        assert "Photos and voice" in str(song.last.buttons)
        for label in ("☎️ Reached them", "by phone"):
            song.tap(label)
            await round_.act()
        before = len(round_.theatre.letters(song))
        await round_.say("谢谢，好多了")
        [(_, note)] = round_.theatre.letters(song)[before:]
        assert "001 has written" in note


async def test_words_that_are_news_themselves_page_their_holder_once():
    async with ward_round(ON, time(10), language="en") as round_:
        await round_.say("I have chest pain")
        song = round_.investigator
        song.tap("✋ I take it")
        await round_.act()
        before = len(round_.theatre.letters(song))
        await round_.minutes(1)
        await round_.say("now I cannot breathe")
        assert len(round_.theatre.letters(song)[before:]) == 1


async def test_where_nobody_has_it_the_page_itself_says_so():
    async with ward_round(ON, time(10), language="en") as round_:
        await round_.say("I cannot breathe")
        before = len(round_.theatre.letters(round_.investigator))
        await round_.say("May I drink tea?")
        assert len(round_.theatre.letters(round_.investigator)) == before
        assert "The participant wrote again" in page_of(round_.investigator).text


@pytest.mark.parametrize(
    ("language", "words", "read"),
    [
        ("zh_CN", "喘不上气", "研究团队看过您的消息了"),
        ("en", "I cannot breathe", "the study team has read your"),
    ],
)
async def test_who_writes_of_danger_sees_that_it_was_read_and_the_emergency_text_stays(language, words, read):
    async with ward_round(ON, time(10), language=language) as round_:
        await round_.say(words, words)
        emergency = round_.heard("go")
        assert len(emergency) == 1
        assert not round_.got(round_.phone, read)
        round_.coordinator.command("messages")
        await round_.act()
        round_.coordinator.tap("001")
        await round_.act()
        assert len(round_.got(round_.phone, read, "120")) == 1
        assert round_.heard("go") == emergency
        shown = [each for each in round_.phone.messages if WORDS[language]["go"] in each.text]
        assert [each.edited for each in shown] == [False]


async def test_words_that_a_human_asks_about_show_their_state_below_them():
    async with ward_round(ON, time(10), language="en") as round_:
        await round_.say("I thought about suicide years ago")
        said = round_.phone.last.id
        assert "nobody has read it yet" in round_.phone.message(said).text
        round_.coordinator.command("messages")
        await round_.act()
        round_.coordinator.tap("001")
        await round_.act()
        assert "the study team has read it" in round_.phone.message(said).text
