"""The lives of the participants, drawn from a seed: who they are, and what befalls them on which day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.sandbox.population.bodies import Body, Usual, body, usual
from bot.sandbox.population.conditions import GRAVITIES, Condition, Gravity, befalls
from bot.sandbox.population.habits import CHARACTERS, Character, Habits, habits

Stay = tuple[datetime, datetime]

DAYS_IN_A_MONTH = 30.4
# How often a year, over all participants, where nothing of the study causes it.
_A_YEAR: Mapping[str, float] = {
    "infection": 0.4,
    "infection_without_fever": 0.4,
    "shingles": 0.1,
    "flare_joints": 0.4,
    "flare_rash": 0.3,
    "flare_kidney": 0.25,
    "gut_severe": 0.2,
    "gut_upset": 0.8,
    "cold": 1.2,
}
_REACTS_TO = {"rituximab": 0.25, "nk": 0.08}
_CRS_CHANCE, _NEUTROPENIA_CHANCE = 0.15, 0.1
# The median of late-onset neutropenia after rituximab is about day 102.
_NEUTROPENIA_DAYS = (60, 150)
_SEPSIS_DAYS = (9, 27)
_BLOCKS_DAYS = (12, 80)


@dataclass(slots=True)
class Life:
    """One participant as the model knows them. The bot sees none of it."""

    code: str
    character: Character
    habits: Habits
    usual: Usual
    flags: frozenset[str]
    conditions: list[Condition] = field(default_factory=list)
    blocks_at: datetime | None = None
    stays: list[Stay] = field(default_factory=list)
    seed: str = ""

    def body(self, at: datetime) -> Body:
        """Return what could be measured and told at an instant."""
        return body(self.usual, self.conditions, at, f"{self.seed}:{self.code}")

    def truth(self, at: datetime) -> Gravity | None:
        """Return the gravest that is there to be found at an instant; None for a healthy one."""
        felt = {each.gravity for each in self.conditions if each.is_felt(at)}
        return next((gravity for gravity in GRAVITIES if gravity in felt), None)

    def is_in_hospital(self, at: datetime) -> bool:
        """Tell whether somebody else watches over them."""
        return any(begin <= at < end for begin, end in self.stays)

    def treat(self, at: datetime) -> None:
        """Let a physician deal with what is there."""
        self.conditions = [each.treated(at) if each.strength(at) > 0 else each for each in self.conditions]


def live(
    number: int,
    code: str,
    begins_at: datetime,
    months: int,
    infusions: Sequence[tuple[str, datetime]],
    seed: int,
) -> Life:
    """Draw the life of the participant with that number; `begins_at` is the beginning of Day 1.

    `infusions` are products and planned ends. The same seed gives the same life,
    whoever else takes part.
    """
    rng = Random(f"{seed}:{number}:life")
    character = CHARACTERS[number % len(CHARACTERS)]
    steroid = character == "septic" or rng.random() < 0.5
    life = Life(
        code,
        character,
        habits(character, rng),
        usual(rng),
        frozenset({"STEROID"} if steroid else ()),
        seed=str(seed),
    )
    life.conditions = sorted(
        _befalling(life, begins_at, months, infusions, rng), key=lambda each: each.begins_at
    )
    if character == "blocker":
        life.blocks_at = begins_at + timedelta(days=rng.randint(*_BLOCKS_DAYS), hours=rng.randint(8, 20))
    return life


def _befalling(
    life: Life, begins_at: datetime, months: int, infusions: Sequence[tuple[str, datetime]], rng: Random
) -> Iterator[Condition]:
    days = round(months * DAYS_IN_A_MONTH)
    yield from _of_treatment(infusions, rng)
    if life.character == "septic":
        yield befalls("sepsis_without_fever", _some_time(begins_at, _SEPSIS_DAYS, rng), rng)
    neutropenia = rng.random() < _NEUTROPENIA_CHANCE, _some_time(begins_at, _NEUTROPENIA_DAYS, rng)
    if neutropenia[0] and neutropenia[1] < begins_at + timedelta(days=days):
        yield befalls("late_neutropenia", neutropenia[1], rng)
    for kind, rate in _A_YEAR.items():
        for on in range(days):
            if rng.random() < rate / 365:
                yield befalls(kind, _some_time(begins_at, (on, on), rng), rng)


def _of_treatment(infusions: Sequence[tuple[str, datetime]], rng: Random) -> Iterator[Condition]:
    for product, ended_at in infusions:
        if rng.random() < _REACTS_TO.get(product, 0.0):
            yield befalls("infusion_reaction", ended_at + timedelta(hours=rng.uniform(0.5, 5)), rng)
    if infusions and rng.random() < _CRS_CHANCE:
        yield befalls("crs_like", infusions[-1][1] + timedelta(hours=rng.uniform(8, 120)), rng)


def _some_time(begins_at: datetime, days: tuple[int, int], rng: Random) -> datetime:
    return begins_at + timedelta(days=rng.randint(*days), minutes=rng.randrange(24 * 60))
