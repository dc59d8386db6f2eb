"""Where the words of a protocol stand in a text."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.freetext.page import Page
from bot.domain.freetext.patterns import Hunt, hunts
from bot.domain.lexicon import Hazard, Language

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of a hazard at its place in the normal text; `gap` is where its two words leave room."""

    hazard: Hazard
    start: int
    end: int
    language: Language | None = None
    gap: tuple[int, int] | None = None

    @property
    def grave(self) -> bool:
        """Tell whether it is a RED one."""
        return self.hazard.tier == "red"

    def longer_than(self, start: int, end: int) -> bool:
        """Tell whether it holds a stretch of text, and more."""
        return self.start <= start and end <= self.end and self.end - self.start > end - start

    def holds(self, other: "Hit") -> bool:
        """Tell whether the other one is a part of this phrase, and may be left out for it."""
        inside = self.start <= other.start and other.end <= self.end
        longer = self.end - self.start > other.end - other.start
        # A part of the body that a symptom names is no second finding.
        if other.hazard.mention:
            return inside and longer
        # What stands in a gap may be a symptom of its own: 说话多了接不上气.
        return inside and longer and self.gap is None and (self.grave or not other.grave)

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Return where its words stand: without the gap between them."""
        return (
            ((self.start, self.end),)
            if self.gap is None
            else ((self.start, self.gap[0]), (self.gap[1], self.end))
        )


def hits(page: Page) -> tuple[Hit, ...]:
    """Return what is found, in reading order, each stretch under its longest phrase."""
    every = (hit for hunt in hunts(page.words) for hit in _found(hunt, page))
    found = sorted(_once(hit for hit in every if not _harmless(hit, page)), key=_place)
    return tuple(hit for hit in found if not any(other.holds(hit) for other in _around(hit, found)))


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, hit.end


def _around(hit: Hit, ordered: Sequence[Hit]) -> Iterator[Hit]:
    """Yield the hits that may hold this one: none is longer than `_LONGEST`."""
    first = bisect_left(ordered, (hit.end - _LONGEST, 0), key=_place)
    for number in range(first, len(ordered)):
        if ordered[number].start > hit.start:
            return
        yield ordered[number]


def _harmless(hit: Hit, page: Page) -> bool:
    """Tell whether a hit is (a part of) an idiom; a phrase that holds one in it says more than the idiom."""
    return any(
        start < part[1] and part[0] < end and (hit.gap is not None or not hit.longer_than(start, end))
        for start, end in page.harmless
        for part in hit.parts
    )


def _once(found: Iterable[Hit]) -> Iterable[Hit]:
    """Return one hit for a stretch and a hazard: a whole phrase holds its own denial, as 烧不退 does."""
    ordered = sorted(found, key=lambda hit: hit.gap is None)
    return {(hit.hazard.id, hit.start, hit.end): hit for hit in ordered}.values()


def _found(hunt: Hunt, page: Page) -> Iterable[Hit]:
    return _near(hunt, page) if hunt.near else _phrases(hunt, page)


def _phrases(hunt: Hunt, page: Page) -> Iterator[Hit]:
    for found in hunt.pattern.finditer(page.text):
        yield Hit(hunt.hazard, found.start(), found.end(), hunt.language)


def _near(hunt: Hunt, page: Page) -> Iterator[Hit]:
    assert hunt.language is not None
    apart = page.grammars[hunt.language].apart
    for found in hunt.pattern.finditer(page.text):
        if not apart.search(found["gap"]):
            yield Hit(hunt.hazard, found.start(), found.end("end"), hunt.language, found.span("gap"))
