"""What the page of a protocol is made of: sections, entries and outlines, in no language yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from bot.domain.definition import Sourced
from bot.texts import Locale, Phrase, Texts, Value, say, say_n

Tone = Literal["", "red", "amber"]


@dataclass(frozen=True, slots=True)
class Outline:
    """A sentence, and what stands indented below it."""

    head: Phrase
    below: tuple["Outline", ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """Where numbers come from: the tag [R], [L] or [D], and the source in the words of the file."""

    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Words that participants use, under a label: the same whatever language the page is in."""

    label: Phrase
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of the protocol under its id; `remark` is in the file's own words, as the sources are."""

    id: str
    title: Phrase
    outlines: tuple[Outline, ...] = ()
    cited: tuple[Cited, ...] = ()
    mark: Phrase | None = None
    tone: Tone = ""
    remark: str = ""
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of one kind, and what must be known to read them."""

    title: Phrase
    entries: tuple[Entry, ...]
    intro: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """All that is to be read; `digest` names the file that a signature holds for.

    A part of a protocol has none: only the whole is signed.
    """

    title: Phrase
    facts: tuple[Phrase, ...]
    sections: tuple[Section, ...]
    digest: Phrase | None
    foot: str
    """What stands at the foot of every printed page: which file, in which version."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name that may stand in the catalogs, and otherwise is what the file calls it."""

    key: str
    otherwise: str

    def local(self, texts: Texts, locale: Locale) -> str:
        """Return the text of the key where there is one."""
        return texts.plain(locale, Phrase(self.key)) if self.key in texts.keys(locale) else self.otherwise


@dataclass(frozen=True, slots=True)
class Series:
    """Values one after the other, each long enough to need more than a comma between them."""

    parts: tuple[Value, ...]

    def local(self, texts: Texts, locale: Locale) -> Markup:
        """Return the parts with a semicolon between them."""
        between = Markup("；" if locale == "zh_CN" else "; ")
        return between.join(
            escape(part if isinstance(part, str | int | float) else part.local(texts, locale))
            for part in self.parts
        )


def lines(*phrases: Phrase | None) -> tuple[Outline, ...]:
    """Return each phrase as a line of its own, None left out."""
    return tuple(Outline(phrase) for phrase in phrases if phrase is not None)


def labelled(label: Phrase, outline: Outline) -> Outline:
    """Return an outline whose first sentence begins with a label."""
    return Outline(say("page.labelled", label=label, what=outline.head), outline.below)


def cited(*parts: Sourced) -> tuple[Cited, ...]:
    """Return where the numbers of these parts come from, each source once."""
    return tuple(dict.fromkeys(Cited(part.tag, part.source) for part in parts))


def number(value: float, digits: int = 0) -> str:
    """Return a number as a physician writes it: with its own decimals, at least `digits`."""
    exact = f"{value:.10g}"
    return exact if "." in exact and len(exact.split(".")[1]) >= digits else f"{value:.{digits}f}"


def amount(value: str, unit: str | None) -> Value:
    """Return a number with its unit, or the bare number where it has none."""
    return say("page.amount", value=value, unit=Phrase(f"item.unit.{unit}")) if unit else value


def span(hours: float) -> Phrase:
    """Return how long: in hours up to three days, from there in days, below an hour in minutes."""
    if hours > 72 and hours % 24 == 0:
        return say_n("page.days", int(hours // 24))
    if hours == int(hours):
        return say_n("page.hours", int(hours))
    return say_n("page.minutes", round(hours * 60))


def minutes(count: int) -> Phrase:
    """Return a number of minutes as `span` does."""
    return span(count / 60)


def product(name: str) -> Known:
    """Return the name of what is infused."""
    return Known(f"page.product.{name}", name)


def either(products: tuple[str, ...]) -> Value:
    """Return the names of products of which one is meant."""
    first, *others = (product(name) for name in products)
    named: Value = first
    for other in others:
        named = say("page.either", one=named, other=other)
    return named


def flag(name: str) -> Known:
    """Return the name of what staff set for a participant."""
    return Known(f"flag.{name}", name)


def tier(name: str, hours: int | None) -> Phrase:
    """Return a tier, AMBER with its hours."""
    return say("page.red") if name == "red" or hours is None else say("page.amber", hours=hours)


def each_once(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values in order, none twice."""
    return tuple(dict.fromkeys(values))
