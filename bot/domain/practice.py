"""How staff work with the program, in numbers: data of the protocol file, each with its source."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.domain.definition import ClockTime, Sourced, Strict
from bot.domain.rules import Hours

Positive = Annotated[int, Field(strict=True, gt=0)]


class Span(Sourced):
    """A length of time, said in the one unit that a reader would choose."""

    minutes: Positive | None = None
    hours: Positive | None = None
    days: Positive | None = None

    @model_validator(mode="after")
    def _in_one_unit(self) -> Self:
        if sum(each is not None for each in (self.minutes, self.hours, self.days)) != 1:
            raise ValueError("one of minutes, hours and days says how long")
        return self

    @property
    def value(self) -> timedelta:
        """The length."""
        return timedelta(minutes=self.minutes or 0, hours=self.hours or 0, days=self.days or 0)


class Within(Sourced):
    """Hours to a human contact, as an AMBER rule has them."""

    hours: Hours

    @property
    def value(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(hours=self.hours)


class Count(Sourced):
    """How many."""

    count: Positive

    @property
    def value(self) -> int:
        """The number."""
        return self.count


class Daily(Sourced):
    """A time on the wall of the site."""

    at: ClockTime

    @property
    def value(self) -> time:
        """The time of day."""
        return self.at


class Moments(Sourced):
    """Hours after something, the earliest first."""

    hours: Annotated[tuple[Positive, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.hours) != sorted(set(self.hours)):
            raise ValueError("the hours stand in order, each once")
        return self

    @property
    def value(self) -> tuple[timedelta, ...]:
        """The lengths of time, in order."""
        return tuple(timedelta(hours=each) for each in self.hours)


Number = Span | Within | Count | Daily | Moments


class Practice(Strict):
    """Every number of how staff work; a file leaves none out, so that a signature covers them all."""

    unreachable: Within
    asked_again: Span
    double_words: Span
    outage: Span
    sae_form: Span
    sae_reminders: Moments
    sae_late_every: Span
    calls: Count
    check_at: Daily
    question_soon: Span
    question_later: Span
    near_days: Count
    question_every: Span
    call_before: Span
    duty_change: Daily
    duty_gap: Span
    digest_at: Daily
    stay_asked_at: Daily
    seen_within: Span
    invitation: Span

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Yield each number by its name, in the order in which it is read."""
        yield from ((name, getattr(self, name)) for name in type(self).model_fields)
