"""The next move for one alert: whom to page now, and when to look again. No timer is kept anywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.domain.chains import Chain, ChainRole, Step, chain_for, check_chains

__all__ = [
    "AlertFacts",
    "AlertState",
    "Chain",
    "ChainRole",
    "Move",
    "Page",
    "Staffing",
    "Step",
    "chain_for",
    "check_chains",
    "next_move",
]

AlertState = Literal["open", "acknowledged", "contacted", "closed"]


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What the alert's row says.

    `tier_since`: when it got its present tier, which is later than its opening
    where it was raised. `round`: how often it was paged; `step`: the highest
    step paged so far (-1: none); both 0 and -1 at the start, and set back
    (`step = -1`) when the tier is raised.
    """

    tier: Literal["red", "amber"]
    hours: int | None
    state: AlertState
    tier_since: datetime
    acknowledged_at: datetime | None = None
    paged_at: datetime | None = None
    round: int = 0
    step: int = -1
    participant_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who can be reached now, by role, `on_call` among them; who blocked the bot is not in here."""

    by_role: Mapping[str, tuple[int, ...]]

    def on(self, roles: Iterable[str]) -> tuple[int, ...]:
        """Return everyone in these roles, each once, in order."""
        return tuple(dict.fromkeys(who for role in roles for who in self.by_role.get(role, ())))


@dataclass(frozen=True, slots=True)
class Page:
    """One page to one person; (alert, round, staff) never comes twice."""

    staff_id: int
    step: int
    round: int


@dataclass(frozen=True, slots=True)
class Move:
    """What to do now, and what to write back into the alert's row.

    Where `round` grew, the row's `paged_at` becomes `now`, pages or not.
    `empty_steps`: steps that have nobody, to be told to the coordinator once.
    `second`: a page is due for the second channel too, since there is no one
    to send one to, or nobody took those before for too long.
    `look_again_at` is None only for an alert that needs no more moves.
    """

    pages: tuple[Page, ...] = ()
    round: int = 0
    step: int = -1
    ask_participant: bool = False
    empty_steps: tuple[tuple[ChainRole, ...], ...] = ()
    second: bool = False
    look_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Rung:
    starts_at: datetime
    roles: tuple[ChainRole, ...]


def next_move(
    alert: AlertFacts, chain: Chain, staffing: Staffing, now: datetime, then: Chain | None = None
) -> Move:
    """Return whom to page at `now`, and when to look again; `then` is the chain named by `chain.then`.

    Pages stand on a grid of the chain's interval, so that however many ticks
    were missed, one page makes up for them. Acknowledging stops the paging
    until contact is due; a late acknowledgement is given one interval, else it
    would not stop anything.
    """
    if alert.state in ("contacted", "closed"):
        return Move(round=alert.round, step=alert.step)
    paused_until = _paused_until(alert, chain)
    ask, next_ask = _asks(alert, chain, now)
    if paused_until is not None and now < paused_until:
        return Move(
            round=alert.round,
            step=alert.step,
            ask_participant=ask,
            look_again_at=_earliest(paused_until, next_ask),
        )
    move = _paging(
        alert, _ladder(alert, chain, then), staffing, now, (ask, next_ask), _grid(alert, chain, then, now)
    )
    late = chain.second_channel_from(alert.tier_since)
    is_late = late is not None and now >= late and move.round > alert.round
    return replace(move, second=move.second or is_late)


def _paused_until(alert: AlertFacts, chain: Chain) -> datetime | None:
    if alert.state != "acknowledged" or alert.acknowledged_at is None:
        return None
    grace = alert.acknowledged_at + timedelta(minutes=chain.page_every_minutes)
    return max(chain.contact_by(alert.tier_since), grace)


def _grid(alert: AlertFacts, chain: Chain, then: Chain | None, now: datetime) -> tuple[datetime, timedelta]:
    """Return where the grid of pages begins, and its interval."""
    start, every = alert.tier_since, chain.page_every_minutes
    limit = chain.contact_by(alert.tier_since)
    if then is not None and now >= limit:
        start, every = limit, then.page_every_minutes
    paused_until = _paused_until(alert, chain)
    return max(start, paused_until or start), timedelta(minutes=every)


def _ladder(alert: AlertFacts, chain: Chain, then: Chain | None) -> tuple[_Rung, ...]:
    own = _rungs(chain, alert.tier_since)
    return own + _rungs(then, chain.contact_by(alert.tier_since)) if then is not None else own


def _rungs(chain: Chain, since: datetime) -> tuple[_Rung, ...]:
    return tuple(_Rung(since + timedelta(minutes=s.after_minutes), s.roles) for s in chain.steps)


def _paging(
    alert: AlertFacts,
    ladder: tuple[_Rung, ...],
    staffing: Staffing,
    now: datetime,
    asking: tuple[bool, datetime | None],
    grid: tuple[datetime, timedelta],
) -> Move:
    active, empty, next_step = _climb(ladder, staffing, now)
    due, next_page = _page_due(alert.paged_at, grid, now)
    reached = max(active, default=-1)
    fresh = tuple(n for n in active if due or n > alert.step)
    number = alert.round + 1 if due else alert.round
    pages = _pages(ladder, active, fresh, staffing, number)
    return Move(
        pages=pages,
        round=number,
        step=max(reached, alert.step),
        ask_participant=asking[0],
        empty_steps=tuple(ladder[n].roles for n in empty),
        second=due and not pages,
        look_again_at=_earliest(next_page, next_step, asking[1]),
    )


def _climb(
    ladder: tuple[_Rung, ...], staffing: Staffing, now: datetime
) -> tuple[tuple[int, ...], tuple[int, ...], datetime | None]:
    """Return the steps reached that have somebody, those that have nobody, and when the next one starts.

    A step with nobody hands on at once: the next one starts with it.
    """
    active: list[int] = []
    empty: list[int] = []
    handed_on = False
    for n, rung in enumerate(ladder):
        if rung.starts_at > now and not handed_on:
            return tuple(active), tuple(empty), rung.starts_at
        handed_on = not staffing.on(rung.roles)
        (empty if handed_on else active).append(n)
    return tuple(active), tuple(empty), None


def _pages(
    ladder: tuple[_Rung, ...],
    active: tuple[int, ...],
    fresh: tuple[int, ...],
    staffing: Staffing,
    number: int,
) -> tuple[Page, ...]:
    """Return one page for each person of the fresh steps who was not paged in this round already."""
    old = {who for n in active if n not in fresh for who in staffing.on(ladder[n].roles)}
    pages: dict[int, Page] = {}
    for n in fresh:
        for who in staffing.on(ladder[n].roles):
            if who not in old:
                pages.setdefault(who, Page(who, n, number))
    return tuple(pages.values())


def _page_due(
    paged_at: datetime | None, grid: tuple[datetime, timedelta], now: datetime
) -> tuple[bool, datetime]:
    start, every = grid
    slot = (now - start) // every
    due = paged_at is None or paged_at < start or (paged_at - start) // every < slot
    return due, start + (slot + 1) * every


def _asks(alert: AlertFacts, chain: Chain, now: datetime) -> tuple[bool, datetime | None]:
    if chain.ask_participant_every_minutes is None:
        return False, None
    every = timedelta(minutes=chain.ask_participant_every_minutes)
    # The emergency text went out at the start: the first question comes one interval later.
    return _page_due(alert.participant_asked_at or alert.tier_since, (alert.tier_since, every), now)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
