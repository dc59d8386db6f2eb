"""What triage is given and what it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.domain.items import Item
from bot.domain.rules import Combination, Rule
from bot.domain.words import Words

Answers = Mapping[str, object]


class Clinical(Protocol):
    """What triage needs of a protocol."""

    @property
    def items(self) -> Mapping[str, Item]:
        """Return the items by id."""
        ...

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Return the rules by id, in the order in which they are judged."""
        ...

    @property
    def combination(self) -> Combination:
        """Return how AMBER findings combine."""
        ...


@dataclass(frozen=True, slots=True)
class Clocks:
    """The study day, and by product the hours since the actual end of its last infusion, if there was one."""

    study_day: int | None = None
    hours_since: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """An earlier report: its age in hours, and its canonical answers."""

    hours_ago: float
    answers: Answers


@dataclass(frozen=True, slots=True)
class Context:
    """What the answers are judged against; `history` in any order."""

    clocks: Clocks = field(default_factory=Clocks)
    flags: frozenset[str] = frozenset()
    baseline: Mapping[str, float] = field(default_factory=dict)
    history: Sequence[Report] = ()
    inpatient: bool = False
    checkin: str | None = None
    heard: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that fired: on which items and values, and why, in words.

    `values` are the stored values by path (`Q8.sbp`). `remeasure` names the
    items whose second reading is awaited before the tier is final.
    """

    rule: str
    version: int
    tier: Literal["red", "amber"]
    hours: int | None
    items: frozenset[str]
    values: Mapping[str, object]
    reason: Words
    evidence: tuple[Words, ...]
    notes: tuple[Words, ...] = ()
    call_120: bool = False
    remeasure: tuple[str, ...] = ()
    serious_prompt: bool = False
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one report means: its tier, the hours to a human contact where AMBER, and every finding."""

    tier: Literal["red", "amber", "green"]
    amber_hours: int | None
    findings: tuple[Finding, ...]
    call_120: bool
    remeasure: tuple[str, ...]
