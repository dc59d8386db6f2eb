"""Whom a broadcast is for: criteria that narrow it down, each by itself empty for everyone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from bot.domain.people import ENDED, Language, Participant
from bot.domain.planning import PlannedVisit
from bot.domain.protocol import Protocol

Phase = Literal["before", "during", "after"]
PHASES: tuple[Phase, ...] = ("before", "during", "after")
VISIT_WITHIN_DAYS = (1, 3, 7, 14, 30)


@dataclass(frozen=True, slots=True)
class Audience:
    """Criteria: within one, any of its values fits; all of them must hold.

    `doses` are pairs of an arm and a level in it, by its place in the protocol.
    `visit_within`: a visit ahead, today or in the next so many days.
    """

    languages: frozenset[str] = frozenset()
    arms: frozenset[str] = frozenset()
    doses: frozenset[tuple[str, int]] = frozenset()
    phases: frozenset[str] = frozenset()
    visit_within: int | None = None

    @property
    def is_everyone(self) -> bool:
        """Whether nothing narrows it down."""
        return self == Audience()

    def toggled(self, word: str) -> "Audience":
        """Return it with one criterion put in or taken out, by the word of its button; ValueError for none.

        The words: l.en, a.NK010, d.NK010.0, p.before, v.7.
        """
        kind, _, value = word.partition(".")
        if kind == "v":
            days = int(value)
            return replace(self, visit_within=None if self.visit_within == days else days)
        if kind == "d":
            arm, _, level = value.rpartition(".")
            return replace(self, doses=self.doses ^ {(arm, int(level))})
        names = {"l": "languages", "a": "arms", "p": "phases"}
        if kind not in names:
            raise ValueError(f"no criterion {word!r}")
        name = names[kind]
        return replace(self, **{name: getattr(self, name) ^ {value}})

    def holds(self, word: str) -> bool:
        """Tell whether the criterion of a button is in it."""
        without = self.toggled(word)
        return without.size < self.size

    @property
    def size(self) -> int:
        """How many criteria there are."""
        sets = (self.languages, self.arms, self.doses, self.phases)
        return sum(len(each) for each in sets) + (self.visit_within is not None)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "languages": sorted(self.languages),
            "arms": sorted(self.arms),
            "doses": sorted([arm, level] for arm, level in self.doses),
            "phases": sorted(self.phases),
            "visit_within": self.visit_within,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Audience":
        """Read what `as_json` gave, or the one language that earlier versions kept."""
        who = kept.get("who", "all")
        return cls(
            frozenset(kept.get("languages", () if who == "all" else (who,))),
            frozenset(kept.get("arms", ())),
            frozenset((arm, int(level)) for arm, level in kept.get("doses", ())),
            frozenset(kept.get("phases", ())),
            kept.get("visit_within"),
        )


def words_of(protocol: Protocol, languages: Iterable[Language]) -> frozenset[str]:
    """Return the words of every criterion that there is."""
    arms = protocol.arms
    doses = (f"d.{arm}.{level}" for arm in arms for level in range(len(arms[arm].doses)))
    return frozenset(
        (
            *(f"l.{each}" for each in languages),
            *(f"a.{each}" for each in arms),
            *doses,
            *(f"p.{each}" for each in PHASES),
            *(f"v.{each}" for each in VISIT_WITHIN_DAYS),
        )
    )


def phase_of(plan: Iterable[PlannedVisit], now: datetime) -> Phase:
    """Return where a participant stands; treatment is from the first infusion to the end of the last."""
    infusions = [each for each in plan if each.type.product is not None and each.takes_place]
    if not infusions or now < min(each.starts_at for each in infusions):
        return "before"
    last = max(each.ends_at or each.starts_at for each in infusions)
    return "during" if now <= last else "after"


def is_meant(
    audience: Audience,
    participant: Participant,
    plan: tuple[PlannedVisit, ...],
    protocol: Protocol,
    now: datetime,
    today: date,
) -> bool:
    """Tell whether a participant belongs to an audience, to be reached or not; `today` is their date."""
    if participant.status in ENDED:
        return False
    return (
        _holds(audience.languages, participant.language)
        and _holds(audience.arms, participant.arm)
        and _holds(audience.doses, _level(participant, protocol))
        and (not audience.phases or phase_of(plan, now) in audience.phases)
        and (audience.visit_within is None or _comes(plan, today, audience.visit_within))
    )


def _holds(wanted: frozenset[Any], value: Any) -> bool:
    return not wanted or value in wanted


def _level(participant: Participant, protocol: Protocol) -> tuple[str, int]:
    arm = protocol.arms.get(participant.arm)
    doses = arm.doses if arm else ()
    return participant.arm, doses.index(participant.dose) if participant.dose in doses else -1


def _comes(plan: Iterable[PlannedVisit], today: date, days: int) -> bool:
    until = today + timedelta(days=days)
    return any(each.is_ahead and today <= each.on <= until for each in plan)
