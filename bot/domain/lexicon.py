"""The words of a protocol: what people may write, what it may mean, and how a sentence is read."""

from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bot.domain.definition import Identifier, Problem, Sourced, Strict, parsed, validated, with_ids
from bot.domain.items import Item

Phrase = Annotated[str, StringConstraints(min_length=1)]
Phrases = tuple[Phrase, ...]
Language = Literal["zh", "en"]


class Near(Strict):
    """One of `first` and one of `then` in one clause, at most `gap` characters (zh) or words (en) apart."""

    zh: bool = False
    first: Annotated[Phrases, Field(min_length=1)]
    then: Annotated[Phrases, Field(min_length=1)]
    gap: Annotated[int, Field(ge=0, le=20)]
    ordered: bool = False
    across: bool = False
    """A comma may stand between them."""

    @property
    def language(self) -> Language:
        """Tell in which language these words stand."""
        return "zh" if self.zh else "en"


class Hazard(Strict):
    """What a phrase may mean: red acts at once, amber asks the items."""

    id: Identifier
    tier: Literal["red", "amber"]
    items: tuple[str, ...] = ()
    """The items that ask for it, in the order in which to ask."""
    event: bool = False
    """That it is over now does not make it harmless: fainting, a seizure, blood."""
    mention: bool = False
    """A mere mention, of a part of the body say: nothing where the clause says that it is well."""
    askable: bool = False
    """People ask about it who do not have it: may I take a fever medicine?"""
    explained: bool = False
    """An everyday cause that is named makes it harmless: sneezing of dust, sore legs of a hike."""
    others: Literal["exposure", "partner", "self"] = "exposure"
    """`self`: what a relative reports counts as the participant's own; `partner`: a partner's does."""
    heard: Identifier | None = None
    """The name under which a rule of the protocol waits for it."""
    zh: Phrases = ()
    en: Phrases = ()
    any: Phrases = ()
    near: tuple[Near, ...] = ()
    red_with: tuple[tuple[Identifier, ...], ...] = ()
    """Hazards that all in one text with this one make RED: a rash with loose stools and jaundice."""


class Grammar(Strict):
    """The small words of one language by which a sentence denies, asks, remembers, or speaks of others."""

    negators: Phrases = ()
    fillers: Phrases = ()
    joiners: Phrases = ()
    denied_after: Phrases = ()
    exempt: Phrases = ()
    idioms: Phrases = ()
    neutral: Phrases = ()
    well: Phrases = ()
    over_after: Phrases = ()
    whereto: Phrases = ()
    over_end: Phrases = ()
    over_before: Phrases = ()
    hypothetical: Phrases = ()
    hypothetical_fillers: Phrases = ()
    asking: Phrases = ()
    question_needed: Phrases = ()
    general: Phrases = ()
    general_amber: Phrases = ()
    openers: Phrases = ()
    own_now: Phrases = ()
    not_own: Phrases = ()
    supposed_after: Phrases = ()
    question_end: Phrases = ()
    wish: Phrases = ()
    past: Phrases = ()
    present: Phrases = ()
    long_ago: Phrases = ()
    dreamt: Phrases = ()
    awake: Phrases = ()
    not_meant: Phrases = ()
    cause: Phrases = ()
    lasting: Phrases = ()
    again: Phrases = ()
    kin: Phrases = ()
    partner: Phrases = ()
    others: Phrases = ()
    strangers: Phrases = ()
    fiction: Phrases = ()
    they: Phrases = ()
    own: Phrases = ()
    reporting: Phrases = ()
    with_them: Phrases = ()
    but: Phrases = ()
    apart: Phrases = ()


class Grammars(Strict):
    """How sentences are read, by language."""

    zh: Grammar = Grammar()
    en: Grammar = Grammar()


class Spelling(Strict):
    """What is often mistyped, and what was meant; `distinct` are words that only look like a typing error."""

    zh: dict[str, str] = Field(default_factory=dict)
    en: dict[str, str] = Field(default_factory=dict)
    distinct: Phrases = ()


class ReadingWords(Strict):
    """By which words a number is known as a reading of an item, and `not_` which mean something else."""

    item: str
    key: Identifier
    words: Phrases
    after: Phrases = ()
    not_: Annotated[Phrases, Field(alias="not")] = ()
    asked_from: str | None = None
    """The band from which on a reading is asked about at least, whatever the day of the study."""


class Below(Strict):
    """Words that say that a number was not reached."""

    words: Phrases = ()


class Lexicon(Sourced):
    """The words of one protocol."""

    hazards: Annotated[dict[str, Hazard], BeforeValidator(with_ids)] = Field(default_factory=dict)
    grammar: Grammars = Grammars()
    spelling: Spelling = Spelling()
    readings: dict[Identifier, ReadingWords] = Field(default_factory=dict)
    places: dict[Identifier, Phrases] = Field(default_factory=dict)
    below: Below = Below()

    # Patterns are compiled once for a lexicon: what was loaded once is one object, and compared as one.
    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


NO_WORDS = Lexicon(tag="D", source="a protocol without words: every text goes to the staff's queue")


def lexicon_from(raw: bytes, name: str, items: Mapping[str, Item]) -> Lexicon:
    """Return the words of a file's bytes, checked against the items; ProtocolError names file and key."""
    return validated(Lexicon, parsed(raw, name), name, lambda words: check_lexicon(words, items))


def check_lexicon(words: Lexicon, items: Mapping[str, Item]) -> Iterator[Problem]:
    """Yield every reference that leads nowhere, and every phrase that stands in two hazards."""
    for name, hazard in words.hazards.items():
        yield from (
            Problem(f"hazards.{name}.items", f"unknown item {one}")
            for one in hazard.items
            if one not in items
        )
        unknown = {other for together in hazard.red_with for other in together} - words.hazards.keys()
        yield from (
            Problem(f"hazards.{name}.red_with", f"unknown hazard {other}") for other in sorted(unknown)
        )
        if not (hazard.zh or hazard.en or hazard.any or hazard.near):
            yield Problem(f"hazards.{name}", "has no words")
    for name, reading in words.readings.items():
        yield from _check_reading(name, reading, items)
    yield from _check_places(words, items)
    yield from _twice(words)


def _check_reading(name: str, reading: ReadingWords, items: Mapping[str, Item]) -> Iterator[Problem]:
    if reading.item not in items:
        yield Problem(f"readings.{name}.item", f"unknown item {reading.item}")
    elif reading.key not in _keys(items[reading.item]):
        yield Problem(f"readings.{name}.key", f"{reading.item} stores no {reading.key}")
    elif reading.asked_from is not None and reading.asked_from not in items[reading.item].bands:
        yield Problem(f"readings.{name}.asked_from", f"{reading.item} has no band {reading.asked_from}")


def _keys(item: Item) -> Container[str]:
    return {key for part in item.parts for key in part.stored_keys}


def _check_places(words: Lexicon, items: Mapping[str, Item]) -> Iterator[Problem]:
    known = {choice for item in items.values() if item.bands_by for choice in _choices(item)}
    for place in words.places:
        if place not in known:
            yield Problem(f"places.{place}", "no item knows this place")


def _choices(item: Item) -> Iterator[str]:
    for part in item.parts:
        if part.key == item.bands_by:
            yield from part.choices


def _twice(words: Lexicon) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, hazard in words.hazards.items():
        for phrase in (*hazard.zh, *hazard.en, *hazard.any):
            first = seen.setdefault(phrase, name)
            if first != name:
                yield Problem(f"hazards.{name}", f"{phrase!r} stands in hazards.{first} already")
