"""How an alert is carried to a human: models of a protocol's `[chains]`."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.domain.definition import Identifier, Problem, Sourced, Strict

ChainRole = Literal["coordinator", "on_call", "sub_investigator", "pi"]


class Step(Strict):
    """Who is paged from that many minutes on, besides those of the steps before."""

    roles: tuple[ChainRole, ...] = Field(min_length=1)
    after_minutes: int = Field(ge=0)


class Chain(Sourced):
    """How an alert of one tier is carried to a human.

    `then`: the chain that takes over when contact is not made in time.
    `ask_participant_every`: minutes between asking whether help was reached.
    `second_channel_after`: minutes from which pages also go out beside the chat,
    since nobody took them; without it only where nobody can be reached at all.
    """

    id: Identifier
    tier: Literal["red", "amber"]
    hours: Literal[1, 2, 4, 24] | None = None
    acknowledge_minutes: int = Field(gt=0)
    contact_minutes: int = Field(gt=0)
    page_every_minutes: int = Field(gt=0)
    ask_participant_every_minutes: int | None = Field(default=None, gt=0)
    second_channel_after_minutes: int | None = Field(default=None, gt=0)
    steps: tuple[Step, ...] = Field(min_length=1)
    then: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        starts = [step.after_minutes for step in self.steps]
        if starts[0] != 0 or starts != sorted(starts):
            raise ValueError("steps begin at 0 minutes and go on in time")
        if self.acknowledge_minutes > self.contact_minutes:
            raise ValueError("an alert is acknowledged before contact is due")
        if (self.tier == "amber") != (self.hours is not None):
            raise ValueError("an AMBER chain names its hours, a RED one has none")
        return self

    def acknowledge_by(self, since: datetime) -> datetime:
        """Return when somebody should have taken an alert that began at `since`."""
        return since + timedelta(minutes=self.acknowledge_minutes)

    def second_channel_from(self, since: datetime) -> datetime | None:
        """Return from when pages also go to the second channel; None where none does for being late."""
        after = self.second_channel_after_minutes
        return None if after is None else since + timedelta(minutes=after)

    def contact_by(self, since: datetime) -> datetime:
        """Return when the participant should have been reached."""
        return since + timedelta(minutes=self.contact_minutes)


def check_chains(chains: Mapping[str, Chain]) -> Iterator[Problem]:
    """Yield where a tier has no chain or two, and where a chain hands over to none, or in a circle."""
    served: list[tuple[str, int | None]] = [(chain.tier, chain.hours) for chain in chains.values()]
    for tier, hours in (("red", None), ("amber", 1), ("amber", 2), ("amber", 4), ("amber", 24)):
        if served.count((tier, hours)) != 1:
            yield Problem("chains", f"needs exactly one chain for {tier} {hours or ''}".rstrip())
    for chain in chains.values():
        if chain.then is not None and (chain.then not in chains or chains[chain.then].then is not None):
            yield Problem(f"chains.{chain.id}.then", f"{chain.then} is no chain that ends the hand-over")


def chain_for(chains: Mapping[str, Chain], tier: str, hours: int | None) -> Chain:
    """Return the chain of a tier; LookupError where the protocol has none."""
    for chain in chains.values():
        if chain.tier == tier and chain.hours == (hours if tier == "amber" else None):
            return chain
    raise LookupError(f"no chain for {tier} {hours}")
