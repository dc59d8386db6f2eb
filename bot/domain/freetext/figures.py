"""Numbers in a text that are readings: a temperature, a pressure, a pulse, an oxygen saturation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.domain import units
from bot.domain.freetext.numerals import digits
from bot.domain.freetext.page import Page
from bot.domain.freetext.patterns import Pattern, en, zh
from bot.domain.freetext.sense import Status
from bot.domain.freetext.whose import Who, remembered, somebody
from bot.domain.items import Item
from bot.domain.lexicon import Lexicon
from bot.errors import BadInput

_TEMPERATURE = "temperature"
_BETWEEN = r"[^;!?\n]{0,14}?"
_VALUE = re.compile(
    r"(?<![\d./])(?P<number>\d{2,3}(?:\.\d{1,2})?)(?![\d/])"
    r" ?(?P<unit>° ?[cf]?(?![a-z])|[cf](?![a-z])|度|华氏|摄氏|deg(?:ree)?s?(?: [cf](?![a-z]))?)?"
)
_OTHER_UNIT = re.compile(
    r" ?(?:天|小时|分|次|个|块|元|岁|号|日|点|%|周|月|年|片|粒|斤|公"
    r"|kg|mg|ml|mm|day|hour|hr|min|time|year|week|yuan)"
)
_PRESSURE = re.compile(r"(?<![\d./])(?P<sbp>\d{2,3}) ?(?:/|over) ?(?P<dbp>\d{2,3})(?![\d/])")
# A length of time, an age: no pulse and no saturation, though its word stands near.
_A_TIME = re.compile(r" ?(?:分钟|小时|钟头|天|岁|年|周|min|hour|hr|day|year|yr|week)")
# Between these a number with one decimal is a body temperature and hardly anything else.
_BODY, _BODY_F, _WHOLE = (34.0, 42.9), (86.0, 113.0), (35.0, 43.0)
# So cold is hardly anybody: a number with its decimal, and with a unit or a word for it.
_COLD = (30.0, 33.9)
_SURE_F = (99.0, 107.9)


@dataclass(frozen=True, slots=True)
class Figure:
    """One reading: its kind, the part of the item that it fills, and in what sense it is meant."""

    kind: str
    item: str
    key: str
    value: float
    start: int
    phrase: str
    status: Status = "present"
    who: Who | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    words: Pattern
    numbers: Pattern
    no: Pattern


@lru_cache(maxsize=8)
def _patterns(words: Lexicon) -> dict[str, _Words]:
    return {name: _pattern(one.words, one.after, one.not_) for name, one in words.readings.items()}


def _pattern(words: tuple[str, ...], after: tuple[str, ...], no: tuple[str, ...]) -> _Words:
    either = f"(?:{_either(words)})"
    number = r"(?<![\d.])(?P<{}>\d{{2,3}})(?![\d.]\d)"
    behind = rf"|{number.format('first')} ?(?:{_either(after)})" if after else ""
    return _Words(
        re.compile(either),
        re.compile(f"{either}{_BETWEEN}{number.format('number')}{behind}"),
        re.compile(_either(no)),
    )


def _either(phrases: tuple[str, ...]) -> str:
    latin = [one.strip() for one in phrases if one.isascii()]
    sounds = rf"(?<![a-z'])(?:{en(latin)})(?![a-z])" if latin else "(?!)"
    return f"{sounds}|{zh(one for one in phrases if not one.isascii())}"


def figures(page: Page, items: Mapping[str, Item]) -> tuple[Figure, ...]:
    """Return the readings of a text in reading order, past and denied ones included.

    A number is one where the item would take it: a very sick person's, too, where it is named.
    """
    numbered = Page(_plain(page.text), page.words)
    found = [*_pressures(numbered, items), *_named(numbered, items)]
    taken = {figure.start for figure in found}
    found += [figure for figure in _temperatures(numbered) if figure.start not in taken]
    return tuple(sorted((_sense(numbered, figure) for figure in found), key=lambda figure: figure.start))


def _plain(text: str) -> str:
    """Return the text with digits for numerals, and a dot for a decimal comma."""
    # The comma first: 85,一直 is no 85.1.
    return units.plain(digits(re.sub(r"(?<=\d\d),(?=\d(?!\d))", ".", text)))


def _pressures(page: Page, items: Mapping[str, Item]) -> Iterator[Figure]:
    named = page.words.readings.get("pressure")
    for found in _PRESSURE.finditer(page.text) if named else ():
        sbp, dbp = int(found["sbp"]), int(found["dbp"])
        if named is None or dbp >= sbp:
            continue
        clause = page.clauses[page.clause_at(found.start())]
        said = page.text[clause.start : clause.end]
        # A bare pair may be a date or a dose: then only what is plausible is one.
        sure = _patterns(page.words)["pressure"].words.search(said) is not None
        part = items[named.item]
        if _possible(part, "sbp", sbp, sure=sure) and _possible(part, "dbp", dbp, sure=sure):
            yield Figure("pressure", named.item, "sbp", sbp, found.start(), found.group())
            yield Figure("pressure", named.item, "dbp", dbp, found.start("dbp"), found.group())


def _named(page: Page, items: Mapping[str, Item]) -> Iterator[Figure]:
    for kind, reading in page.words.readings.items():
        if kind == _TEMPERATURE:
            continue
        for found in _patterns(page.words)[kind].numbers.finditer(page.text):
            group = "number" if found["number"] else "first"
            value = int(found[group])
            if _A_TIME.match(page.text, found.end(group)):
                continue
            if _possible(items[reading.item], reading.key, value, sure=True):
                yield Figure(kind, reading.item, reading.key, value, found.start(group), found.group())


def _possible(item: Item, key: str, value: int, *, sure: bool) -> bool:
    """Tell whether an item takes a value; where it is not sure to be one, whether it is plausible."""
    limits = item.limits(key)
    if limits is None:
        return True
    low, high = limits.refuse if sure else limits.plausible
    return low <= value <= high


def _temperatures(page: Page) -> Iterator[Figure]:
    reading, patterns = page.words.readings.get(_TEMPERATURE), _patterns(page.words)
    for found in _VALUE.finditer(page.text) if reading else ():
        clause = page.clauses[page.clause_at(found.start())]
        said = page.text[clause.start : clause.end]
        value = _degrees(found, bool(patterns[_TEMPERATURE].words.search(said)))
        elsewhere = patterns[_TEMPERATURE].no.search(said)
        if reading and value is not None and not elsewhere:
            phrase = found["number"] + (found["unit"] or "")
            yield Figure(_TEMPERATURE, reading.item, reading.key, value, found.start(), phrase)


def _degrees(found: re.Match[str], named: bool) -> float | None:
    number, unit = float(found["number"]), (found["unit"] or "").strip()
    if not unit and _OTHER_UNIT.match(found.string, found.end("number")):
        return None
    sure = bool(unit) or named
    if _BODY[0] <= number <= _BODY[1] and re.fullmatch(r"\d\d\.\d", found["number"]):
        sure = True
    # 103.1 is a fever in °F; half as many people write a weight so, and name it.
    sure = sure or (
        _SURE_F[0] <= number <= _SURE_F[1] and re.fullmatch(r"\d{2,3}\.\d", found["number"]) is not None
    )
    within = (
        _WHOLE[0] <= number <= _WHOLE[1] or _BODY[0] <= number <= _BODY[1]
        or _BODY_F[0] <= number <= _BODY_F[1] or (named and 340 <= number <= 430)
        or (bool(unit) and named and 30 <= number <= 45)
        or ((bool(unit) or named) and _COLD[0] <= number <= _COLD[1] and "." in found["number"])
    )  # fmt: skip
    return _celsius(found["number"], unit) if sure and within else None


def _celsius(number: str, unit: str) -> float | None:
    fahrenheit = "f" if "f" in unit or "华氏" in unit else ""
    try:
        return units.temperature(number + fahrenheit)
    except BadInput:
        return None


def _sense(page: Page, figure: Figure) -> Figure:
    status, who = _status(page, figure)
    return Figure(
        figure.kind, figure.item, figure.key, figure.value, figure.start, figure.phrase, status, who
    )


def _status(page: Page, figure: Figure) -> tuple[Status, Who | None]:
    clause = page.clauses[page.clause_at(figure.start)]
    said, whole = page.text[clause.start : figure.start], page.text[clause.start : clause.end]
    grammars = page.grammars.values()
    if re.search(_either(page.words.below.words), said):
        return "negated", None
    if any(grammar.hypothetical.search(said) for grammar in grammars):
        return "question", None
    who = somebody(page, figure.start, figure.start)
    if who is not None:
        return "other", who
    if remembered(page, figure.start):
        return "long_ago", None
    past = any(g.past.search(whole) for g in grammars) and not any(g.present.search(whole) for g in grammars)
    return ("past" if past else "present"), None
