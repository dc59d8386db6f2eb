"""Words of the protocol as patterns, compiled once for a lexicon."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.freetext.normal import simplified
from bot.domain.lexicon import Grammar, Hazard, Language, Lexicon, Near

Pattern = re.Pattern[str]
_LEFT, _RIGHT = r"(?<![a-z'])", r"(?![a-z])"
_IS = "(?:'s)?"
"""What may hang on any word: my period's late."""
_WITHIN = r"[^,;.!?。\n]"


def zh(phrases: Iterable[str], *, spaced: bool = False) -> str:
    """Return an alternation, longest first; `spaced` lets a space stand between the characters."""
    between = " ?" if spaced else ""
    written = sorted({simplified(one) for one in phrases}, key=len, reverse=True)
    return "|".join(between.join(re.escape(c) for c in one) for one in written) or "(?!)"


def en(phrases: Iterable[str]) -> str:
    """Return an alternation of whole words, longest first; a star lets a word go on."""
    written = sorted({simplified(one) for one in phrases}, key=len, reverse=True)
    return "|".join(_words(one) for one in written) or "(?!)"


def _words(phrase: str) -> str:
    return " ".join(
        re.escape(word.removesuffix("*")) + ("[a-z]*" if word.endswith("*") else "") + _IS
        for word in phrase.split(" ")
    )


def whole(phrases: Iterable[str]) -> str:
    """Return `en` bounded so that it matches no part of a longer word."""
    return f"{_LEFT}(?:{en(phrases)}){_RIGHT}"


@dataclass(frozen=True, slots=True)
class Hunt:
    """One pattern of a hazard; in `near` the group `gap` is what stands between the two words."""

    hazard: Hazard
    language: Language | None
    pattern: Pattern
    near: bool = False


@lru_cache(maxsize=8)
def hunts(words: Lexicon) -> tuple[Hunt, ...]:
    """Return every pattern of every hazard."""
    return tuple(hunt for hazard in words.hazards.values() for hunt in _hunts(hazard))


def _hunts(hazard: Hazard) -> Iterable[Hunt]:
    if hazard.zh:
        yield Hunt(hazard, "zh", re.compile(zh(hazard.zh, spaced=True)))
    if hazard.en:
        yield Hunt(hazard, "en", re.compile(whole(hazard.en)))
    if hazard.any:
        yield Hunt(hazard, None, re.compile(zh(hazard.any)))
    for near in hazard.near:
        for first, then in [(near.first, near.then)] + [(near.then, near.first)] * (not near.ordered):
            yield Hunt(hazard, near.language, _near(near, first, then), near=True)


def _near(near: Near, first: Iterable[str], then: Iterable[str]) -> Pattern:
    # A look-ahead finds every place to start from, those inside an earlier match too.
    if near.zh:
        within = _WITHIN.replace(",", "") if near.across else _WITHIN
        return re.compile(f"(?=(?:{zh(first)})(?P<gap>{within}{{0,{near.gap}}}?)(?P<end>{zh(then)}))")
    gap = rf"(?P<gap>(?: [a-z0-9']+){{0,{near.gap}}}?)"
    return re.compile(f"(?={_LEFT}(?:{en(first)}){gap} (?P<end>(?:{en(then)}){_RIGHT}))")


@dataclass(frozen=True, slots=True)
class Grammatical:
    """The small words of one language as patterns; those that end in `_at_end` are anchored there."""

    denied_at_end: Pattern
    denied_after: Pattern
    joined: Pattern
    exempt: Pattern
    idioms: Pattern
    neutral: Pattern
    well: Pattern
    over_after: Pattern
    over_end: Pattern
    over_before: Pattern
    hypothetical_at_end: Pattern
    hypothetical: Pattern
    asking: Pattern
    asking_only_at_end: Pattern
    general: Pattern
    own_now: Pattern
    question_end: Pattern
    wish: Pattern
    past: Pattern
    present: Pattern
    long_ago: Pattern
    kin: Pattern
    partner: Pattern
    others: Pattern
    strangers: Pattern
    own: Pattern
    with_them_at_end: Pattern
    but: Pattern
    apart: Pattern


@lru_cache(maxsize=8)
def grammars(words: Lexicon) -> dict[Language, Grammatical]:
    """Return the patterns of both languages."""
    return {"zh": _chinese(words.grammar.zh), "en": _english(words.grammar.en)}


