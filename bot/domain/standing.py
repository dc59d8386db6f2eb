"""What follows from flags: monthly reminders that outlast the visits, and extras at a visit."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from bot.domain.definition import ClockTime, Identifier, Problem, Sourced, Strict, TextKey
from bot.domain.schedule import Count, Minutes, Month, VisitKind, VisitType, unknown


class FlagLine(Strict):
    """One sentence of a monthly reminder, for those who have the flag."""

    flag: Identifier
    text: TextKey


class Monthly(Sourced):
    """A reminder each month after the last study treatment, until so many months after it.

    The treatment is the actual one, as far as staff have recorded it. Months are
    counted from it, clamped and never chained. Once the last visit is over, one
    more goes out `days_after_last_visit` after it, if the end is still ahead and
    no month falls in between.
    """

    id: Identifier
    months: Month
    at: ClockTime
    days_after_last_visit: Count
    expires_after_minutes: Minutes
    lines: Annotated[tuple[FlagLine, ...], Field(min_length=1)]


class Extra(Sourced):
    """What is done beside the plan at visits of a kind, for those with any of the flags.

    `participant` tells nothing of the reason; `staff` names it, and stands in no
    page and on no lock screen.
    """

    id: Identifier
    flags_any: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    kinds: Annotated[tuple[VisitKind, ...], Field(min_length=1)]
    participant: TextKey | None = None
    staff: TextKey


def check_standing(
    monthly: Mapping[str, Monthly],
    extras: Mapping[str, Extra],
    visits: Mapping[str, VisitType],
    flags: tuple[str, ...],
) -> Iterator[Problem]:
    """Yield what does not fit together between flags, visits and what follows from them."""
    for rule in monthly.values():
        named = (line.flag for line in rule.lines)
        yield from unknown(f"monthly.{rule.id}.lines", named, flags, "unknown flag")
    kinds = {visit.kind for visit in visits.values()}
    for extra in extras.values():
        yield from unknown(f"extras.{extra.id}.flags_any", extra.flags_any, flags, "unknown flag")
        yield from unknown(f"extras.{extra.id}.kinds", extra.kinds, kinds, "no visit is of kind")
