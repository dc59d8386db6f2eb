"""Answers, clocks and history into findings, each with its rule and its reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from bot.domain.combining import combined, gravity, summed_up
from bot.domain.evidence import Evidence, Reading, Scene, Seen, holds, values_of, without
from bot.domain.findings import Answers, Assessment, Clinical, Clocks, Context, Finding, Report
from bot.domain.items import Item
from bot.domain.reading import Read, Repeat, repeats_in, signs_in
from bot.domain.rules import Remeasure, Rule
from bot.domain.words import Words

__all__ = [
    "Answers",
    "Assessment",
    "Clinical",
    "Clocks",
    "Context",
    "Finding",
    "Report",
    "assess",
    "assess_so_far",
    "scene_of",
    "summed_up",
]


def assess(answers: Answers, context: Context, protocol: Clinical) -> Assessment:
    """Return what these answers mean, judged against clocks, flags, baselines and history.

    Call it on receipt of each answer, with all the answers of the report so
    far. A second reading stands in its item under `repeat`; null there means
    that it failed or never came.
    """
    scene = scene_of(answers, context, protocol)
    repeats = repeats_in(answers, protocol)
    findings = _findings(scene, repeats, protocol)
    if not any(finding.tier == "red" for finding in findings):
        findings = (*findings, *combined(findings, context.checkin, protocol.combination))
    return summed_up(findings)


def assess_so_far(answers: Answers, context: Context, protocol: Clinical) -> Assessment:
    """Return what holds whatever the deciding part that is still missing turns out to be.

    A temperature whose place was not told yet is judged at its mildest place;
    once the form is left, `assess` takes the place as unknown.
    """
    possible: list[Assessment] = []
    for each in _completed(answers, protocol.items):
        possible.append(assess(each, context, protocol))
        if possible[-1].tier == "green":
            # Nothing is milder: the other places need not be tried.
            break
    return min(possible, key=gravity)


def _completed(answers: Answers, items: Mapping[str, Item]) -> Iterator[Answers]:
    """Yield the answers with each choice of the first deciding part that is missing."""
    for name, answer in answers.items():
        if name in items and isinstance(answer, Mapping):
            for part in items[name].parts:
                if part.decides and part.key not in answer:
                    for choice in part.choices:
                        yield from _completed({**answers, name: {**answer, part.key: choice}}, items)
                    return
    yield answers


def scene_of(answers: Answers, context: Context, protocol: Clinical) -> Scene:
    """Return what the conditions of rules are judged against."""
    past = sorted(context.history, key=lambda report: report.hours_ago)
    return Scene(
        known=protocol.items,
        now=Reading(0.0, Read(answers, protocol.items)),
        history=tuple(Reading(r.hours_ago, Read(r.answers, protocol.items)) for r in past),
        hours_since=context.clocks.hours_since,
        study_day=context.clocks.study_day,
        flags=context.flags,
        baseline=context.baseline,
        checkin=context.checkin,
        heard=context.heard,
    )


def _findings(scene: Scene, repeats: Mapping[str, Repeat], protocol: Clinical) -> tuple[Finding, ...]:
    found: list[Finding] = []
    signs = signs_in(scene.now.items, repeats)
    for rule in protocol.rules.values():
        targets = rule.targets(signs)
        if targets and scene.hits.isdisjoint(rule.not_with):
            fired = tuple(_apply(rule, targets, scene, repeats))
            found += fired
            scene = replace(scene, hits=scene.hits | {rule.id}) if fired else scene
    return tuple(finding for finding in found if not _nothing_new(finding, found))


def _nothing_new(finding: Finding, found: Iterable[Finding]) -> bool:
    """Tell whether a trend stands on items that fired anyway."""
    fired = {item for other in found if not other.trend for item in other.items}
    return finding.trend and finding.items <= fired


def _apply(
    rule: Rule, targets: Iterable[str | None], scene: Scene, repeats: Mapping[str, Repeat]
) -> Iterator[Finding]:
    for each in targets:
        own = scene.about(each)
        evidence = holds(rule.when, own)
        if rule.remeasure is not None:
            yield from _remeasured(rule, rule.remeasure, own, evidence, repeats)
        elif evidence is not None:
            yield _finding(rule, own, evidence)
        else:
            yield from _in_a_repeat(rule, own, repeats)


def _in_a_repeat(rule: Rule, scene: Scene, repeats: Mapping[str, Repeat]) -> Iterator[Finding]:
    """Judge the second readings too: one that is worse than the first is a finding of its own."""
    for item, repeat in repeats.items():
        again = _again(scene, item, repeat)
        evidence = holds(rule.when, again) if repeat.parts else None
        if evidence is not None and item in _items(evidence):
            yield _finding(rule, again, evidence)
            return


def _again(scene: Scene, item: str, repeat: Repeat) -> Scene:
    """Return the scene of a second reading, in which the first one is history."""
    first = Reading(repeat.after_hours, {item: scene.now.items[item]})
    return replace(without(scene, item, repeat.parts), history=(first, *scene.history))


def _remeasured(
    rule: Rule, remeasure: Remeasure, scene: Scene, evidence: Evidence | None, repeats: Mapping[str, Repeat]
) -> Iterator[Finding]:
    if evidence is None:
        for worse in _in_a_repeat(rule, scene, repeats):
            waiting = tuple(sorted(worse.items))
            yield replace(worse, tier="amber", hours=remeasure.first_hours, call_120=False, remeasure=waiting)
        return
    if remeasure.unless is not None and (symptom := holds(remeasure.unless, scene)) is not None:
        yield _finding(rule, scene, (*evidence, *symptom), tier="red")
        return
    states = {item: _repeat_state(rule, scene, item, evidence, repeats) for item in sorted(_items(evidence))}
    if "confirmed" in states.values():
        yield _finding(rule, scene, evidence, tier="red")
        return
    waiting = tuple(item for item, state in states.items() if state == "waiting")
    hours = remeasure.first_hours if waiting else remeasure.cleared_hours
    yield replace(_finding(rule, scene, evidence, tier="amber", hours=hours), remeasure=waiting)


def _repeat_state(
    rule: Rule, scene: Scene, item: str, evidence: Evidence, repeats: Mapping[str, Repeat]
) -> Literal["waiting", "confirmed", "cleared"]:
    """Tell what the second reading of one item says; what it leaves out confirms the first."""
    if item not in repeats:
        return "waiting"
    parts = repeats[item].parts
    if any(parts.get(s.key) is None for s in evidence if isinstance(s, Seen) and s.item == item):
        return "confirmed"
    again = holds(rule.when, without(scene, item, parts))
    return "confirmed" if again is not None and item in _items(again) else "cleared"


def _items(evidence: Evidence) -> frozenset[str]:
    return frozenset(each.item for each in evidence if isinstance(each, Seen) and each.hours_ago == 0)


def _finding(
    rule: Rule,
    scene: Scene,
    evidence: Evidence,
    *,
    tier: Literal["red", "amber"] | None = None,
    hours: int | None = None,
) -> Finding:
    tier = tier or rule.tier
    return Finding(
        rule=rule.id,
        version=rule.version,
        tier=tier,
        hours=(hours or rule.hours) if tier == "amber" else None,
        items=_items(evidence),
        values=values_of(evidence),
        reason=Words(rule.reason_key),
        evidence=tuple(each.words if isinstance(each, Seen) else each for each in evidence),
        notes=tuple(Words(note.text) for note in rule.notes if holds(note.when, scene) is not None),
        call_120=rule.call_120 and tier == "red",
        serious_prompt=rule.serious_prompt is not None and holds(rule.serious_prompt, scene) is not None,
        trend=rule.trend,
    )
