"""How fast Telegram lets us send: sliding windows, and a rate that is learnt from its refusals."""

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field

# A call reaches the server a little later than it left, and not always equally late:
# a chat's limits are kept a little wider than what Telegram allows.
MARGIN_SECONDS = 0.013
USED_SHARE = 0.987


@dataclass(slots=True)
class Window:
    """At most `limit` grants in any `seconds`."""

    limit: int
    seconds: float
    _grants: list[float] = field(default_factory=list)  # in order

    def ready_at(self) -> float:
        """Return the monotonic instant from which one more grant fits."""
        if len(self._grants) < self.limit:
            return 0.0
        return self._grants[-self.limit] + self.seconds + MARGIN_SECONDS

    def granted(self, now: float) -> None:
        """Note a grant, and forget those that no longer count."""
        insort(self._grants, now)
        del self._grants[: bisect_left(self._grants, now - 2 * self.seconds)]


# The shortest way there and back is known from the calls so far, and not quite:
# the next one may be quicker by this.
SHORTEST_WAY_MARGIN = 0.003
# The shortest way is that of the last one to two of these: a route changes, and so does the load.
WAY_SECONDS = 600.0
# A call without an answer may still be on its way; after this it is taken to have come as soon as others.
LONGEST_WAY = 1.0


@dataclass(slots=True)
class ShortestWay:
    """The least seconds that a call took from leaving to its answer, lately."""

    _since: float = float("-inf")
    _least: float = float("inf")
    _before: float = float("inf")

    @property
    def seconds(self) -> float:
        """The least seconds; none as long as nothing was answered."""
        least = min(self._least, self._before)
        return least if math.isfinite(least) else 0.0

    def took(self, seconds: float, now: float) -> None:
        """Learn from a call that was answered now."""
        if now - self._since > WAY_SECONDS:
            self._since, self._before, self._least = now, self._least, float("inf")
        self._least = min(self._least, seconds)


@dataclass(slots=True, eq=False)
class Passage:
    """A call that was let out: when, and when it left, after it was looked at once more."""

    granted_at: float
    left_at: float | None = None

    @property
    def since(self) -> float:
        """Since when it is under way, as far as is known."""
        return self.granted_at if self.left_at is None else self.left_at


@dataclass(slots=True)
class Arrivals:
    """At most `limit` calls in any second at the far end, where they come unequally late.

    How late nobody tells. But a call has come before its answer left, and the
    next one comes later than it leaves; what the two ways take together is at
    least the shortest that was ever seen from leaving to answer. So the next
    may leave a second after the answer, less that shortest way. Where all
    take equally long this is a second from leaving to leaving; a call that
    took longer moves what follows it by just as much.
    """

    limit: int
    _way: ShortestWay = field(default_factory=ShortestWay)
    _under_way: dict[Passage, None] = field(default_factory=dict)  # in order of their grants
    _answered: list[float] = field(default_factory=list)  # in order

    def ready_at(self, now: float) -> float:
        """Return the monotonic instant from which one more may leave, as it looks now."""
        self._give_up_late(now)
        places = self.limit - len(self._under_way)
        if places <= 0:
            return self._late_at(next(iter(self._under_way)))
        if len(self._answered) < places:
            return 0.0
        return self._answered[-places] + 1.0 - self._way.seconds + SHORTEST_WAY_MARGIN

    def granted(self, passage: Passage) -> None:
        """Note that a call is let out."""
        self._under_way[passage] = None

    def ended(self, passage: Passage, now: float, *, answered: bool) -> bool:
        """Note that a call is over; return whether the next may go earlier than it seemed.

        One that never left takes up no room; an error is no answer, and may
        have come from much nearer than the far end.
        """
        was_full = len(self._under_way) >= self.limit
        if answered:
            self._way.took(now - passage.since, now)
        if passage in self._under_way:
            del self._under_way[passage]
            if passage.left_at is not None:
                self._count(now)
        return was_full or passage.left_at is None

    def _late_at(self, passage: Passage) -> float:
        return passage.since + self._way.seconds + LONGEST_WAY

    def _give_up_late(self, now: float) -> None:
        while self._under_way:
            oldest = next(iter(self._under_way))
            if self._late_at(oldest) > now:
                return
            del self._under_way[oldest]
            self._count(oldest.since + self._way.seconds)

    def _count(self, at: float) -> None:
        insort(self._answered, at)
        del self._answered[: bisect_left(self._answered, self._answered[-1] - 2.0)]


