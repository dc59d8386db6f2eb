"""A clock for the page: it runs at any speed, stands still, is pushed, and waits where it is told to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock, SystemClock


class TickingClock:
    """The sandbox's time, which never runs backwards.

    `sleep()` waits real seconds. `monotonic()` goes on while the clock stands
    still, as the machine's does, and counts what is jumped over too: rate
    limits, here and in the bot, see the hour that has passed since the last
    message, so that a day of pages is not held to one message a real second.
    """

    def __init__(
        self, start: datetime, *, speed: float = 1.0, running: bool = True, machine: Clock | None = None
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self.machine = machine or SystemClock()
        self._base = start.astimezone(UTC)
        self._since = self.machine.monotonic()
        self._speed, self._running = _sane(speed), running
        self._hold: datetime | None = None
        self._skipped = 0.0
        self._listeners: list[Callable[[datetime], None]] = []

    @property
    def speed(self) -> float:
        """How many seconds pass here in one real second while it runs."""
        return self._speed

    @property
    def running(self) -> bool:
        """Whether time passes by itself."""
        return self._running

    @property
    def held_at(self) -> datetime | None:
        """The instant that a running clock will not pass, if there is one."""
        return self._hold

    def now(self) -> datetime:
        """Return the present instant of the sandbox, aware, in UTC."""
        if not self._running:
            return self._base
        passed = timedelta(seconds=(self.machine.monotonic() - self._since) * self._speed)
        moved = self._base + passed
        return moved if self._hold is None else max(self._base, min(moved, self._hold))

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds and those that were jumped or played over."""
        return self.machine.monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        """Wait that many real seconds."""
        await self.machine.sleep(seconds)

    def run(self, speed: float = 1.0) -> None:
        """Let time pass, `speed` times as fast as it does."""
        self._settle()
        self._speed, self._running = _sane(speed), True

    def pause(self) -> None:
        """Stand still."""
        self._settle()
        self._running = False

    def hold(self, at: datetime | None) -> None:
        """Run up to `at` and wait there; None lets it run on."""
        self._settle()
        self._hold = at

    def jump(self, to: datetime) -> None:
        """Be at `to` at once, or stay where that is past; tell the listeners either way."""
        self._settle()
        target = max(self._base, to.astimezone(UTC))
        self._skipped += (target - self._base).total_seconds()
        self._base = target
        for listener in self._listeners:
            listener(self._base)

    def on_jump(self, listener: Callable[[datetime], None]) -> None:
        """Call `listener` with the new instant at each jump."""
        self._listeners.append(listener)

    def _settle(self) -> None:
        now, seconds = self.now(), self.machine.monotonic()
        self._skipped += max(0.0, (now - self._base).total_seconds() - (seconds - self._since))
        self._base, self._since = now, seconds


def _sane(speed: float) -> float:
    if not 0 < speed <= 100_000:
        raise ValueError(f"a clock cannot run {speed} times as fast")
    return speed
