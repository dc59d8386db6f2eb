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
_FAR = "~"
"""The part of a phrase that stands for a few characters (zh) or words (en) of the same clause."""
_OTHERS_ZH, _OTHERS_EN = (
    "[他她佢妈爸]|老公|老婆|老伴",
    "(?:s?he|his|her|him|mu?m|mom|dad|father|mother|husband|wife)",
)
"""Whoever stands in the gap has it, and it is no figure of speech."""
_FAR_ZH = rf"(?:(?!{_OTHERS_ZH}){_WITHIN}){{0,8}}?"
_FAR_EN = rf"(?: (?!{_OTHERS_EN}(?![a-z]))[^ ,;.!?\n]+){{0,6}}?"


def zh(phrases: Iterable[str], *, spaced: bool = False) -> str:
    """Return an alternation, longest first; `spaced` lets a space stand between the characters.

    A phrase may have parts, with a space between: 笑|逗 得 ~ 喘 is one of two, 得, and 喘 not far behind.
    """
    between = " ?" if spaced else ""
    written = sorted({simplified(one) for one in phrases}, key=len, reverse=True)
    return "|".join(_parts(one, between) for one in written) or "(?!)"


def _parts(phrase: str, between: str) -> str:
    return "".join(_FAR_ZH if part == _FAR else _either(part, between) for part in phrase.split(" "))


def _either(part: str, between: str) -> str:
    written = "|".join(between.join(re.escape(c) for c in one) for one in part.split("|"))
    return f"(?:{written})" if "|" in part else written


def en(phrases: Iterable[str]) -> str:
    """Return an alternation of whole words, longest first; a star lets a word go on; parts as in `zh`."""
    written = sorted({simplified(one) for one in phrases}, key=len, reverse=True)
    return "|".join(_words(one) for one in written) or "(?!)"


def _words(phrase: str) -> str:
    written = (_FAR_EN if word == _FAR else f" {_any_of(word)}" for word in phrase.split(" "))
    return "".join(written).removeprefix(" ")


def _any_of(word: str) -> str:
    either = "|".join(
        re.escape(one.removesuffix("*")) + ("[a-z]*" if one.endswith("*") else "") for one in word.split("|")
    )
    return (f"(?:{either})" if "|" in word else either) + _IS


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
    """The small words of one language as patterns; `_at_end` and `_first` are anchored there."""

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
    general_amber: Pattern
    openers: Pattern
    own_now: Pattern
    not_own: Pattern
    supposed_after: Pattern
    question_end: Pattern
    wish: Pattern
    past: Pattern
    present: Pattern
    long_ago: Pattern
    long_ago_first: Pattern
    dreamt: Pattern
    awake: Pattern
    not_meant: Pattern
    cause: Pattern
    lasting: Pattern
    again: Pattern
    kin: Pattern
    partner: Pattern
    others: Pattern
    strangers: Pattern
    fiction: Pattern
    they: Pattern
    own: Pattern
    oneself: Pattern
    reporting: Pattern
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
        long_ago_first=re.compile(f"^.{{0,4}}(?:{zh(g.long_ago)})"),
        dreamt=re.compile(zh(g.dreamt)),
        awake=re.compile(zh(g.awake)),
        not_meant=re.compile(zh(g.not_meant)),
        cause=re.compile(zh(g.cause)),
        lasting=re.compile(zh(g.lasting)),
        again=re.compile(zh(g.again)),
        kin=re.compile(zh(g.kin)),
        partner=re.compile(zh(g.partner)),
        strangers=re.compile(zh(g.strangers)),
        fiction=re.compile(zh(g.fiction)),
        they=re.compile(zh(g.they)),
        general=re.compile(zh(g.general)),
        general_amber=re.compile(zh(g.general_amber)),
        openers=re.compile(f"^ ?(?:{zh(g.openers)})"),
        own_now=re.compile(zh(g.own_now)),
        not_own=re.compile(zh(g.not_own)),
        supposed_after=re.compile(f"^(?:{zh(g.supposed_after)})"),
        others=re.compile(zh(g.others)),
        own=re.compile(zh((*g.own, *g.reporting))),
        oneself=re.compile(zh(g.own)),
        reporting=re.compile(zh(g.reporting)),
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
        long_ago_first=re.compile(f"^(?: ?[a-z']+){{0,3}} {whole(g.long_ago)}"),
        dreamt=re.compile(whole(g.dreamt)),
        awake=re.compile(whole(g.awake)),
        not_meant=re.compile(whole(g.not_meant)),
        cause=re.compile(whole(g.cause)),
        lasting=re.compile(whole(g.lasting)),
        again=re.compile(whole(g.again)),
        kin=re.compile(whole(g.kin)),
        partner=re.compile(whole(g.partner)),
        strangers=re.compile(whole(g.strangers)),
        fiction=re.compile(whole(g.fiction)),
        they=re.compile(whole(g.they)),
        general=re.compile(whole(g.general)),
        general_amber=re.compile(whole(g.general_amber)),
        openers=re.compile(f"^ ?{whole(g.openers)}"),
        own_now=re.compile(whole(g.own_now)),
        not_own=re.compile(whole(g.not_own)),
        supposed_after=re.compile(f"^ {whole(g.supposed_after)}"),
        others=re.compile(whole(g.others)),
        own=re.compile(f"{whole((*g.own, *g.reporting))}"),
        oneself=re.compile(whole(g.own)),
        reporting=re.compile(whole(g.reporting)),
        with_them_at_end=re.compile(f"{whole(g.with_them)} ?$"),
        but=re.compile(whole(g.but)),
        apart=re.compile(whole(g.apart)),
    )
