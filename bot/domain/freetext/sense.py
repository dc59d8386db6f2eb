"""In what sense a phrase is meant: of now, denied, over, asked, of somebody else, of long ago."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.domain.freetext.matching import Hit
from bot.domain.freetext.page import Clause, Page, blot
from bot.domain.freetext.patterns import Grammatical

Status = Literal["present", "negated", "over", "past", "question", "other", "carried", "long_ago", "idiom"]
Who = Literal["kin", "partner", "others", "strangers", "fiction"]

# 没有恶心呕吐 denies both; a bare 没 may end with the first.
# A year that is named is long ago; of the twenties it may be this one.
_YEAR = re.compile(r"(?<!\d)(?:19\d\d|20[01]\d)(?: ?年| *$|(?= ))")
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
    who = somebody(page, hit.start, hit.end)
    if who is not None:
        return Meant(hit, "other", who)
    if before is not None and _carried(page, before, hit):
        return Meant(hit, "other", before.who)
    if remembered(page, hit.start):
        # It was so years ago, and it is so again: that is asked.
        return Meant(hit, "over" if hit.grave and _again(page, page.text) else "long_ago")
    return Meant(hit, "over" if not hit.hazard.event and _gone(page, hit) else "present")


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
    if status == "question" and (not between or (between == ", " and not hit.grave)):
        return True
    if not between and not hit.grave and _TOGETHER.search(page.text[: before.hit.start]):
        return True
    return any(grammar.joined.fullmatch(between) for grammar in page.grammars.values())


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


def somebody(page: Page, position: int, end: int) -> Who | None:
    """Return who it is that a clause speaks of before a position, where that is not the participant.

    Who is named again up to `end` is the one: my daughter says that my eyes are yellow.
    """
    clause = page.clauses[page.clause_at(position)]
    said = page.text[clause.start : position]
    for grammar in page.grammars.values():
        then = blot(grammar.not_own, page.text[clause.start : end])
        for who, start, after in _people(grammar, said):
            with_them = grammar.with_them_at_end.search(said[:start])
            report = then[after : position - clause.start]
            if not with_them and not _back_to_oneself(grammar, who, report, then[after:]):
                return who
    return None


def _back_to_oneself(grammar: Grammatical, who: Who, report: str, then: str) -> bool:
    """Tell whether a clause that named somebody comes back to the participant: he says that I fainted."""
    if grammar.oneself.search(then):
        return True
    # What a stranger says he has is his own: a fellow patient says that after his infusion he …
    his_own = who in ("strangers", "fiction") and grammar.they.search(then)
    return not his_own and bool(grammar.reporting.search(report))


def _people(grammar: Grammatical, said: str) -> Iterator[tuple[Who, int, int]]:
    """Yield whom a clause names, each under its longest name: 孩子他爸 is no child."""
    named: list[tuple[Who, int, int]] = []
    kinds: tuple[tuple[Who, re.Pattern[str]], ...] = (
        ("fiction", grammar.fiction), ("strangers", grammar.strangers), ("others", grammar.others),
        ("partner", grammar.partner), ("kin", grammar.kin),
    )  # fmt: skip
    for who, pattern in kinds:
        named += [(who, *found.span()) for found in pattern.finditer(said)]
    for one in named:
        if not any(_inside(one, other) for other in named):
            yield one


def _inside(one: tuple[Who, int, int], other: tuple[Who, int, int]) -> bool:
    return other[1] <= one[1] and one[2] <= other[2] and other[2] - other[1] > one[2] - one[1]


def _carried(page: Page, before: Meant, hit: Hit) -> bool:
    """Tell whether a clause without a person of its own goes on about somebody else."""
    if before.status != "other" or hit.grave:
        return False
    here, there = page.clause_at(hit.start), page.clause_at(before.hit.start)
    said = page.text[page.clauses[here].start : hit.start]
    return here - there <= 1 and not any(grammar.own.search(said) for grammar in page.grammars.values())


def remembered(page: Page, position: int) -> bool:
    """Tell whether a clause speaks of years ago, and not of now as well; the next one may say it, too."""
    number = page.clause_at(position)
    clause = page.clauses[number]
    said = page.text[clause.start : clause.end]
    if _again(page, said):
        return False
    if _YEAR.search(said) or any(g.long_ago.search(said) for g in page.grammars.values()):
        return True
    # I fainted once, that was years ago.
    if clause.ends_with != "," or number + 1 >= len(page.clauses):
        return False
    then = page.clauses[number + 1]
    said = page.text[then.start : then.end]
    return any(g.long_ago_first.search(said) for g in page.grammars.values()) and not _again(page, said)


def _again(page: Page, said: str) -> bool:
    return any(grammar.again.search(blot(grammar.not_own, said)) for grammar in page.grammars.values())
