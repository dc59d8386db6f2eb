"""How fast Telegram lets us send: sliding windows, and a rate that is learnt from its refusals."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

# A call reaches the server a little later than it left, and not always equally late:
# windows are kept a little wider and the rate a little lower than what Telegram allows.
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

    def left(self, granted_at: float, now: float | None) -> None:
        """Count a grant from when its call really left; None: it never did, and takes up no room."""
        place = bisect_left(self._grants, granted_at)
        if place < len(self._grants) and self._grants[place] == granted_at:
            del self._grants[place]
            if now is not None:
                insort(self._grants, now)

    def count_before(self, at: float) -> int:
        """Return how many grants lie in the window that ends just before `at`."""
        return bisect_left(self._grants, at) - bisect_left(self._grants, at - self.seconds)


@dataclass(slots=True)
class Spacing:
    """Grants `1 / rate` apart, up to `burst` of them early after a quiet time."""

    rate: float
    burst: int
    _next: float = 0.0

    def ready_at(self) -> float:
        """Return the monotonic instant from which one more grant fits."""
        return self._next - (self.burst - 1) / self.rate

    def granted(self, now: float) -> None:
        """Note a grant; one that came late does not delay those after it."""
        self._next = max(self._next, now) + 1 / self.rate


# After a refusal the rate is tried one higher only after this long, twice as long after each
# further refusal: a limit that is really lower costs a handful of refusals a day, not one a minute.
FIRST_CREEP_SECONDS = 60.0
LONGEST_CREEP_SECONDS = 3600.0
LOWEST_RATE = 5


@dataclass(slots=True)
class Overall:
    """The limit over all chats, learnt: lowered by a refusal, raised again slowly.

    `limit` is calls per second. No second ever holds more than that, and they
    are spread over it, so that a burst does not use up a window at its start.
    """

    most: int = 30
    burst: int = 5
    limit: int = 0
    _window: Window = field(init=False)
    _spacing: Spacing = field(init=False)
    _lowered_at: float = float("-inf")
    _creep_after: float = FIRST_CREEP_SECONDS
    _creep_at: float = float("inf")

    def __post_init__(self) -> None:
        self.limit = self.limit or self.most
        self._window = Window(self.limit, 1.0)
        self._spacing = Spacing(self.limit * USED_SHARE, self.burst)

    def ready_at(self) -> float:
        """Return the monotonic instant from which one more call may go out."""
        return max(self._window.ready_at(), self._spacing.ready_at())

    def granted(self, now: float) -> None:
        """Note that a call goes out now."""
        if now >= self._creep_at:
            self._set(self.limit + 1)
            self._creep_at = now + self._creep_after if self.limit < self.most else float("inf")
        self._window.granted(now)
        self._spacing.granted(now)

    def left(self, granted_at: float, now: float | None) -> None:
        """Count a call that was granted at `granted_at` from now, when it leaves; None: it never leaves."""
        self._window.left(granted_at, now)

    def refused(self, granted_at: float, now: float, *, everywhere: bool) -> None:
        """Learn from a 429 to a call that left at `granted_at`.

        What had gone through in the second before is what Telegram allows, but
        one refusal takes away no more than two. At a low rate it concerns its
        chat only, unless others were refused too.
        """
        if granted_at <= self._lowered_at:
            return  # it was on its way before the rate was lowered: nothing new in it
        passed = self._window.count_before(granted_at)
        if passed < 0.8 * self.limit and not everywhere:
            return
        self._lowered_at = now
        self._set(min(self.limit - 1, max(passed, self.limit - 2)))
        self._creep_at = now + self._creep_after
        self._creep_after = min(2 * self._creep_after, LONGEST_CREEP_SECONDS)

    def _set(self, limit: int) -> None:
        self.limit = max(LOWEST_RATE, min(limit, self.most))
        self._window.limit = self.limit
        self._spacing.rate = self.limit * USED_SHARE


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
