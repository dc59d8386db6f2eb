"""Rules of language that the words lean on: who, when, questions in general, gaps, idioms, numerals."""

import pytest

from bot.domain.freetext import read
from bot.domain.freetext.normal import normal
from bot.domain.freetext.numerals import digits
from bot.domain.freetext.page import LONGEST, Page
from bot.domain.protocol import load_protocol

PROTOCOL = load_protocol()
LENGTH = 4096
"""Characters of the longest message that Telegram carries."""


def act(text: str) -> str:
    return read(text, PROTOCOL).act


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("隔壁老王昨天晕倒了", "queue"),
        ("邻居说我晕倒了", "red"),
        ("电视里那个人吐血了", "queue"),
        ("a film where the guy coughs up blood", "queue"),
        ("孩子他爸突然浑身僵直", "red"),
        ("我儿子突然喘不上气", "ask"),
        ("my daughter says the whites of my eyes look yellow", "ask"),
        ("我老婆验孕棒两条线", "ask"),
        ("我同事怀孕了", "queue"),
    ],
)
def test_a_stranger_is_nobody_and_a_partner_counts(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("想问一下什么情况算呼吸困难", "queue"),
        ("我现在这样算呼吸困难吗", "red"),
        ("what counts as chest pain", "queue"),
        ("is my chest pain a known side effect", "red"),
    ],
)
def test_a_question_in_general_is_none_about_oneself(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我2015年得过带状疱疹", "queue"),
        ("I had shingles in 2011", "queue"),
        ("I had a seizure in 2011", "ask"),
        ("the pain has gone into my arm and my chest hurts", "red"),
    ],
)
def test_a_year_is_long_ago_and_gone_somewhere_is_not_gone(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("说话多了接不上气", "red"),
        ("如果一动就喘不上气", "red"),
        ("胸口小心按着也疼", "red"),
        ("started a new blood pressure tablet", "ask"),
        ("肚子不舒服", "ask"),
    ],
)
def test_a_gap_hides_no_symptom_and_an_idiom_only_its_own_words(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("thirty nine point two", "39.2"),
        ("one hundred and three", "103"),
        ("a hundred and two point five", "102.5"),
        ("ninety eight", "98"),
        ("twenty", "20"),
        ("someone, often", "someone, often"),
        ("two of us", "two of us"),
    ],
)
def test_english_numbers_in_words_become_digits(written: str, read_as: str) -> None:
    assert digits(written) == read_as


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My thermometer reads one hundred and three", "red"),
        ("103.1 and climbing", "red"),
        ("心率一百四", "red"),
        ("手指夹的那个显示85,一直报警", "red"),
        ("I rang 39 times", "queue"),
    ],
)
def test_numbers_are_readings_as_people_write_them(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize("piece", ["no ", "没有", "1", "38 ", "😀", "胸", "chest ", "if i ", ",", "ninety "])
def test_a_message_of_one_thing_over_and_over_is_read_to_its_end(piece: str) -> None:
    text = (piece * LENGTH)[:LENGTH]
    page = Page(normal(text, PROTOCOL.words), PROTOCOL.words)
    # What is looked back over has an end, so that the work grows with the text and not with its square.
    assert max(clause.end - clause.start for clause in page.clauses) <= LONGEST
    assert page.clauses[-1].end == len(page.text)
    assert act(f"{text}. 喘不上气") == "red"


def test_every_place_of_a_text_has_its_clause() -> None:
    page = Page(normal("没发烧,但是喘不上气!;no fever." + "a" * 600, PROTOCOL.words), PROTOCOL.words)
    for position in range(len(page.text)):
        clause = page.clauses[page.clause_at(position)]
        assert clause.start <= position or page.text[position] in ",.;!? 但是"
