"""Of whom and of when a clause speaks: of somebody else, of long ago, of a dream, of what onions do."""

import re
from collections.abc import Iterator
from typing import Literal

from bot.domain.freetext.matching import Hit
from bot.domain.freetext.page import Page, blot
from bot.domain.freetext.patterns import Grammatical

Who = Literal["kin", "partner", "others", "strangers", "fiction"]

# A year that is named is long ago; of the twenties it may be this one. "He thinks it's 1985" is now.
_YEAR = re.compile(
    r"(?<!\d)(?<!it's )(?<!is )(?<!still )(?<!是)(?:19\d\d|20[01]\d)(?: ?年| *$|(?= ))"
    r"|(?<![一二三四五六七八九十百千说])(?<!说是)(?<!今年是)(?:[一二][九零〇][零〇一二三四五六七八九]{2}|[零〇九八七][零〇一二三四五六七八九]|一[零〇一三四五六七八九])年"
)
_A_TIME = {"zh": 2, "en": 8}
"""Characters that a clause may have beside a time, and still tell a time and no more."""


def somebody(page: Page, position: int, end: int) -> Who | None:
    """Return who it is that a clause speaks of before a position, where that is not the participant.

    Who is named again up to `end` is the one: my daughter says that my eyes are yellow.
    """
    clause = page.clauses[page.clause_at(position)]
    said = page.text[clause.start : position]
    for grammar in page.grammars.values():
        then = blot(grammar.not_own, page.text[clause.start : min(end, max(clause.end, position))])
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


def remembered(page: Page, position: int) -> bool:
    """Tell whether a clause speaks of years ago, and not of now as well; the next one may say it, too."""
    number = page.clause_at(position)
    clause = page.clauses[number]
    said = page.text[clause.start : clause.end]
    if again(page, said):
        return False
    if _YEAR.search(said) or any(g.long_ago.search(said) for g in page.grammars.values()):
        return True
    if _set_long_ago(page, number):
        return True
    # I fainted once, that was years ago.
    if clause.ends_with != "," or number + 1 >= len(page.clauses):
        return False
    then = page.clauses[number + 1]
    said = page.text[then.start : then.end]
    return any(g.long_ago_first.search(said) for g in page.grammars.values()) and not again(page, said)


def _set_long_ago(page: Page, number: int) -> bool:
    """Tell whether the clause before is a time of long ago and no more: two years ago, I had shingles."""
    before = page.clauses[number - 1] if number else None
    if before is None or before.ends_with != ",":
        return False
    said = page.text[before.start : before.end].strip()
    times = ((_YEAR, _A_TIME["en"]), *((g.long_ago, _A_TIME[name]) for name, g in page.grammars.items()))
    return any(
        len(said) - len(found.group()) <= more for pattern, more in times if (found := pattern.search(said))
    )


def again(page: Page, said: str) -> bool:
    """Tell whether it is so now as well."""
    return any(grammar.again.search(blot(grammar.not_own, said)) for grammar in page.grammars.values())


def dreamt(page: Page, hit: Hit) -> bool:
    """Tell whether it was in a dream, and not on waking from it."""
    clause = page.clauses[page.clause_at(hit.start)]
    said = page.text[clause.start : hit.start]
    for grammar in page.grammars.values():
        if (found := grammar.dreamt.search(said)) and not grammar.awake.search(said, found.end()):
            return True
    return False


def explained(page: Page, hit: Hit) -> bool:
    """Tell whether an everyday cause stands near, and nothing says that it lasts: onions and wet eyes."""
    number = page.clause_at(hit.start)
    near = page.clauses[max(0, number - 1) : number + 2]
    said = page.text[near[0].start : near[-1].end]
    grammars = page.grammars.values()
    return any(g.cause.search(said) for g in grammars) and not any(
        g.lasting.search(page.text) for g in grammars
    )
