"""Free text on the sentences that the word lists were not tuned on, and on those that they were."""

import hashlib

import pytest

from bot.domain.protocol import load_protocol
from tests.domain.freetext_scores import LANGUAGE, scores, sentences

LANGUAGES = sorted({"all", *LANGUAGE.values()})


def test_the_corpus_is_large_and_half_chinese() -> None:
    corpus = [*sentences("tuning"), *sentences("held_out")]
    chinese = [s for s in corpus if LANGUAGE[s.lang] == "chinese"]
    assert len(corpus) >= 400
    assert len({s.text for s in corpus}) == len(corpus)
    assert len(chinese) >= len(corpus) / 2


def test_the_hash_of_a_sentence_alone_sets_it_apart() -> None:
    for name, rest in (("held_out", {0}), ("tuning", {1, 2})):
        for sentence in sentences(name):
            digest = hashlib.sha256(sentence.text.encode()).hexdigest()
            assert sentence.id == digest[:10]
            assert int(digest, 16) % 3 in rest


@pytest.fixture(scope="module", params=["held_out", "tuning", "later"])
def table(request: pytest.FixtureRequest) -> dict[str, object]:
    return dict(scores(sentences(request.param), load_protocol()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_anything_is_missed_and_few_are_asked_in_vain(table, language: str) -> None:
    score = table[language]
    wrong = [(sentence.text, heard.act) for sentence, heard in score.wrong]
    assert score.recall("red") >= 0.98, wrong
    assert score.recall("ask") >= 0.98, wrong
    assert score.false_alarms <= 0.05, wrong
