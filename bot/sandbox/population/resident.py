"""A participant of the model at their phone: reads what it shows, and answers by the truth of their body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from bot.sandbox.crew import newest, press, taps_of
from bot.sandbox.person import Person
from bot.sandbox.population.answers import tapped, ticked, typed
from bot.sandbox.population.bodies import Body
from bot.sandbox.population.lives import Life
from bot.sandbox.shown import Button, Shown
from bot.screens.taps import Do, Tap

# Examples in a question tell which reading it asks for, in every language.
_EXAMPLES: Mapping[str, str] = {"120/80": "Q8.pressure", "36.8": "Q1.value", "96": "Q9.value"}
_DEVICE = {"Q8.pressure": "has_cuff", "Q9.value": "has_oximeter", "Q19.weight_kg": "has_scales"}
_BROKEN_OFF_AFTER = (2, 9)
_SAME_ANYWAY = 0.1

_Taps = dict[Button, Tap]


@dataclass(slots=True)
class Resident:
    """One phone and whose it is. `done` is what was pressed or typed, so that nothing is twice."""

    person: Person
    life: Life
    rng: Random
    done: set[str] = field(default_factory=set)
    last_feels: tuple[object, ...] | None = None
    same: dict[int, bool] = field(default_factory=dict)
    """By check-in: whether it is answered as the last one was. Decided once for each."""
    taps_left: int | None = None

    def picks_up(self) -> None:
        """Take the phone into the hand: decide how long to stay with it."""
        breaks_off = self.rng.random() < self.life.habits.breaks_off
        self.taps_left = self.rng.randint(*_BROKEN_OFF_AFTER) if breaks_off else None

    def act(self, now: datetime) -> bool:
        """Do the next thing that this phone asks for; False where there is none, or no more wish to."""
        if self.taps_left == 0 or self.person.account.blocked:
            return False
        acted = any(self._act_on(message, now) for message in newest(self.person))
        if acted and self.taps_left is not None:
            self.taps_left -= 1
        return acted

    def _act_on(self, message: Shown, now: datetime) -> bool:
        body, taps = self.life.body(now), dict(taps_of(message))
        step = _step(message, taps)
        if step is None:
            return self._else(message, taps)
        if not _is_typed(taps):
            return self._tap(message, self._button(body, taps, step))
        skip = next((button for button, tap in taps.items() if tap.do in (Do.SKIP, Do.CANNOT_MEASURE)), None)
        has_it = step in _EXAMPLES.values() or step in _DEVICE
        if skip is not None and not (has_it and getattr(self.life.habits, _DEVICE.get(step, "has_scales"))):
            return self._tap(message, skip)
        return self._type(message, typed(body, step))

    def _tap(self, message: Shown, button: Button | None) -> bool:
        return button is not None and press(self.person, message, button, self.done)

    def _type(self, message: Shown, words: str) -> bool:
        asked = f"{message.id}:{message.text}"
        if asked in self.done:
            return False
        self.done.add(asked)
        self.person.say(words)
        return True

    def _button(self, body: Body, taps: _Taps, step: str) -> Button | None:
        for button, tap in taps.items():
            if (
                tap.do is Do.SAME
                and button.data not in self.done
                and self._says_the_same(tap.number(0), body)
            ):
                return button
        item = step.partition(".")[0]
        if any(tap.do is Do.DONE for tap in taps.values()):
            return _next_tick(taps, ticked(body, item))
        raw = tapped(body, step)
        answers = {tap.word(3): button for button, tap in taps.items() if tap.do is Do.ANSWER}
        return answers.get(raw) or next(iter(answers.values()), None)

    def _says_the_same(self, checkin_id: int, body: Body) -> bool:
        if checkin_id not in self.same:
            lazily = not _is_ill(body) and self.rng.random() < _SAME_ANYWAY
            self.same[checkin_id] = lazily or body.feels == self.last_feels
            self.last_feels = body.feels
        return self.same[checkin_id]

    def _else(self, message: Shown, taps: _Taps) -> bool:
        by_do = {tap.do: button for button, tap in reversed(taps.items())}
        return Do.COMING in by_do and self._tap(message, by_do[Do.COMING])


def _is_ill(body: Body) -> bool:
    return bool(body.signs) or max(body.scores.values()) > 1


def _step(message: Shown, taps: _Taps) -> str | None:
    """Return which step of a form a message asks, by its buttons or by the example in its text."""
    for tap in taps.values():
        if tap.do in (Do.ANSWER, Do.TOGGLE, Do.DONE, Do.SKIP):
            return tap.word(2).rstrip("!~")
    asks = any(tap.do in (Do.SAME, Do.BACK, Do.CANNOT_MEASURE) for tap in taps.values())
    if not asks and "36.8" not in message.text:
        return None
    return next((step for example, step in _EXAMPLES.items() if example in message.text), None)


def _is_typed(taps: _Taps) -> bool:
    return not any(tap.do in (Do.ANSWER, Do.TOGGLE, Do.DONE) for tap in taps.values())


def _next_tick(taps: _Taps, wanted: frozenset[str]) -> Button | None:
    for button, tap in taps.items():
        if tap.do is Do.TOGGLE and tap.word(3) in wanted and tap.word(4) == "on":
            return button
    return next(button for button, tap in taps.items() if tap.do is Do.DONE)
