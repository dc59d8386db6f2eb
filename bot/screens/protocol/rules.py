"""Items, forms and rules in sentences: what is asked, and what follows from an answer."""

from collections.abc import Iterator

from bot.domain.items import Item
from bot.domain.parts import AskWhen, Part, Range
from bot.domain.protocol import Protocol
from bot.domain.rules import Remeasure, Rule
from bot.screens.protocol.conditions import band_words, choice_words, item_name, outlined
from bot.screens.protocol.outline import (
    Entry,
    Outline,
    Section,
    Series,
    amount,
    cited,
    flag,
    labelled,
    lines,
    minutes,
    number,
    span,
    tier,
)
from bot.texts import Joined, Phrase, Value, key, say

_KINDS = {
    "temperature": key("page.part.number"),
    "number": key("page.part.number"),
    "blood_pressure": key("page.part.blood_pressure"),
    "yes_no": key("page.part.one_of"),
    "severity": key("page.part.one_of"),
    "several": key("page.part.several"),
    "one_of": key("page.part.one_of"),
    "text": key("page.part.text"),
}


def rules(protocol: Protocol) -> Iterator[Section]:
    """Yield what is asked and what is concluded: items, forms, RED rules, AMBER rules."""
    yield Section(say("page.items"), tuple(_item(item, protocol) for item in protocol.items.values()))
    yield Section(say("page.forms"), tuple(_forms(protocol)), (say("page.forms_explained"),))
    red = tuple(_rule(rule, protocol) for rule in protocol.rules.values() if rule.tier == "red")
    amber = tuple(_rule(rule, protocol) for rule in protocol.rules.values() if rule.tier == "amber")
    explained = (say("page.rules_explained"), say("page.hours_explained"))
    yield Section(say("page.rules_red"), red, explained)
    yield Section(say("page.rules_amber"), (*amber, _combination(protocol)), (say("page.amber_explained"),))


def _item(item: Item, protocol: Protocol) -> Entry:
    facts = lines(
        say("page.item_flags", flags=Joined(tuple(flag(name) for name in item.flags_any)))
        if item.flags_any
        else None,
        say("page.item_every", every=span(item.every_hours)) if item.every_hours else None,
        say("page.item_vital") if item.vital else None,
        say("page.item_private") if item.private else None,
        say("page.loinc", codes=", ".join(item.loinc.values())) if item.loinc else None,
    )
    parts = tuple(_part(item, part) for part in item.parts)
    bands = tuple(Outline(band_words(item, band, item.main_key)) for band in item.bands)
    return Entry(item.id, Phrase(item.name_key), (*parts, *bands, *facts), cited(item), remark=item.hazard)


def _part(item: Item, part: Part) -> Outline:
    options = Joined(tuple(Phrase(label) for _, label in part.options))
    below = lines(
        say("page.only_when", when=_asked_when(item, part.when)) if part.when else None,
        Phrase(_KINDS[part.kind], {"options": options} if part.options else {}),
        *(_range(item, stored, limits) for stored, limits in _ranges(part)),
        say("page.optional") if part.optional else None,
        say("page.private") if part.private and not item.private else None,
    )
    return Outline(say("page.question", text=Phrase(item.ask_key(part))), below)


def _asked_when(item: Item, when: AskWhen) -> Phrase:
    part, name = item.part(when.part), Phrase(item.seen_key(when.part))
    if when.at_least is not None:
        grade = number(when.at_least)
        return say("page.number", item=name, bounds=_named_bound(part, grade))
    code = when.has or ("yes" if when.equals is True else "no" if when.equals is False else str(when.equals))
    return say("page.answer", item=name, choice=choice_words(part, code))


def _named_bound(part: Part, value: str) -> Phrase:
    if part.kind == "severity":
        return say("page.bound_named", sign="≥", value=value, name=choice_words(part, value))
    return say("page.bound", sign="≥", value=value)


def _ranges(part: Part) -> Iterator[tuple[str, Range]]:
    if part.range is not None:
        yield part.key, part.range
    yield from part.ranges.items()


def _range(item: Item, stored: str, limits: Range) -> Phrase:
    digits = item.part(stored).digits
    low, high, lowest, highest = (number(edge, digits) for edge in (*limits.plausible, *limits.refuse))
    values: dict[str, Value] = {
        "name": Phrase(item.seen_key(stored)),
        "low": low,
        "high": amount(high, item.unit_of(stored)),
    }
    return Phrase(key("page.range"), {**values, "lowest": lowest, "highest": highest})


def _forms(protocol: Protocol) -> Iterator[Entry]:
    for form in protocol.forms.values():
        asked = Series(tuple(item_name(one, protocol.items) for one in form.items))
        again = say("page.same_as_last") if form.same_as_last else None
        yield Entry(form.id, Phrase(form.name_key), lines(say("page.form_items", items=asked), again))


def _rule(rule: Rule, protocol: Protocol) -> Entry:
    each = Series(tuple(item_name(path, protocol.items) for path in rule.each))
    condition = labelled(say("page.when"), outlined(rule.when, protocol))
    extra = lines(
        say("page.for_each", items=each) if rule.each else None,
        say("page.not_with", rules=Joined(rule.not_with)) if rule.not_with else None,
        say("page.trend") if rule.trend else None,
        say("page.why", text=Phrase(rule.rationale_key)),
    )
    return Entry(
        rule.id,
        Phrase(rule.reason_key),
        (condition, *_again(rule, protocol), *_for_staff(rule, protocol), *extra),
        cited(rule),
        mark=_mark(rule),
        tone=rule.tier,
        remark="" if rule.version == 1 else f"v{rule.version}",
    )


def _mark(rule: Rule) -> Phrase:
    if rule.call_120:
        return say("page.red_120")
    return say("page.red_again") if rule.remeasure else tier(rule.tier, rule.hours)


def _again(rule: Rule, protocol: Protocol) -> Iterator[Outline]:
    again: Remeasure | None = rule.remeasure
    if again is None:
        return
    yield Outline(
        say(
            "page.remeasure",
            after=minutes(again.after_minutes),
            within=minutes(again.within_minutes),
            first=tier("amber", again.first_hours),
            cleared=tier("amber", again.cleared_hours),
        )
    )
    if again.unless is not None:
        yield labelled(say("page.remeasure_unless"), outlined(again.unless, protocol))


def _for_staff(rule: Rule, protocol: Protocol) -> Iterator[Outline]:
    for note in rule.notes:
        yield labelled(say("page.note", text=Phrase(note.text)), outlined(note.when, protocol))
    if rule.serious_prompt is not None:
        yield labelled(say("page.serious"), outlined(rule.serious_prompt, protocol))


def _combination(protocol: Protocol) -> Entry:
    both = protocol.combination
    counted = [
        say(
            "page.one_item",
            form=say("page.quoted", text=Phrase(protocol.forms[form].name_key)),
            items=Series(tuple(item_name(path, protocol.items) for path in paths)),
        )
        for form, paths in both.one_item.items()
    ]
    said = say("page.combination", hours=both.one_within_hours)
    why = say("page.why", text=Phrase(f"{both.reason_key}.why"))
    return Entry(
        both.id, Phrase(both.reason_key), lines(said, *counted, why), cited(both), say("page.red"), "red"
    )
