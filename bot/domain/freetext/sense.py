"""In what sense a phrase is meant: of now, denied, over, asked, of somebody else, of long ago."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.domain.freetext.matching import Hit
from bot.domain.freetext.page import Clause, Page, blot
from bot.domain.freetext.patterns import Grammatical
from bot.domain.freetext.whose import Who, again, dreamt, explained, remembered, somebody

Status = Literal[
    "present", "negated", "over", "past", "question", "other", "carried", "long_ago", "unreal", "idiom"
]

# 没有恶心呕吐 denies both; a bare 没 may end with the first.
_TOGETHER = re.compile("(?:没有|并无)[^,;.!?。]{0,3}$")


@dataclass(frozen=True, slots=True)
class Meant:
    """A hit with its sense, and whose it is where it is somebody else's."""

    hit: Hit
    status: Status
    who: Who | None = None


def senses(page: Page, hits: Sequence[Hit]) -> tuple[Meant, ...]:
    """Return the sense of every hit, in reading order: some lean on the one before."""
    meant: list[Meant] = []
    for hit in hits:
        before = meant[-1] if meant else None
        meant.append(_meant(page, hit, before))
    return _lists(page, tuple(meant))


def _meant(page: Page, hit: Hit, before: Meant | None) -> Meant:
    # 会不会 holds a denial, and is none.
    if _asked(page, hit) or (before is not None and _listed(page, before, hit, "question")):
        return Meant(hit, "question")
    if _denied(page, hit) or (before is not None and _listed(page, before, hit, "negated")):
        return Meant(hit, "over" if _over_now(page, hit) else "negated")
    framed = _framed(page, hit) or _of_somebody(page, hit, before)
    if framed is not None:
        return framed
    return Meant(hit, "over" if not hit.hazard.event and _gone(page, hit) else "present")


def _framed(page: Page, hit: Hit) -> Meant | None:
    """Return the sense of what is not of now, or not meant; None where it is."""
    if dreamt(page, hit) or (hit.hazard.explained and explained(page, hit)):
        return Meant(hit, "unreal")
    if remembered(page, hit.start):
        # It was so years ago, and it is so again: that is asked.
        return Meant(hit, "over" if hit.grave and again(page, page.text) else "long_ago")
    if any(grammar.not_meant.search(page.text) for grammar in page.grammars.values()):
        return _not_meant(page, hit)
    return None


def _not_meant(page: Page, hit: Hit) -> Meant | None:
    """Return the sense of what is taken back or told in jest: of RED it is asked, and of now it counts."""
    clause = page.clauses[page.clause_at(hit.start)]
    if hit.grave and again(page, page.text[clause.start : clause.end]):
        return None
    return Meant(hit, "over" if hit.grave else "unreal")


def _of_somebody(page: Page, hit: Hit, before: Meant | None) -> Meant | None:
    who = somebody(page, hit.start, hit.end)
    if who is not None:
        return Meant(hit, "other", who)
    if before is None:
        return None
    if _goes_on(page, before, hit):
        return Meant(hit, "long_ago")
    return Meant(hit, "other", before.who) if _carried(page, before, hit) else None


def _goes_on(page: Page, before: Meant, hit: Hit) -> bool:
    """Tell whether a clause goes on about long ago: I had pneumonia in 2015, a week in hospital."""
    number = page.clause_at(hit.start)
    clause = page.clauses[number]
    near = number - page.clause_at(before.hit.start) <= 1
    then = before.status == "long_ago" and near and hit.hazard.askable
    return then and not again(page, page.text[clause.start : clause.end])


def _around(page: Page, start: int, end: int) -> tuple[Clause, str, str]:
    """Return the clause, what stands in it before, and what stands after."""
    clause = page.clauses[page.clause_at(start)]
    return clause, page.denials[clause.start : start], page.denials[end : max(clause.end, end)]


def _denied(page: Page, hit: Hit) -> bool:
    clause, before, after = _around(page, hit.start, hit.end)
    gap = page.denials[hit.gap[0] : hit.gap[1]] if hit.gap else ""
    for grammar in page.grammars.values():
        if grammar.denied_at_end.search(before) or (gap and grammar.denied_at_end.search(gap)):
            return True
        if hit.hazard.mention and grammar.well.search(page.text[clause.start : clause.end]):
            return True
        if clause.ends_with != "?" and grammar.denied_after.fullmatch(after):
            return True
    return False


