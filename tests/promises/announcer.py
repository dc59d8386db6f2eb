"""A coordinator who writes to everybody now and then, however often the program dies meanwhile."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.crew import Caretaker, newest, taps_of
from bot.sandbox.person import Person
from bot.sandbox.shown import Button, Shown
from bot.screens.audience import EVERYONE
from bot.screens.taps import Do, Tap

NUMBERED = re.compile(r"第(\d+)号通知")
# What else a coordinator is told must not bury the task in hand.
_LOOKED_AT = 60
_PATIENCE = timedelta(seconds=10)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Announcer:
    """Writes one broadcast after the other; `sent_off` are the numbers of those that were confirmed.

    Whoever presses and sees nothing happen presses again; a broadcast that was
    confirmed is never begun anew.
    """

    person: Person
    sent_off: list[int] = field(default_factory=list)
    wanted: int | None = None
    done: set[str] = field(default_factory=set)
    _confirming: int | None = None
    _last_at: datetime = _NEVER
    _also: Caretaker = field(init=False)

    def __post_init__(self) -> None:
        self._also = Caretaker(self.person)

    def begin(self, now: datetime) -> None:
        """Want to write one more, where the last one is done with."""
        if self.wanted is None:
            self.wanted = len(self.sent_off) + 1
            self._once("/broadcast", now, self.person.command, "broadcast")

    def act(self, now: datetime) -> bool:
        """Do the next thing that the phone asks for: whoever is in danger comes first."""
        return self._also.act(now) or (self.wanted is not None and self._go_on(now))

    def insist(self, now: datetime) -> None:
        """Do once more what seems to have been in vain, or begin again where there is nothing to press."""
        if self.wanted is not None and now - self._last_at > _PATIENCE:
            self.done.clear()
            self._go_on(now) or self._once("/broadcast", now, self.person.command, "broadcast")

    def _go_on(self, now: datetime) -> bool:
        if self.wanted is not None and self._confirming is not None and self._is_going_out():
            self.sent_off.append(self.wanted)
            self.wanted = self._confirming = None
            self.done.clear()
            return True
        for message in newest(self.person, _LOOKED_AT):
            taps = [*taps_of(message)]
            if any(pressed.do in (Do.CANCEL, Do.TASK) for _, pressed in taps):
                return self._step(message, taps, now)
        return False

    def _is_going_out(self) -> bool:
        assert self._confirming is not None
        message = self.person.message(self._confirming)
        told = any(pressed.do is Do.CAST for _, pressed in taps_of(message))
        return told and english(self.wanted) in message.text

    def _step(self, message: Shown, taps: list[tuple[Button, Tap]], now: datetime) -> bool:
        for button, pressed in taps:
            last = pressed.do is Do.CONFIRM
            everybody = pressed.do is Do.CHOOSE and pressed.word(1) == EVERYONE
            if last or everybody or (pressed.do is Do.TASK and pressed.word(0) == "go"):
                self._confirming = message.id if last else None
                return self._once(
                    f"{message.id}:{button.data}", now, self.person.tap, button.data, message.id
                )
        second = any(pressed.do is Do.STEP for _, pressed in taps)
        words = english(self.wanted) if second else f"第{self.wanted}号通知。"
        return self._once(f"{message.id}:{message.text}:{words}", now, self.person.say, words)

    def _once(self, deed: str, now: datetime, do: Callable[..., object], *args: Any) -> bool:
        if deed in self.done:
            return False
        self.done.add(deed)
        self._last_at = now
        do(*args)
        return True


def english(number: int | None) -> str:
    """Return the English words of a broadcast."""
    return f"This is notice {number}."


def letters(copies: Counter[tuple[int, str]]) -> Counter[tuple[int, int]]:
    """Return how many copies of each broadcast stand in each chat, by its number and the chat."""
    found: Counter[tuple[int, int]] = Counter()
    for (chat, text), count in copies.items():
        for number in NUMBERED.findall(text):
            found[int(number), chat] += count
    return found
