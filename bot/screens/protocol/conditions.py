"""Conditions of rules in sentences: a pure rendering of the data of `bot.domain.conditions`."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.domain.conditions import (
    AgainstBaseline,
    All,
    AnyOf,
    AtLeast,
    CheckinIs,
    Compare,
    Condition,
    Flag,
    Gain,
    Heard,
    Hit,
    Not,
    Rise,
    Since,
    StudyDays,
    children,
)
from bot.domain.items import Form, Item
from bot.domain.parts import Part
from bot.domain.protocol import Protocol
from bot.domain.rules import EACH, split
from bot.screens.protocol.outline import Known, Outline, Series, amount, either, flag, number, span
from bot.texts import Joined, Phrase, Value, say

_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}


def outlined(condition: Condition, protocol: Protocol) -> Outline:
    """Return a condition as a sentence, or as a list of those inside it."""
    return _Teller(protocol.items, protocol.forms).outlined(condition)


def item_name(path: str, items: Mapping[str, Item]) -> Phrase:
    """Return the name of an item or of a part of it, with the item's id; of what is private, too."""
    if path == EACH:
        return say("page.each_item")
    item_id, key = split(path, items)
    item = items[item_id]
    if "." not in path:
        return say("page.item", id=item_id, name=Phrase(item.name_key))
    name = Phrase(item.seen_key(key))
    # Blood pressure and pulse are one question, and each value has a name of its own.
    if item.part(key) is item.parts[0]:
        return say("page.item", id=item_id, name=name)
    return say("page.item_part", id=item_id, item=Phrase(item.name_key), name=name)


def band_words(item: Item, band: str, key: str) -> Phrase:
    """Return the name of a threshold and its values by the place of measurement."""
    part, names = item.part(item.bands_by or key), dict(item.part(item.bands_by or key).options)
    pairs = sorted((value, place) for place, value in item.bands[band].items())
    digits = item.part(key).digits
    rows = [
        say(
            "page.band_row",
            places=Joined(tuple(Phrase(names.get(place, f"choice.{place}")) for _, place in group)),
            value=amount(number(value, digits), item.unit_of(key)),
        )
        for value, group in groupby(pairs, key=lambda pair: pair[0])
    ]
    assert part.choices
    return say("page.band", band=Known(f"page.band.{band}", band), values=Series(tuple(rows)))


def choice_words(part: Part, code: str) -> Value:
    """Return what stands on the button of a choice."""
    label = dict(part.options).get(code)
    return Phrase(label) if label else code