def _listed(page: Page, before: Meant, hit: Hit, status: Status) -> bool:
    """Tell whether a hit goes on with the list of the one before it: 没有发烧、咳嗽, no fever or chills."""
    between = page.text[before.hit.end : hit.start]
    if before.status != status:
        return False
    # What overlaps is no list, and RED of its own: 如果一动就喘不上气 is now.
    if hit.start < before.hit.end:
        return not hit.grave
    if status == "question" and (not between or (between == ", " and not _told_of(page, before, hit))):
        return True
    if not between and not hit.grave and _TOGETHER.search(page.text[: before.hit.start]):
        return True
    return any(grammar.joined.fullmatch(between) for grammar in page.grammars.values())


def _told_of(page: Page, before: Meant, hit: Hit) -> bool:
    """Tell whether RED after a comma may be the participant's: what if I get a fever, chest pain."""
    clause = page.clauses[page.clause_at(before.hit.start)]
    said = page.text[clause.start : clause.end]
    # It lists confusion, seizures: a leaflet goes on.
    return hit.grave and not any(grammar.general.search(said) for grammar in page.grammars.values())


def _lists(page: Page, meant: tuple[Meant, ...]) -> tuple[Meant, ...]:
    """Deny the middle of a list that ends with an or: no fever, chills or cough."""
    settled = list(meant)
    for number in range(1, len(settled)):
        if settled[number].status == "present" and settled[number - 1].status == "negated":
            last = next(_ends_in_or(page, settled, number), None)
            for inside in range(number, (last or number - 1) + 1):
                settled[inside] = Meant(settled[inside].hit, "negated")
    return tuple(settled)


def _ends_in_or(page: Page, meant: Sequence[Meant], first: int) -> Iterator[int]:
    for number in range(first, len(meant)):
        between = page.text[meant[number - 1].hit.end : meant[number].hit.start]
        if re.fullmatch(r",? ?(?:or|nor) ", between):
            yield number
            return
        if not re.fullmatch(r", ?", between):
            return


def _over_now(page: Page, hit: Hit) -> bool:
    """Tell of a denied hit that it was there before: 不发烧了, no fever any more."""
    _, before, after = _around(page, hit.start, hit.end)
    zh = page.grammars["zh"]
    if hit.language == "zh" and (zh.over_end.search(after) or zh.over_end.fullmatch(page.text[hit.end - 1])):
        return True
    return any(
        grammar.over_before.search(before) or (name == "en" and grammar.over_end.search(after))
        for name, grammar in page.grammars.items()
    )


def _gone(page: Page, hit: Hit) -> bool:
    _, _, after = _around(page, hit.start, hit.end)
    return any(_says_gone(grammar, after) for grammar in page.grammars.values())


def _says_gone(grammar: Grammatical, after: str) -> bool:
    found = grammar.over_after.search(after)
    # hasn't gone, 还没好了: a negation takes it back.
    return found is not None and not re.search(r"n't|not|never|没好|未|还没|冇停|唔", found.group())


def _asked(page: Page, hit: Hit) -> bool:
    """Tell whether it is only supposed or asked for in general: what if, 会不会."""
    clause = page.clauses[page.clause_at(hit.start)]
    before = page.denials[clause.start : hit.start]
    ends = page.text[clause.start : clause.end]
    if hit.hazard.askable and any(grammar.asking.search(ends) for grammar in page.grammars.values()):
        return True
    if any(_in_general(grammar, hit, ends, page.text[hit.end :]) for grammar in page.grammars.values()):
        return True
    if any(grammar.wish.search(ends) for grammar in page.grammars.values()):
        return False
    for grammar in page.grammars.values():
        if found := grammar.hypothetical_at_end.search(before):
            only = grammar.asking_only_at_end.fullmatch(found.group())
            if only is None or clause.ends_with == "?" or grammar.question_end.search(ends):
                return True
    return False


def _in_general(grammar: Grammatical, hit: Hit, clause: str, after: str) -> bool:
    """Tell whether a clause asks about symptoms without a word of oneself or of now: how common is it."""
    if grammar.own_now.search(blot(grammar.not_own, clause)):
        return False
    if grammar.general.search(clause) or grammar.supposed_after.search(after):
        return True
    # How RED may be put in passing is no matter: what is not plainly general is acted on.
    return not hit.grave and bool(grammar.general_amber.search(clause) or grammar.openers.search(clause))


def _carried(page: Page, before: Meant, hit: Hit) -> bool:
    """Tell whether a clause without a person of its own goes on about somebody else."""
    if before.status != "other" or hit.grave:
        return False
    here, there = page.clause_at(hit.start), page.clause_at(before.hit.start)
    said = page.text[page.clauses[here].start : hit.start]
    return here - there <= 1 and not any(grammar.own.search(said) for grammar in page.grammars.values())
