"""What the alerts of a simulation cost and what they caught, by the model's truth. Pure arithmetic."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.sandbox.population.conditions import Condition

# From when an illness can be found: so long may it take until a human is called.
PROPER_TIME = {"urgent": timedelta(hours=12), "important": timedelta(hours=48)}
# What somebody asks about so soon after an illness was still about it.
AFTERMATH = timedelta(hours=24)
WEEK = timedelta(days=7)
NOTHING = "nothing"
# The form that asks for nothing else.
TEMPERATURE = "temperature"
TRUTHS = ("urgent", "important", "minor", NOTHING)
# Basch et al. 2022, PRO-TECT: symptom surveys with an alert, and alerts that patients called urgent.
PRO_TECT_SHARE, PRO_TECT_URGENT = 0.34, 0.1


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert as the bot's tables have it; `rules` are those that opened it, `page_at` its first page."""

    code: str
    tier: str
    rules: tuple[str, ...]
    opened_at: datetime
    tier_since: datetime
    page_at: datetime | None = None
    acknowledged_at: datetime | None = None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page to one member of staff, and whether it was night there."""

    to: str
    at: datetime
    at_night: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A check-in: when it was asked, and when something of it was answered."""

    code: str
    at: datetime
    answered_at: datetime | None
    alerted: bool
    form: str = "full"


@dataclass(frozen=True, slots=True)
class Followed:
    """One participant: from when to when, what befell them, and their stays in hospital."""

    code: str
    character: str
    since: datetime
    until: datetime
    conditions: Sequence[Condition]
    blocked_at: datetime | None = None
    stays: Sequence[tuple[datetime, datetime]] = ()

    def is_watched(self, at: datetime) -> bool:
        """Tell whether somebody else watched over them, in hospital."""
        return any(begin <= at < end for begin, end in self.stays)


@dataclass(frozen=True, slots=True)
class Log:
    """All that the arithmetic is done on."""

    followed: Sequence[Followed]
    raised: Sequence[Raised]
    pages: Sequence[Page]
    asked: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class Missed:
    """An illness that was there to be found, and no human was called in its proper time."""

    code: str
    character: str
    kind: str
    gravity: str
    since: datetime
    found_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Times:
    """Median and the worst of a number of durations, in minutes."""

    n: int
    median: float
    longest: float


@dataclass(frozen=True, slots=True)
class Burden:
    """The whole result. `alerts` counts by (tier, truth), `rules` by (rule, truth)."""

    weeks: float
    alerts: Mapping[tuple[str, str], int]
    rules: Mapping[tuple[str, str], int]
    conditions: Mapping[str, int]
    missed: Sequence[Missed]
    checkins: int
    answered: int
    alerted: int
    times: Mapping[str, Times]
    pages: Mapping[str, tuple[float, float]]

    @property
    def total(self) -> int:
        """Return how many alerts there were."""
        return sum(self.alerts.values())

    def of(self, truth: str) -> int:
        """Return how many alerts had such a truth behind them."""
        return sum(number for (_, behind), number in self.alerts.items() if behind == truth)

    @property
    def needless(self) -> int:
        """Return how many alerts had nothing behind them that a human had to see."""
        return self.of("minor") + self.of(NOTHING)


def burden(log: Log) -> Burden:
    """Work everything out."""
    by_code = {each.code: each for each in log.followed}
    alerts: Counter[tuple[str, str]] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for each in log.raised:
        behind = truth_behind(each, by_code[each.code].conditions)
        alerts[each.tier, behind] += 1
        rules.update((rule, behind) for rule in each.rules)
    answered = [each for each in log.asked if each.answered_at is not None]
    weeks = sum(((each.until - each.since) / WEEK for each in log.followed), 0.0)
    return Burden(
        weeks=weeks,
        alerts=alerts,
        rules=rules,
        conditions=Counter(each.gravity for one in log.followed for each in _findable(one)),
        missed=tuple(missed(log)),
        checkins=len(log.asked),
        answered=len(answered),
        alerted=sum(each.alerted for each in answered),
        times=_times(log.raised),
        pages=_pages(log),
    )


def truth_behind(each: Raised, conditions: Iterable[Condition]) -> str:
    """Return the gravest illness that an alert of this instant may have been about."""
    present = {
        one.gravity for one in conditions if one.begins_at <= each.opened_at <= one.ends_at + AFTERMATH
    }
    return next((truth for truth in TRUTHS if truth in present), NOTHING)


def missed(log: Log) -> Iterable[Missed]:
    """Yield every illness that no human was called for in time, with why."""
    for person in log.followed:
        own = [each for each in log.raised if each.code == person.code]
        for each in _findable(person):
            found_at = _found_at(each, own)
            due_at = min(each.felt_at + PROPER_TIME[each.gravity], person.until)
            if found_at is None or found_at > due_at:
                why = _why(each, person, [one for one in log.asked if one.code == person.code], due_at)
                yield Missed(
                    person.code, person.character, each.kind, each.gravity, each.felt_at, found_at, why
                )


def _findable(person: Followed) -> list[Condition]:
    return [
        each
        for each in person.conditions
        if each.gravity in PROPER_TIME
        and each.felt_at < each.ends_at
        and person.since <= each.felt_at < person.until
        and not person.is_watched(each.felt_at)
    ]


def _found_at(each: Condition, own: Iterable[Raised]) -> datetime | None:
    """Return when a human was called about it: an alert opened during it, or one in hand when it began."""
    at = [
        max(one.opened_at, each.begins_at)
        for one in own
        if one.opened_at <= each.ends_at + AFTERMATH
        and (one.closed_at or datetime.max.replace(tzinfo=one.opened_at.tzinfo)) >= each.begins_at
    ]
    return min(at, default=None)


def _why(each: Condition, person: Followed, asked: Sequence[Asked], due_at: datetime) -> str:
    if (
        person.blocked_at is not None
        and person.blocked_at <= due_at
        and each.felt_at <= person.blocked_at + WEEK
    ):
        return "blocked"
    answered = [
        one.form for one in asked if one.answered_at is not None and each.felt_at <= one.answered_at <= due_at
    ]
    if answered:
        return "temperature" if set(answered) == {TEMPERATURE} else "answered"
    return "silent" if any(each.felt_at <= one.at <= due_at for one in asked) else "not_asked"


def _times(raised: Iterable[Raised]) -> dict[str, Times]:
    measured: Mapping[str, Callable[[Raised], datetime | None]] = {
        "page": lambda each: each.page_at,
        "acknowledge": lambda each: each.acknowledged_at,
        "contact": lambda each: each.contacted_at,
    }
    minutes: dict[str, list[float]] = defaultdict(list)
    for each in raised:
        for name, of in measured.items():
            at = of(each)
            since = each.opened_at if name == "page" else each.tier_since
            if at is not None:
                minutes[f"{each.tier} {name}"].append(max(0.0, (at - since).total_seconds() / 60))
    return {name: Times(len(all_), median(all_), max(all_)) for name, all_ in sorted(minutes.items())}


def _pages(log: Log) -> dict[str, tuple[float, float]]:
    """Return pages a week for each member of staff, and how many of them at night."""
    if not log.followed:
        return {}
    span = max(each.until for each in log.followed) - min(each.since for each in log.followed)
    weeks = span / WEEK
    everyone = sorted({each.to for each in log.pages})
    counts = Counter((each.to, each.at_night) for each in log.pages)
    return {to: ((counts[to, False] + counts[to, True]) / weeks, counts[to, True] / weeks) for to in everyone}
