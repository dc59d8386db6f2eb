"""One way of writing for what people type: width, case, script, spaces, spelling."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial

from opencc import OpenCC

from bot.domain.lexicon import Lexicon

_TO_SIMPLIFIED = OpenCC("t2s")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "–": "-", "—": "-", "º": "°"})
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff\u00ad]")
_FUZZY_FROM, _LOOSE_FROM = 6, 8
"""Letters from which one slip (a letter too many, too few, two swapped; any one letter) is forgiven."""


def simplified(text: str) -> str:
    """Return the text in one width, case and script; Cantonese words stay."""
    # Half of a surrogate pair is no text: the converter would refuse it.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    written = unicodedata.normalize("NFKC", _UNSEEN.sub("", whole)).translate(_QUOTES).lower()
    converted = str(_TO_SIMPLIFIED.convert(written))
    return re.sub(r"[^\S\n]+", " ", converted).strip()


def normal(text: str, words: Lexicon) -> str:
    """Return the text as the words are matched: simplified, and put right where it was mistyped."""
    written = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", simplified(text))
    written = re.sub(r"([a-z])\1{2,}", r"\1", written)
    written = re.sub(r"([^\w\s.,]|[\u3400-\u9fff])\1{4,}", r"\1\1\1", written)
    for language in ("en", "zh"):
        pattern, meant = _spelling(words, language)
        written = pattern.sub(partial(_right, meant), written)
    return re.sub(rf"[a-z]{{{_FUZZY_FROM},}}", lambda found: _meant(found.group(), words), written)


def _right(meant: dict[str, str], found: re.Match[str]) -> str:
    return meant[found.group()]


@lru_cache(maxsize=16)
def _spelling(words: Lexicon, language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = words.spelling.en if language == "en" else words.spelling.zh
    ordered = "|".join(re.escape(one) for one in sorted(table, key=len, reverse=True))
    around = (r"(?<![a-z'])", r"(?![a-z'])") if language == "en" else ("", "")
    return re.compile(f"{around[0]}(?:{ordered or '(?!)'}){around[1]}"), dict(table)


@lru_cache(maxsize=8)
def _vocabulary(words: Lexicon) -> tuple[frozenset[str], frozenset[str], dict[str, str], tuple[str, ...]]:
    """Return the words, those that are no slips, the words by what one lost letter leaves, and the stems."""
    known = set(_single_words(words))
    stems = tuple(word.removesuffix("*") for word in known if word.endswith("*"))
    whole = frozenset(word.removesuffix("*") for word in known if len(word) >= _FUZZY_FROM)
    shorter = {less: word for word in sorted(whole) for less in _without_one(word)}
    return whole, frozenset(words.spelling.distinct), shorter, tuple(s for s in stems if len(s) > 3)


def _single_words(words: Lexicon) -> Iterator[str]:
    for hazard in words.hazards.values():
        near = (phrase for one in hazard.near if not one.zh for phrase in (*one.first, *one.then))
        for phrase in (*hazard.en, *near):
            yield from re.findall(r"[a-z']+\*?", phrase)


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(1, len(word)))


def _meant(word: str, words: Lexicon) -> str:
    whole, distinct, shorter, stems = _vocabulary(words)
    if word in whole or word in distinct or word.startswith(stems):
        return word
    if word in shorter:
        return shorter[word]
    return next((slip for slip in _slips(word, shorter) if slip in whole), word)


def _slips(word: str, shorter: dict[str, str]) -> Iterable[str]:
    yield from _without_one(word)
    yield from (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))
    if len(word) >= _LOOSE_FROM:
        for less in _without_one(word):
            if less in shorter and len(shorter[less]) == len(word):
                yield shorter[less]