def _chinese(g: Grammar) -> Grammatical:
    fill, hyp = f"(?:{zh(g.fillers)})*", f"(?:{zh(g.hypothetical_fillers)})*$"
    return Grammatical(
        denied_at_end=re.compile(f"(?:{zh(g.negators)}){fill}$"),
        denied_after=re.compile(rf"[ :]*(?:{zh(g.denied_after)})[ 的了]*$"),
        joined=re.compile(rf" ?(?:{zh(g.joiners)}) ?"),
        exempt=re.compile(zh(g.exempt)),
        idioms=re.compile(zh(g.idioms)),
        neutral=re.compile(zh(g.neutral)),
        well=re.compile(zh(g.well)),
        over_after=re.compile(f"^.{{0,4}}?(?:{zh(g.over_after)})"),
        over_end=re.compile(f"^.?(?:{zh(g.over_end)})"),
        over_before=re.compile(f"(?:{zh(g.over_before)}){fill}$"),
        hypothetical_at_end=re.compile(f"(?:{zh(g.hypothetical)}){hyp}"),
        hypothetical=re.compile(zh(set(g.hypothetical) - set(g.question_needed))),
        asking=re.compile(zh(g.asking)),
        asking_only_at_end=re.compile(f"(?:{zh(g.question_needed)}){hyp}"),
        question_end=re.compile(f"(?:{zh(g.question_end)}) *$"),
        wish=re.compile(zh(g.wish)),
        past=re.compile(zh(g.past)),
        present=re.compile(zh(g.present)),
        long_ago=re.compile(zh(g.long_ago)),
        kin=re.compile(zh(g.kin)),
        partner=re.compile(zh(g.partner)),
        strangers=re.compile(zh(g.strangers)),
        general=re.compile(zh(g.general)),
        own_now=re.compile(zh(g.own_now)),
        others=re.compile(zh(g.others)),
        own=re.compile(zh((*g.own, *g.reporting))),
        with_them_at_end=re.compile(f"(?:{zh(g.with_them)})(?:我|的)*$"),
        but=re.compile(zh(g.but)),
        apart=re.compile(zh(g.apart)),
    )


def _english(g: Grammar) -> Grammatical:
    fill, hyp = f"(?: (?:{en(g.fillers)}))* ?$", f"(?: (?:{en(g.hypothetical_fillers)}))* ?$"
    return Grammatical(
        denied_at_end=re.compile(f"{whole(g.negators)}{fill}"),
        denied_after=re.compile(rf"[ :=-]*(?:{en(g.denied_after)}) *$"),
        joined=re.compile(rf",? ?(?:{en(g.joiners)}) ?"),
        exempt=re.compile(whole(g.exempt)),
        idioms=re.compile(whole(g.idioms)),
        neutral=re.compile(whole(g.neutral)),
        well=re.compile(whole(g.well)),
        over_after=re.compile(
            f"^(?: [a-z']+){{0,3}}? (?:{en(g.over_after)}){_RIGHT}(?! (?:{en(g.whereto)}){_RIGHT})"
        ),
        over_end=re.compile(f"^(?: [a-z']+){{0,2}} (?:{en(g.over_end)}){_RIGHT}"),
        over_before=re.compile(f"{whole(g.over_before)}{fill}"),
        hypothetical_at_end=re.compile(f"{whole(g.hypothetical)}{hyp}"),
        hypothetical=re.compile(whole(g.hypothetical)),
        asking=re.compile(whole(g.asking)),
        asking_only_at_end=re.compile(f"{whole(g.question_needed)}{hyp}"),
        question_end=re.compile(f"(?:{en(g.question_end)}) *$"),
        wish=re.compile(whole(g.wish)),
        past=re.compile(whole(g.past)),
        present=re.compile(whole(g.present)),
        long_ago=re.compile(whole(g.long_ago)),
        kin=re.compile(whole(g.kin)),
        partner=re.compile(whole(g.partner)),
        strangers=re.compile(whole(g.strangers)),
        general=re.compile(whole(g.general)),
        own_now=re.compile(whole(g.own_now)),
        others=re.compile(whole(g.others)),
        own=re.compile(f"{whole((*g.own, *g.reporting))}"),
        with_them_at_end=re.compile(f"{whole(g.with_them)} ?$"),
        but=re.compile(whole(g.but)),
        apart=re.compile(whole(g.apart)),
    )
