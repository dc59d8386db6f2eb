"""Rules of language that the words lean on: who, when, questions in general, gaps, idioms, numerals."""

import pytest

from bot.domain.freetext import read
from bot.domain.freetext.normal import normal
from bot.domain.freetext.numerals import digits
from bot.domain.freetext.page import LONGEST, Page
from bot.domain.lexicon import check_lexicon
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
        ("I had a seizure in 2011", "queue"),
        ("I had a seizure in 2011, it feels the same today", "ask"),
        ("小时候抽过一次风,后来再也没有", "queue"),
        ("小时候晕倒过,今天又晕倒了", "red"),
        ("小时候有哮喘,现在喘不上气", "red"),
        ("back in college I passed out once", "queue"),
        ("I get out of breath faster than I used to", "red"),
        ("the pain has gone into my arm and my chest hurts", "red"),
    ],
)
def test_a_year_is_long_ago_and_gone_somewhere_is_not_gone(text: str, expected: str) -> None:
    assert act(text) == expected


@pytest.mark.parametrize(
    ("general", "own", "expected"),
    [
        ("腹泻算不算这个药的副作用", "我又腹泻了,算不算副作用", "ask"),
        ("一般几天会发烧", "我发烧几天了", "ask"),
        ("出皮疹的人多吗", "我出皮疹了,这样的人多吗", "ask"),
        ("什么样的胸痛要去医院", "我这样的胸痛要去医院吗", "red"),
        ("发烧的话找谁", "一走路就发烧的话找谁", "ask"),
        ("does this treatment give people a rash?", "I have a rash since this treatment", "ask"),
        ("How long does the fever last?", "how long does my fever last?", "ask"),
        ("the consent form says rash, fever", "I have the rash that the consent form mentions", "ask"),
    ],
)
def test_a_question_in_general_is_quiet_until_it_is_ones_own(general: str, own: str, expected: str) -> None:
    assert act(general) == "queue"
    assert act(own) == expected


@pytest.mark.parametrize(
    ("theirs", "own", "expected"),
    [
        ("候诊时旁边一个大爷咳血了", "候诊时我咳血了,旁边一个大爷扶着我", "red"),
        ("病友说他打完身上起了疹子", "病友说我身上起了疹子", "ask"),
        ("群里有人说打完会抽筋", "群里有人说我打完抽搐了", "red"),
        ("小说里那个皇帝说胡话", "老公看小说,说胡话", "red"),
        ("The lady next to me fainted", "The lady next to me says I fainted", "red"),
        ("our dog had a seizure", "our dog barked when I had a seizure", "red"),
        ("a guy on the train collapsed", "a guy on the train saw that I collapsed", "red"),
        ("the taxi driver had a bad cough", "the taxi driver heard my bad cough", "ask"),
    ],
)
def test_a_stranger_is_quiet_until_the_clause_comes_back(theirs: str, own: str, expected: str) -> None:
    assert act(theirs) == "queue"
    assert act(own) == expected


@pytest.mark.parametrize(
    ("figure", "meant", "expected"),
    [
        ("笑得我喘不过气", "笑得我胸口痛", "red"),
        ("今天发票把我搞糊涂了", "把我烧糊涂了", "red"),
        ("外面冷得直哆嗦", "今天冷得直哆嗦", "ask"),
        ("Your reminder confused me", "dad is confused about the date", "red"),
        ("laughed till I couldn't breathe", "I couldn't breathe when I laughed", "red"),
        ("nearly passed out at the price", "nearly passed out on the stairs", "red"),
        ("the app gives me a headache", "the drip gave me a headache", "ask"),
    ],
)
def test_a_figure_of_speech_is_none_where_it_is_meant(figure: str, meant: str, expected: str) -> None:
    assert act(figure) == "queue"
    assert act(meant) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我昨晚梦见自己喘不上气", "queue"),
        ("梦见我妈,醒来喘不上气", "red"),
        ("发错群了,孩子拉肚子", "queue"),
        ("发错群了,胸痛", "ask"),
        ("上次问卷填错了,今天胸口痛", "red"),
        ("chopping onions, eyes streaming", "queue"),
        ("eyes streaming for days, maybe the onions", "ask"),
        ("Two years ago, I had shingles", "queue"),
        ("小时候有哮喘,喘不上气", "red"),
    ],
)
def test_a_dream_a_slip_and_a_cause_make_quiet_what_is_not_of_now(text: str, expected: str) -> None:
    assert act(text) == expected


def test_what_is_asked_about_alone_is_red_together() -> None:
    assert act("身上起疹子,眼睛也黄了") == "ask"
    assert act("拉了一天水,身上起疹子,眼睛也黄了") == "red"
    assert act("没有拉肚子,身上起疹子,眼睛也黄了") == "ask"


def test_words_that_lean_on_an_unknown_hazard_or_band_are_refused() -> None:
    words = PROTOCOL.words
    rash = words.hazards["rash"].model_copy(update={"red_with": (("stool",),)})
    fever = words.readings["temperature"].model_copy(update={"asked_from": "warm"})
    changed = words.model_copy(
        update={
            "hazards": {**words.hazards, "rash": rash},
            "readings": {**words.readings, "temperature": fever},
        }
    )
    problems = [str(problem) for problem in check_lexicon(changed, PROTOCOL.items)]
    assert any("hazards.rash.red_with" in each for each in problems)
    assert any("readings.temperature.asked_from" in each for each in problems)
    assert len(problems) == 2


def test_somebody_in_a_story_is_nobody_but_suicide_is_asked_about() -> None:
    assert act("电视剧里女主角咳血了") == "queue"
    assert act("女主角最后自杀了") == "ask"
    assert act("看完电影我想自杀") == "red"


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
        ("39 point 4", "39.4"),
        ("one forty five", "145"),
        ("one oh two", "102"),
        ("hundred and two point five", "102.5"),
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
        ("卅九度", "red"),
        ("昨晚十一点38.2，今早七点38.4", "red"),
        ("耳温37.7", "ask"),
        ("耳温37.4", "queue"),
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
