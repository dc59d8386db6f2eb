"""Cases with which the PI questions the rules: plain JSON into what triage takes, and its answer back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.combining import gravity
from bot.domain.findings import Answers, Assessment, Clocks, Context, Finding, Report
from bot.domain.items import Item, Part, Parts, Range
from bot.domain.missed import LastTier, Missed, WithMissed, assess_missed
from bot.domain.triage import assess, assess_so_far
from bot.errors import BadInput

PRODUCTS = {"hours_since_rtx": "rituximab", "hours_since_nk": "nk"}
"""The clocks of a case by product; `hours_since_<product>` names any other."""
_SCREEN = "pre_infusion"


@dataclass(frozen=True, slots=True)
class Case:
    """One set of answers and what they are judged against, or a report that did not come."""

    answers: Answers
    context: Context
    missed: Missed | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What the bot would do; `refused` names the items whose values it would not take."""

    assessment: Assessment
    refused: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that fired, each once, the grave ones first."""
        ordered = sorted(self.assessment.findings, key=_gravest_first)
        return tuple(dict.fromkeys(finding.rule for finding in ordered))


def _gravest_first(finding: Finding) -> tuple[bool, int]:
    return finding.tier != "red", finding.hours or 0


def try_case(case: Mapping[str, Any], protocol: WithMissed) -> Tried:
    """Return what the bot would do with one case of JSON; BadInput where it is no case."""
    read = read_case(case)
    refused = tuple(impossible(read.answers, protocol.items))
    kept = {name: answer for name, answer in read.answers.items() if name not in refused}
    judge = assess_so_far if case.get("so_far") else assess
    found = judge(kept, read.context, protocol)
    if read.missed is not None:
        late = assess_missed(read.missed, read.context, protocol).assessment
        found = max((found, late), key=gravity)
    return Tried(found, refused)


def read_case(case: Mapping[str, Any]) -> Case:
    """Return the case of JSON as the interface describes it; BadInput where a part has the wrong shape."""
    try:
        return Case(dict(case.get("answers") or {}), _context(case), _missed(case.get("missed")))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput("item.refused.case", reason=f"{type(error).__name__}: {error}") from error


def _context(case: Mapping[str, Any]) -> Context:
    flags = frozenset(case.get("flags") or ())
    answers = case.get("answers") or {}
    # Its answers are given nowhere else.
    checkin = case.get("checkin") or (_SCREEN if "screen" in answers else None)
    return Context(
        clocks=_clocks(case.get("clock") or {}),
        flags=flags,
        baseline={name: float(value) for name, value in (case.get("baseline") or {}).items()},
        history=tuple(
            Report(float(past["hours_ago"]), dict(past["answers"])) for past in case.get("history") or ()
        ),
        inpatient=bool(case.get("inpatient")) or "INPATIENT" in flags,
        checkin=checkin,
        heard=frozenset(case.get("heard") or ()),
    )


def written_case(answers: Answers, context: Context, *, so_far: bool = False) -> dict[str, Any]:
    """Return answers and what they were judged against as a case of JSON: what `read_case` takes.

    `so_far`: they were judged while the form was open.
    """
    return {
        "clock": {
            "study_day": context.clocks.study_day,
            **{f"hours_since_{product}": hours for product, hours in context.clocks.hours_since.items()},
        },
        "flags": sorted(context.flags),
        "baseline": dict(context.baseline),
        "history": [{"hours_ago": past.hours_ago, "answers": dict(past.answers)} for past in context.history],
        "checkin": context.checkin,
        "heard": sorted(context.heard),
        "inpatient": context.inpatient,
        "answers": dict(answers),
        "so_far": so_far,
    }


def _clocks(clock: Mapping[str, Any]) -> Clocks:
    day = clock.get("study_day")
    hours = {
        PRODUCTS.get(name, name.removeprefix("hours_since_")): float(value)
        for name, value in clock.items()
        if name.startswith("hours_since_") and value is not None
    }
    return Clocks(None if day is None else int(day), hours)


def _missed(given: Mapping[str, Any] | None) -> Missed | None:
    if given is None:
        return None
    tiers: dict[object, LastTier] = {"red": "red", "amber": "amber", "green": "green"}
    return Missed(
        float(given["hours_late"]) * 60, tiers.get(given.get("last_tier")), bool(given.get("contact"))
    )


def impossible(answers: Answers, items: Mapping[str, Item]) -> Iterator[str]:
    """Yield the items that hold a value which a check-in would refuse."""
    for name, answer in answers.items():
        if name in items and any(_refused(part, items[name].read(answer)) for part in items[name].parts):
            yield name


def _refused(part: Part, parts: Parts) -> bool:
    return any(
        isinstance(value := parts.get(key), int | float) and not low <= value <= high
        for key, (low, high) in _limits(part)
    )


def _limits(part: Part) -> Iterator[tuple[str, tuple[float, float]]]:
    ranges: dict[str, Range] = part.ranges or ({part.key: part.range} if part.range else {})
    for key, allowed in ranges.items():
        yield key, allowed.refuse
    if part.kind == "severity":
        yield part.key, (0, 4)
