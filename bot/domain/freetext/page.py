"""A text laid out for reading: its clauses, and copies without idioms and false negations."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.domain.freetext.patterns import Grammatical, Pattern, grammars
from bot.domain.lexicon import Language, Lexicon

_BREAK = re.compile(r"[;!?。\n、]|[.,](?!\d)|(?<!\d)[.,]")
BLOT = "\x00"
LONGEST = 240
"""Characters of a clause at most: people who write on and on say "no" of what is near."""
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class Clause:
    """A stretch of the text between two breaks, and the sign that ends it."""

    start: int
    end: int
    ends_with: str


@dataclass(frozen=True)
class Page:
    """A normal text and what is worked out of it once."""

    text: str
    words: Lexicon

    @cached_property
    def grammars(self) -> dict[Language, Grammatical]:
        """Return the small words as patterns."""
        return grammars(self.words)

    @cached_property
    def harmless(self) -> tuple[tuple[int, int], ...]:
        """Return where idioms and words of no concern stand."""
        patterns = (p for g in self.grammars.values() for p in (g.idioms, g.neutral))
        return tuple(found.span() for pattern in patterns for found in pattern.finditer(self.text))

    @cached_property
    def idioms(self) -> tuple[str, ...]:
        """Return the idioms that stand in the text."""
        return tuple(m.group() for g in self.grammars.values() for m in g.idioms.finditer(self.text))

    @cached_property
    def matched(self) -> str:
        """Return the text without idioms and words of no concern, each character in its place."""
        text = self.text
        for language in _LANGUAGES:
            text = blot(self.grammars[language].idioms, text)
            text = blot(self.grammars[language].neutral, text)
        return text

    @cached_property
    def denials(self) -> str:
        """Return `matched` without what looks like a negation and is none."""
        text = self.matched
        for language in _LANGUAGES:
            text = blot(self.grammars[language].exempt, text)
        return text

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Return the clauses: split at punctuation and at a but."""
        return tuple(self._clauses())

    def _clauses(self) -> Iterator[Clause]:
        cuts = [(m.start(), m.end(), m.group()) for m in _BREAK.finditer(self.text) if m.group() != "、"]
        for grammar in self.grammars.values():
            cuts += [(m.start(), m.end(), "") for m in grammar.but.finditer(self.text)]
        start = 0
        for end, after, sign in sorted(cuts):
            if end > start or sign:
                yield from _pieces(start, max(end, start), sign)
            start = max(start, after)
        yield from _pieces(start, len(self.text), "")

    def clause_at(self, position: int) -> int:
        """Return the number of the clause that holds a position."""
        number = bisect_right(self._ends, position)
        if number and self.clauses[number - 1].start == position == self.clauses[number - 1].end:
            number -= 1
        return min(number, len(self.clauses) - 1)

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple(clause.end for clause in self.clauses)


def _pieces(start: int, end: int, sign: str) -> Iterator[Clause]:
    while end - start > LONGEST:
        yield Clause(start, start + LONGEST, "")
        start += LONGEST
    yield Clause(start, end, sign)


def blot(pattern: Pattern, text: str) -> str:
    """Return the text with every match blotted out, its length unchanged."""
    return pattern.sub(lambda found: BLOT * len(found.group()), text)
