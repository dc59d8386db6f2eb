"""How a sentence is read: words, numbers, negation, over, who, questions, idioms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.findings import Clocks, Context
from bot.domain.freetext import Heard, read
from bot.domain.lexicon import NO_WORDS
from bot.domain.protocol import Protocol, load_protocol

RANK = {"queue": 0, "ask": 1, "red": 2}
PROTOCOL = load_protocol()


def heard(text: str, context: Context | None = None) -> Heard:
    return read(text, PROTOCOL, context)


def statuses(text: str) -> dict[str, str]:
    return {found.hazard: found.status for found in heard(text).findings}


@pytest.mark.parametrize(
    "hazard", [h for h in PROTOCOL.words.hazards.values() if h.zh or h.en], ids=lambda h: h.id
)
def test_every_phrase_of_the_file_is_heard_and_reaches_its_tier(hazard) -> None:
    for phrase in (*hazard.zh, *(one.replace("*", "") for one in hazard.en)):
        act = heard(phrase).act
        assert RANK[act] >= (2 if hazard.tier == "red" else 1), phrase


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("没发烧,但是喘不上气", "red"),
        ("没有喘不上气", "queue"),
        ("止不住血", "red"),
        ("不得不去了急诊", "ask"),
        ("忍不住发抖打寒战", "ask"),
        ("不是没发烧", "ask"),
        ("不知道有没有发烧", "ask"),
        ("今天没有发烧,一切都好", "queue"),
        ("没有发烧、咳嗽、拉肚子", "queue"),
        # In Chinese a comma may end what is denied: that is asked.
        ("没有发烧,拉肚子", "ask"),
        ("no fever, chills or cough", "queue"),
        ("no fever, chest pain", "red"),
        ("no fever but I can't breathe", "red"),
        ("冇發燒,但係唞唔到氣", "red"),
        ("胸痛没有", "queue"),
        ("I don't have a fever", "queue"),
        ("I can't stop shaking", "ask"),
    ],
)
def test_a_denial_reaches_no_further_than_its_words(text: str, act: str) -> None:
    assert heard(text).act == act


@pytest.mark.parametrize(
    "text", ["不发烧了", "退烧了", "the fever is gone", "no more fever", "我唔燒喇,退咗燒", "不拉肚子了"]
)
def test_what_is_over_is_asked_about(text: str) -> None:
    assert heard(text).act == "ask"


@pytest.mark.parametrize("text", ["刚才晕倒了,现在好了", "I had a seizure but it stopped", "吐血了,现在停了"])
def test_what_happened_is_not_undone_by_being_over(text: str) -> None:
    assert heard(text).act == "red"


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("我儿子发烧了", "queue"),
        ("my daughter has a cough", "queue"),
        ("我老公说我说胡话", "red"),
        ("my husband says I was talking nonsense", "red"),
        ("我妈叫不醒", "red"),
        ("我儿子抽搐了", "ask"),
        ("我老婆说不想活了", "red"),
        ("老公出差了,我胸口很痛", "red"),
        ("照顾孩子累得胸痛", "red"),
    ],
)
def test_who_has_it_counts(text: str, act: str) -> None:
    assert heard(text).act == act


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("会不会发烧", "queue"),
        ("what if I get a fever", "queue"),
        ("如果喘不上气怎么办", "queue"),
        ("如果一动就喘不上气", "red"),
        ("又发烧了怎么办", "ask"),
        ("do I have a fever?", "ask"),
        ("想死你了", "queue"),
        ("热死了,在家烧饭", "queue"),
        ("dying to see you", "queue"),
        ("几年前想过自杀", "ask"),
        ("会不会想死", "ask"),
        ("要是睡着了再也不醒来就好了", "red"),
    ],
)
def test_questions_and_idioms_are_no_symptoms(text: str, act: str) -> None:
    assert heard(text).act == act


@pytest.mark.parametrize(
    ("text", "item", "values"),
    [
        ("38.6", "Q1", {"value": 38.6, "place": "unknown"}),
        ("39度2", "Q1", {"value": 39.2}),
        ("三十九度", "Q1", {"value": 39.0}),
        ("３８．６度", "Q1", {"value": 38.6}),
        ("发烧到三十八度半", "Q1", {"value": 38.5}),
        ("102°F", "Q1", {"value": 38.9}),
        ("my temperature is 101.8", "Q1", {"value": 38.8}),
        ("体温385", "Q1", {"value": 38.5}),
        ("腋下38,6", "Q1", {"value": 38.6, "place": "axillary"}),
        ("耳温39度", "Q1", {"value": 39.0, "place": "ear"}),
        ("血氧88", "Q9", {"value": 88}),
        ("血氧45", "Q9", {"value": 45}),
        ("脉搏25", "Q8", {"pulse": 25}),
        ("血压48/25", "Q8", {"sbp": 48, "dbp": 25}),
        ("82/50", "Q8", {"sbp": 82, "dbp": 50}),
        ("bp 82 over 50", "Q8", {"sbp": 82, "dbp": 50}),
        ("高压80低压45", "Q8", {"sbp": 80, "dbp": 45}),
        ("pulse 135", "Q8", {"pulse": 135}),
        ("心跳一分钟140下", "Q8", {"pulse": 140}),
    ],
)
def test_numbers_become_readings_and_these_are_red(text: str, item: str, values: dict[str, object]) -> None:
    found = heard(text)
    answer = found.answers[item]
    assert isinstance(answer, dict)
    assert values.items() <= answer.items()
    assert found.act == "red"


@pytest.mark.parametrize(
    "text",
    [
        "打车38.5元",
        "我39岁",
        "今天气温38度",
        "体重62.5公斤",
        "bus 102",
        "8点半到",
        "12/25见",
        "脉搏量了15分钟",
        "血氧仪买了30天",
        "血氧300",
        "48/25见",
        "电话13800138000",
        "36.8度",
    ],
)
def test_other_numbers_are_no_readings_to_act_on(text: str) -> None:
    assert heard(text).act == "queue"


def test_a_reading_of_yesterday_is_asked_for_again() -> None:
    assert heard("昨晚烧到38度9").act == "ask"
    assert heard("昨天39度,今天39度2").act == "red"
    assert heard("没超过37度5").act == "queue"


def test_the_clock_of_the_participant_sharpens_a_reading() -> None:
    soon = Context(clocks=Clocks(5, {"nk": 20.0}))
    assert heard("37.6").act == "ask"
    assert heard("37.6", soon).act == "red"
    assert "R1" in heard("37.6", soon).rules


def test_a_sore_ear_does_not_loosen_the_threshold() -> None:
    assert heard("耳朵疼,38.1").act == "red"


def test_suicide_is_handed_on_to_the_rule_that_waits_for_it() -> None:
    found = heard("不想活了")
    assert found.heard == {"suicide"}
    assert found.call_120


def test_the_items_to_ask_stand_in_order_of_gravity_each_once() -> None:
    assert heard("发烧,胸痛").items[0] == "Q6"
    assert heard("发烧,打寒战").items.count("Q1") == 1


@pytest.mark.parametrize(
    "text",
    ["feveer", "diarrohea", "siezure", "拉渡子", "抽蓄了", "胸 痛", "FEVER", "ｆｅｖｅｒ", "發燒", "🤒"],
)
def test_spelling_width_case_script_and_signs_do_not_matter(text: str) -> None:
    assert heard(text).act != "queue"


def test_a_denied_phrase_is_kept_as_a_finding() -> None:
    assert statuses("今天没有发烧") == {"fever": "negated"}
    assert statuses("想死你了") == {"idiom": "idiom"}


def test_a_protocol_without_words_leaves_all_to_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    bare: Protocol = PROTOCOL.model_copy()
    bare._words = NO_WORDS
    assert read("胸痛 chest pain", bare).act == "queue"


FRAGMENTS = st.sampled_from(
    [
        "没有",
        "发烧",
        "胸痛",
        "、",
        ",",
        "38.6",
        "°F",
        "会不会",
        "不是没",
        "no ",
        "fever ",
        "or ",
        "我儿子",
        "但",
        "了",
        "?",
        "🤮",
        "\n",
        "想死你",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(), max_size=40),
    st.lists(FRAGMENTS, max_size=12).map("".join),
)


@settings(max_examples=150)
@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    found = heard(text)
    assert found.act in RANK
    assert all(RANK[each.act] <= RANK[found.act] for each in found.findings)


@settings(max_examples=100)
@given(
    TEXTS,
    st.sampled_from(["我现在喘不上气", "胸口痛", "I can't breathe", "I fainted", "不想活了"]),
    st.booleans(),
)
def test_a_red_sentence_beside_any_text_stays_red(text: str, red: str, first: bool) -> None:
    assert heard(f"{red}。\n{text}" if first else f"{text}\n{red}。").act == "red"


@settings(max_examples=60)
@given(st.text(st.characters(categories=["Cs", "Cc", "Cf", "Mn", "So"]), max_size=30))
def test_half_characters_and_marks_are_survived(text: str) -> None:
    assert heard(text + "胸痛").act in RANK
