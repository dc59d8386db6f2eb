"""Another trial is another file and its words: enrolment, reminders, check-ins and an alert, no Python."""

from datetime import date, time
from pathlib import Path

import pytest

from bot.domain.people import Role
from bot.domain.protocol import load_protocol, text_keys
from bot.screens.protocol.page import page
from bot.screens.protocol.paper import as_text
from bot.texts import LOCALES, MESSAGES_DIR, load_texts
from tests.scenarios.theatre import theatre

SECOND = Path(__file__).parent.parent / "protocols" / "second"
PROTOCOL = load_protocol(SECOND / "wound.toml")
TEXTS = load_texts(MESSAGES_DIR, SECOND / "messages")
# What only the first trial is about.
FIRST_TRIAL = ("NK010", "NK042", "NCT06676631", "rituximab", "利妥昔", "temperature", "体温", "cells", "细胞")


def assert_nothing_of_the_first_trial(text: str) -> None:
    assert [word for word in FIRST_TRIAL if word in text] == [], text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_of_it_is_there_and_the_pi_can_read_it(locale):
    assert [key for key in text_keys(PROTOCOL) if key not in TEXTS.keys(locale)] == []
    assert_nothing_of_the_first_trial(as_text(page(PROTOCOL), TEXTS, locale))


async def test_it_runs_from_enrolment_to_an_alert():
    async with theatre(date(2026, 12, 1), protocol=PROTOCOL, texts=TEXTS) as play:
        lin = await play.staff("Lin", Role.COORDINATOR, "en")
        pi = await play.staff("Zhou", Role.PI, "zh_CN")
        await enrols_in_the_chat(play, lin)
        code = lin.last.text.split("?start=")[1].split()[0]
        mori = play.stage.world.add_person("Mori")
        await play.does(mori.start(code))
        await play.agrees(mori, "en")
        await the_first_gel(play, mori)
        await the_diary(play, mori, lin, pi)
        for phone in (lin, pi, mori):
            for _, text in play.letters(phone):
                assert_nothing_of_the_first_trial(text)


async def enrols_in_the_chat(play, lin):
    await play.does(lin.command("enrol"))
    shown = lin.last.id
    dates = ("Fri, Dec 4", "Mon, Nov 30")
    for label in ("001", "Gel", "2 g", *dates, "English", "Diabetes", "✅ Done", "Skip, add it later"):
        await play.does(lin.tap(label, shown))
    assert "Gel, 2 g" in lin.message(shown).text
    await play.does(lin.tap("✅ Enrol", shown))


async def the_first_gel(play, mori):
    await play.until(date(2026, 12, 3), time(16, 59))
    before = len(play.letters(mori))
    await play.until(date(2026, 12, 3), time(17, 1))
    (sent,) = play.letters(mori)[before:]
    assert "Your appointment is tomorrow." in sent[1]
    assert "loose clothes" in sent[1]


async def the_diary(play, mori, lin, pi):
    # The gel at 10:00 is taken to last an hour; two hours after that the diary asks.
    await play.until(date(2026, 12, 4), time(12, 59))
    before = len(play.letters(mori))
    await play.until(date(2026, 12, 4), time(13, 1))
    assert "How much does the wound hurt?" in play.letters(mori)[before][1]
    await play.does(mori.tap("Mild"))
    await play.does(mori.tap("Black edge"))
    await play.does(mori.tap("Done"))
    assert any("emergency department" in text for _, text in play.letters(mori)[before:])
    page_ = lin.last.text
    for words in ("001", "W2", "A black edge soon after the gel", "2.0 h since the gel"):
        assert words in page_, page_
    # Nobody takes it: again after three minutes, the PI after six.
    pages = sum("W2" in text for _, text in play.letters(lin))
    await play.until(date(2026, 12, 4), time(13, 5))
    assert sum("W2" in text for _, text in play.letters(lin)) == pages + 1
    assert not any("W2" in text for _, text in play.letters(pi))
    await play.until(date(2026, 12, 4), time(13, 8))
    assert any("上药后伤口边缘发黑" in text for _, text in play.letters(pi))
    await play.does(pi.tap("✋ 我来处理"))
    taken = len(play.letters(lin))
    await play.until(date(2026, 12, 4), time(13, 15))
    assert len(play.letters(lin)) == taken
