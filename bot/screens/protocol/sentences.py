"""The small words by which a sentence is read, and how numbers and mistyped words are, for the PI to read."""

from collections.abc import Iterator, Mapping

from bot.domain.lexicon import Grammar, Lexicon, Phrases, ReadingWords
from bot.domain.protocol import Protocol
from bot.screens.protocol.conditions import item_name
from bot.screens.protocol.outline import Entry, Known, Listed, Section, lines
from bot.texts import Phrase, key, say

GRAMMAR: Mapping[str, str] = {
    "negators": key("page.grammar.negators"),
    "fillers": key("page.grammar.fillers"),
    "joiners": key("page.grammar.joiners"),
    "denied_after": key("page.grammar.denied_after"),
    "exempt": key("page.grammar.exempt"),
    "idioms": key("page.grammar.idioms"),
    "neutral": key("page.grammar.neutral"),
    "well": key("page.grammar.well"),
    "over_after": key("page.grammar.over_after"),
    "whereto": key("page.grammar.whereto"),
    "over_end": key("page.grammar.over_end"),
    "over_before": key("page.grammar.over_before"),
    "hypothetical": key("page.grammar.hypothetical"),
    "hypothetical_fillers": key("page.grammar.hypothetical_fillers"),
    "asking": key("page.grammar.asking"),
    "question_needed": key("page.grammar.question_needed"),
    "general": key("page.grammar.general"),
    "general_amber": key("page.grammar.general_amber"),
    "openers": key("page.grammar.openers"),
    "own_now": key("page.grammar.own_now"),
    "not_own": key("page.grammar.not_own"),
    "supposed_after": key("page.grammar.supposed_after"),
    "question_end": key("page.grammar.question_end"),
    "wish": key("page.grammar.wish"),
    "past": key("page.grammar.past"),
    "present": key("page.grammar.present"),
    "long_ago": key("page.grammar.long_ago"),
    "dreamt": key("page.grammar.dreamt"),
    "awake": key("page.grammar.awake"),
    "not_meant": key("page.grammar.not_meant"),
    "cause": key("page.grammar.cause"),
    "lasting": key("page.grammar.lasting"),
    "again": key("page.grammar.again"),
    "kin": key("page.grammar.kin"),
    "partner": key("page.grammar.partner"),
    "others": key("page.grammar.others"),
    "strangers": key("page.grammar.strangers"),
    "fiction": key("page.grammar.fiction"),
    "they": key("page.grammar.they"),
    "own": key("page.grammar.own"),
    "reporting": key("page.grammar.reporting"),
    "with_them": key("page.grammar.with_them"),
    "but": key("page.grammar.but"),
    "apart": key("page.grammar.apart"),
}
"""What each list of small words does, in the order in which they are printed."""


def sentences(words: Lexicon) -> Section:
    """Return every small word of both languages, and what is put right before anything is read."""
    lists = (_list(name, words.grammar.zh, words.grammar.en) for name in GRAMMAR)
    entries = (*(entry for entry in lists if entry.listed), *_spelling(words))
    return Section(say("page.grammar"), entries, (say("page.grammar_explained"),))


def numbers(protocol: Protocol) -> Section:
    """Return by which words a number is a reading, which words make it none, and where it was measured."""
    words = protocol.words
    readings = tuple(
        Entry(
            name,
            item_name(f"{one.item}.{one.key}", protocol.items),
            lines(_asked_from(one.asked_from)),
            listed=tuple(_reading(one)),
        )
        for name, one in words.readings.items()
    )
    places = tuple(Listed(_place(name), in_a_row(said)) for name, said in words.places.items())
    below = _listed(say("page.words_any"), words.below.words)
    more = (
        Entry("places", say("page.places"), listed=places),
        Entry("below", say("page.below"), listed=tuple(below)),
    )
    entries = (*readings, *(entry for entry in more if entry.listed))
    return Section(say("page.readings"), entries, (say("page.readings_explained"),))


def _list(name: str, zh: Grammar, en: Grammar) -> Entry:
    listed = (
        *_listed(say("page.words_zh"), getattr(zh, name)),
        *_listed(say("page.words_en"), getattr(en, name)),
    )
    return Entry(f"grammar_{name}", Phrase(GRAMMAR[name]), listed=listed)


def _spelling(words: Lexicon) -> Iterator[Entry]:
    listed = (
        *_listed(say("page.words_zh"), _corrections(words.spelling.zh)),
        *_listed(say("page.words_en"), _corrections(words.spelling.en)),
    )
    if listed:
        yield Entry("spelling", say("page.spelling"), listed=listed)
    if words.spelling.distinct:
        distinct = tuple(_listed(say("page.words_any"), words.spelling.distinct))
        yield Entry("distinct", say("page.distinct"), listed=distinct)


def _corrections(written: Mapping[str, str]) -> Phrases:
    return tuple(f"{wrong} → {right}" for wrong, right in written.items())


def _reading(one: ReadingWords) -> Iterator[Listed]:
    yield from _listed(say("page.words_any"), one.words)
    yield from _listed(say("page.words_after"), one.after)
    yield from _listed(say("page.words_not"), one.not_)


def _asked_from(band: str | None) -> Phrase | None:
    return None if band is None else say("page.words_asked_from", band=Known(f"page.band.{band}", band))


def _place(name: str) -> Phrase:
    return say("page.place", name=Known(f"choice.{name}", name))


def _listed(label: Phrase, words: Phrases) -> Iterator[Listed]:
    if words:
        yield Listed(label, in_a_row(words))


def in_a_row(phrases: Phrases) -> str:
    """Return phrases one after the other, told apart by a dot."""
    return " · ".join(phrases)