class _Teller:
    def __init__(self, items: Mapping[str, Item], forms: Mapping[str, Form]) -> None:
        self.items, self.forms = items, forms

    def outlined(self, condition: Condition) -> Outline:
        if isinstance(condition, Not):
            return self._not(condition)
        if isinstance(condition, AnyOf) and (merged := self._choices(condition.any)):
            return Outline(merged)
        below = tuple(self.outlined(child) for child in children(condition))
        if isinstance(condition, All):
            return Outline(say("page.all"), below)
        if isinstance(condition, AnyOf):
            return Outline(say("page.any"), below)
        if isinstance(condition, AtLeast):
            return Outline(say("page.at_least_of", n=condition.n), below)
        return Outline(self._leaf(condition))

    def _not(self, condition: Not) -> Outline:
        inner = self.outlined(condition.no)
        if not inner.below:
            return Outline(say("page.not", what=inner.head))
        return Outline(
            say("page.none_of") if isinstance(condition.no, AnyOf) else say("page.not_so"), inner.below
        )

    def _choices(self, parts: Sequence[Condition]) -> Phrase | None:
        """Return one sentence for several choices of one question, None where they are something else."""
        chosen = [part for part in parts if isinstance(part, Compare) and part.has and part.earlier is None]
        if len(chosen) < len(parts) or len({part.item for part in chosen}) != 1:
            return None
        part = self._part(chosen[0].item)
        labels = tuple(choice_words(part, one.has or "") for one in chosen)
        return say("page.has_any", item=item_name(chosen[0].item, self.items), choices=Joined(labels))

    def _leaf(self, condition: Condition) -> Phrase:
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, AgainstBaseline | Rise | Gain):
            return self._course(condition)
        return self._fact(condition)

    def _compare(self, compare: Compare) -> Phrase:
        name = item_name(compare.item, self.items)
        if compare.equals is not None or compare.has is not None:
            part = self._part(compare.item)
            code = compare.has or (
                "yes" if compare.equals is True else "no" if compare.equals is False else ""
            )
            said = say("page.answer", item=name, choice=choice_words(part, code or str(compare.equals)))
        else:
            said = say("page.number", item=name, bounds=self._bounds(compare))
        if compare.earlier is None:
            return said
        return say(
            "page.earlier",
            what=said,
            least=number(compare.earlier.at_least_hours),
            most=number(compare.earlier.within_hours),
        )

    def _bounds(self, compare: Compare) -> Phrase:
        said = [self._bound(compare.item, _SIGNS[name], value) for name, value in compare.thresholds.items()]
        first, *others = said
        for other in others:
            first = say("page.both", one=first, other=other)
        return first

    def _bound(self, path: str, sign: str, threshold: float | str) -> Phrase:
        if path == EACH:
            grade = Phrase(f"choice.severity.{number(float(threshold))}")
            return say("page.bound_named", sign=sign, value=number(float(threshold)), name=grade)
        item_id, key = split(path, self.items)
        item = self.items[item_id]
        part = item.part(key)
        if isinstance(threshold, str):
            return say("page.bound_band", sign=sign, band=band_words(item, threshold, key))
        if part.kind == "severity":
            value = number(threshold)
            return say("page.bound_named", sign=sign, value=value, name=choice_words(part, value))
        said = amount(number(threshold, part.digits), item.unit_of(key))
        return say("page.bound", sign=sign, value=said)

    def _course(self, condition: AgainstBaseline | Rise | Gain) -> Phrase:
        name = item_name(condition.item, self.items)
        item_id, key = split(condition.item, self.items)
        unit = None if condition.item == EACH else self.items[item_id].unit_of(key)
        if isinstance(condition, AgainstBaseline):
            return say("page.below_baseline", item=name, by=amount(number(condition.below_by), unit))
        if isinstance(condition, Gain):
            return say(
                "page.gain",
                item=name,
                by=amount(number(condition.gain), unit),
                within=span(condition.within_hours),
                baseline=span(condition.baseline_after_hours),
            )
        said = self._rise(condition, name, unit)
        return said if not condition.same else say("page.rise_same", what=said, part=self._same(condition))

    def _rise(self, rise: Rise, name: Phrase, unit: str | None) -> Phrase:
        by, within = amount(number(rise.rise), unit), span(rise.within_hours)
        if rise.reports == 1:
            return say("page.rise", item=name, by=by, within=within)
        return say("page.rise_running", item=name, by=by, within=within, reports=rise.reports)

    def _same(self, rise: Rise) -> Phrase:
        item_id, _ = split(rise.item, self.items)
        return Phrase(self.items[item_id].seen_key(rise.same or ""))

    def _fact(self, condition: Condition) -> Phrase:
        if isinstance(condition, Since):
            return say("page.since", product=either(condition.since), within=span(condition.within_hours))
        if isinstance(condition, StudyDays):
            first, last = condition.study_days
            return say("page.study_days", first=first, last=last)
        if isinstance(condition, Flag):
            return say("page.flag", flag=flag(condition.flag))
        if isinstance(condition, CheckinIs):
            return say("page.checkin_is", form=Phrase(self.forms[condition.checkin].name_key))
        if isinstance(condition, Heard):
            return say("page.heard", what=Phrase(condition.words_key))
        assert isinstance(condition, Hit)
        return say("page.hit", rule=condition.rule)

    def _part(self, path: str) -> Part:
        item_id, key = split(path, self.items)
        return self.items[item_id].part(key)
