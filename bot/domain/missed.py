"""A report that did not come: when to nudge, when it is an alert, and when it is RED."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from bot.domain.conditions import Condition
from bot.domain.definition import Identifier, Problem, Sourced
from bot.domain.evidence import holds
from bot.domain.practice import Practice
from bot.domain.rules import Hours, Known, check_condition
from bot.domain.triage import Assessment, Clinical, Context, Finding, scene_of, summed_up
from bot.domain.words import Words

LastTier = Literal["red", "amber", "green"]
# What an open AMBER of the last report makes of a missed one; after 1 h comes RED.
_GRAVER: dict[int, Hours | None] = {24: 4, 4: 1, 2: 1, 1: None}


class MissedPeriod(Sourced):
    """What happens with a missed check-in that was asked while `when` held; minutes from its sending.

    `red_after_minutes`: RED without contact. `caregiver`: nudges go there too.
    """

    id: Identifier
    when: Condition | None = None
    nudge_after_minutes: tuple[int, ...] = ()
    caregiver: bool = False
    alert_after_minutes: int = Field(gt=0)
    hours: Hours
    red_after_minutes: int | None = None
    version: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [*self.nudge_after_minutes, self.alert_after_minutes]
        if self.red_after_minutes is not None:
            moments.append(self.red_after_minutes)
        if moments != sorted(set(moments)):
            raise ValueError("nudges come before the alert, and the alert before RED")
        return self

    @property
    def rule(self) -> str:
        """Return the id under which its finding is kept."""
        return f"M_{self.id.upper()}"

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key of this period."""
        yield from (f"rule.{self.rule}", f"rule.{self.rule}.why")


class WithMissed(Clinical, Protocol):
    """What judging a missed report needs of a protocol."""

    @property
    def missed(self) -> Mapping[str, MissedPeriod]:
        """Return the periods; the first whose condition holds counts."""
        ...

    @property
    def practice(self) -> Practice:
        """Return the numbers of how staff work."""
        ...


@dataclass(frozen=True, slots=True)
class Missed:
    """A report that did not come.

    `last_tier`: of the last report, where its alert is not closed. `contact`:
    somebody has reached the participant since.
    """

    minutes_late: float
    last_tier: LastTier | None = None
    contact: bool = False


@dataclass(frozen=True, slots=True)
class MissedNow:
    """What a missed report means now: `nudges` that should have gone out, and when to look again."""

    assessment: Assessment
    nudges: int
    caregiver: bool
    next_after_minutes: int | None


def assess_missed(missed: Missed, context: Context, protocol: WithMissed) -> MissedNow:
    """Return what a missed report means; `context` is that of the instant at which it was asked.

    Nothing is missed in hospital. The caller leaves out what is not missed
    for another reason: the bot was down, or a RED alert is being paged.
    """
    period = _period(context, protocol)
    if context.inpatient or period is None:
        return MissedNow(summed_up(()), 0, False, None)
    late = missed.minutes_late
    moments = (*period.nudge_after_minutes, period.alert_after_minutes, period.red_after_minutes)
    return MissedNow(
        assessment=summed_up(tuple(_finding(period, missed))),
        nudges=sum(after <= late for after in period.nudge_after_minutes),
        caregiver=period.caregiver,
        next_after_minutes=min((at for at in moments if at is not None and at > late), default=None),
    )


def silence_hours(context: Context, protocol: WithMissed) -> Hours:
    """Return within how many hours somebody must be reached whom no message reaches: as for a missed report.

    At most so many as the protocol says: who cannot be asked can report nothing, however long ago
    the infusions were.
    """
    period, most = _period(context, protocol), protocol.practice.unreachable.hours
    return min(most, most if period is None else period.hours)


def _period(context: Context, protocol: WithMissed) -> MissedPeriod | None:
    scene = scene_of({}, context, protocol)
    for period in protocol.missed.values():
        if period.when is None or holds(period.when, scene) is not None:
            return period
    return None


def _finding(period: MissedPeriod, missed: Missed) -> Iterator[Finding]:
    if missed.minutes_late < period.alert_after_minutes:
        return
    hours: Hours | None = period.hours
    if missed.last_tier == "amber":
        hours = _GRAVER[period.hours]
    unanswered = period.red_after_minutes is not None and missed.minutes_late >= period.red_after_minutes
    if missed.last_tier == "red" or (unanswered and not missed.contact):
        hours = None
    yield Finding(
        rule=period.rule,
        version=period.version,
        tier="red" if hours is None else "amber",
        hours=hours,
        items=frozenset(),
        values={"hours_late": round(missed.minutes_late / 60, 1)},
        reason=Words(f"rule.{period.rule}"),
        evidence=(Words("rule.seen.late", {"hours": round(missed.minutes_late / 60, 1)}),),
    )


def check_missed(periods: Mapping[str, MissedPeriod], known: Known) -> Iterator[Problem]:
    """Yield every reference that leads nowhere, and every period that can never be reached."""
    ended = False
    for period in periods.values():
        if ended:
            yield Problem(f"missed.{period.id}", "stands behind a period without a condition")
        ended = ended or period.when is None
        if period.when is not None:
            for reason in check_condition(period.when, known):
                yield Problem(f"missed.{period.id}.when", reason)
    if not ended:
        yield Problem("missed", "the last period must hold always: without `when`")