@dataclass(slots=True)
class Spacing:
    """Grants `1 / rate` apart, up to `burst` of them early after a quiet time."""

    rate: float
    burst: int
    _next: float = 0.0

    def ready_at(self, burst: int | None = None) -> float:
        """Return the monotonic instant from which one more grant fits; `burst`: so many early instead."""
        return self._next - ((self.burst if burst is None else burst) - 1) / self.rate

    def granted(self, now: float) -> None:
        """Note a grant; one that came late does not delay those after it."""
        self._next = max(self._next, now) + 1 / self.rate

    def given_back(self) -> None:
        """Let another have the place of a grant that was not used."""
        self._next -= 1 / self.rate


# After a refusal the rate is tried one higher only after this long, twice as long after each
# further refusal: a limit that is really lower costs a handful of refusals a day, not one a minute.
FIRST_CREEP_SECONDS = 60.0
LONGEST_CREEP_SECONDS = 3600.0
LOWEST_RATE = 5
# Who can wait goes out one after the other, and only makes up for having been held up a little:
# a bunch would come back each second, with a gap before it in which a page finds no place either.
EVENLY = 2
# A little slower than Telegram allows, so that small delays do not add up from second to second.
EVEN_SHARE = 0.992


@dataclass(slots=True)
class Overall:
    """The limit over all chats, learnt: lowered by a refusal, raised again slowly.

    `limit` is calls per second. No second ever holds more than that, and they
    are spread over it, `evenly` for those that can wait, so that a burst does
    not use up a second at its start.
    """

    most: int = 30
    burst: int = 5
    limit: int = 0
    _arrivals: Arrivals = field(init=False)
    _left: deque[float] = field(default_factory=lambda: deque(maxlen=300))  # those of the last seconds
    _spacing: Spacing = field(init=False)
    _lowered_at: float = float("-inf")
    _creep_after: float = FIRST_CREEP_SECONDS
    _creep_at: float = float("inf")

    def __post_init__(self) -> None:
        self.limit = self.limit or self.most
        self._arrivals = Arrivals(self.limit)
        self._spacing = Spacing(self.limit * EVEN_SHARE, self.burst)

    def ready_at(self, now: float, *, evenly: bool = False) -> float:
        """Return the monotonic instant from which one more call may go out, as it looks now."""
        spaced = self._spacing.ready_at(EVENLY if evenly else None)
        return max(self._arrivals.ready_at(now), spaced)

    def granted(self, now: float) -> Passage:
        """Let a call out now."""
        if now >= self._creep_at:
            self._set(self.limit + 1)
            self._creep_at = now + self._creep_after if self.limit < self.most else float("inf")
        passage = Passage(now)
        self._arrivals.granted(passage)
        self._spacing.granted(now)
        return passage

    def left(self, passage: Passage, now: float) -> None:
        """Note that a call leaves now: it was looked at once more, which takes a moment."""
        passage.left_at = now
        self._left.append(now)

    def ended(self, passage: Passage, now: float, *, answered: bool) -> bool:
        """Note that a call is over; return whether the next may go earlier than it seemed."""
        if passage.left_at is None:
            self._spacing.given_back()
        return self._arrivals.ended(passage, now, answered=answered)

    def refused(self, left_at: float, now: float, *, everywhere: bool) -> None:
        """Learn from a 429 to a call that left at `left_at`.

        What had gone through in the second before is what Telegram allows, but
        one refusal takes away no more than two. At a low rate it concerns its
        chat only, unless others were refused too.
        """
        if left_at <= self._lowered_at:
            return  # it was on its way before the rate was lowered: nothing new in it
        passed = sum(1 for at in self._left if left_at - 1.0 <= at < left_at)
        if passed < 0.8 * self.limit and not everywhere:
            return
        self._lowered_at = now
        self._set(min(self.limit - 1, max(passed, self.limit - 2)))
        self._creep_at = now + self._creep_after
        self._creep_after = min(2 * self._creep_after, LONGEST_CREEP_SECONDS)

    def _set(self, limit: int) -> None:
        self.limit = max(LOWEST_RATE, min(limit, self.most))
        self._arrivals.limit = self.limit
        self._spacing.rate = self.limit * EVEN_SHARE


@dataclass(slots=True)
class ChatPace:
    """One chat: a message a second with a small burst; twenty a minute for a group."""

    is_group: bool
    paused_until: float = 0.0
    _spacing: Spacing = field(default_factory=lambda: Spacing(rate=USED_SHARE, burst=3))
    _minute: Window = field(default_factory=lambda: Window(20, 60.0))

    def ready_at(self) -> float:
        """Return the monotonic instant from which this chat may get one more."""
        own = max(self.paused_until, self._spacing.ready_at())
        return max(own, self._minute.ready_at()) if self.is_group else own

    def granted(self, now: float) -> None:
        """Note that a call to this chat goes out now."""
        self._spacing.granted(now)
        if self.is_group:
            self._minute.granted(now)

    def refused(self, now: float, retry_after: float) -> None:
        """Let the chat rest for as long as Telegram asks for."""
        self.paused_until = max(self.paused_until, now + retry_after)
