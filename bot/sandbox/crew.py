"""Scripted people for the simulation: each looks at their phone and taps what such a person would."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from random import Random

from bot.domain.consent import KINDS
from bot.domain.people import Language
from bot.errors import StaleTap
from bot.sandbox.person import Person
from bot.sandbox.shown import Button, Shown
from bot.screens.consent import decide, open_page
from bot.screens.taps import Do, Tap, read_tap, tap

HEALTHY_CELSIUS = (36.1, 36.9)
# What a well person says, by the kind of question: no, none, under the arm.
_WELL = ("no", "0", "axillary")
# Only the newest messages still ask for something.
_LOOKED_AT = 6
# How the question for the temperature can be known from any other: by the example in it.
_EXAMPLE = "36.8"
_CHILLS = "Q2."


def joins(
    person: Person, code: str, language: Language, page: str = KINDS[0]
) -> tuple[Callable[[], object], ...]:
    """Return what somebody does to join, step by step; the bot works between the steps.

    `page` is the first page of the consent that they are asked for.
    """
    return (
        lambda: person.start(code),
        lambda: person.tap(tap(Do.LANGUAGE, language)),
        lambda: person.tap(open_page(page)),
        *(partial(person.tap, decide(kind, agrees=True)) for kind in KINDS),
        lambda: _press_newest(person, Do.SEEN),
    )


def _press_newest(person: Person, do: Do) -> None:
    for message in newest(person):
        for button, pressed in taps_of(message):
            if pressed.do is do and button.data is not None:
                person.tap(button.data, message.id)
                return


@dataclass(frozen=True, slots=True)
class Fever:
    """An illness with shaking chills: from `since`, for `lasting`, at `celsius`."""

    since: datetime
    lasting: timedelta
    celsius: float

    def at(self, now: datetime) -> bool:
        """Tell whether it is there at `now`."""
        return self.since <= now < self.since + self.lasting


@dataclass(slots=True)
class Patient:
    """A participant who answers what is asked, truthfully, within the minute."""

    person: Person
    rng: Random
    fever: Fever | None = None
    done: set[str] = field(default_factory=set)

    def act(self, now: datetime) -> bool:
        """Do the next thing that this phone asks for; False where there is nothing to do."""
        return any(self._act_on(message, now) for message in newest(self.person))

    def _act_on(self, message: Shown, now: datetime) -> bool:
        taps = dict(taps_of(message))
        pressed = self._button(message, taps, now)
        if pressed is not None:
            return press(self.person, message, pressed, self.done)
        return _EXAMPLE in message.text and self._type(message, self._temperature(now))

    def _button(self, message: Shown, taps: dict[Button, Tap], now: datetime) -> Button | None:
        by_do = {tap.do: button for button, tap in reversed(taps.items())}
        if Do.SAME in by_do and not self._is_ill(now):
            return by_do[Do.SAME]
        if Do.ANSWER in by_do:
            return self._answer({b: tap for b, tap in taps.items() if tap.do is Do.ANSWER}, now)
        return next((by_do[do] for do in (Do.DONE, Do.SKIP, Do.COMING) if do in by_do), None)

    def _answer(self, taps: dict[Button, Tap], now: datetime) -> Button:
        answers = {tap.word(3): button for button, tap in taps.items()}
        shivers = self._is_ill(now) and any(tap.word(2).startswith(_CHILLS) for tap in taps.values())
        wanted = ("yes",) if shivers else _WELL
        return next((answers[one] for one in wanted if one in answers), next(iter(answers.values())))

    def _type(self, message: Shown, words: str) -> bool:
        asked = f"{message.id}:{message.text}"
        if asked in self.done:
            return False
        self.done.add(asked)
        self.person.say(words)
        return True

    def _temperature(self, now: datetime) -> str:
        ill = self.fever.celsius if self.fever is not None and self._is_ill(now) else None
        return f"{ill or self.rng.uniform(*HEALTHY_CELSIUS):.1f}"

    def _is_ill(self, now: datetime) -> bool:
        return self.fever is not None and self.fever.at(now)


@dataclass(slots=True)
class Caretaker:
    """A member of staff who takes a page, reaches the participant by telephone, and tells the bot so."""

    person: Person
    done: set[str] = field(default_factory=set)

    def act(self, now: datetime) -> bool:
        """Do the next step for the newest pages; False where there is none."""
        for message in newest(self.person):
            # The first of its kind: below the ways of reaching somebody stand the earlier minutes.
            taps = {tap.do: button for button, tap in reversed([*taps_of(message)])}
            for do in (Do.TAKE, Do.REACHED):
                if do in taps and press(self.person, message, taps[do], self.done):
                    return True
        return False


def press(person: Person, message: Shown, button: Button, done: set[str]) -> bool:
    """Press a button once; False for one that was pressed before."""
    if button.data is None or button.data in done:
        return False
    done.add(button.data)
    person.tap(button.data, message.id)
    return True


def newest(person: Person, most: int = _LOOKED_AT) -> Iterator[Shown]:
    """Yield the newest messages of the bot, one by one: what somebody looks at who takes up the phone."""
    return (message for message in islice(person.newest(), most) if message.from_bot)


def taps_of(message: Shown) -> Iterator[tuple[Button, Tap]]:
    """Yield the buttons below a message with what each asks for."""
    for button in (button for row in message.buttons for button in row):
        try:
            yield button, read_tap(button.data)
        except StaleTap:
            continue
