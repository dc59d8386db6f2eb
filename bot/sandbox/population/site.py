"""The staff of the model at their phones: quick by day, slow at night, now and then very slow."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from bot.sandbox.crew import newest, press, taps_of
from bot.sandbox.person import Person
from bot.sandbox.shown import Button, Shown
from bot.screens.taps import Do, Tap

NIGHT = time(22), time(6)
# Minutes until somebody looks at a page, by day and at night; one in ten takes much longer.
BY_DAY, AT_NIGHT = (0.5, 8.0), (3.0, 25.0)
_SLOW_ONCE_IN, _SLOWER = 10, 4
# Minutes from taking an alert to the participant's voice on the telephone.
CALLS_AFTER = (2.0, 10.0)
TRIES_AGAIN_AFTER = timedelta(minutes=15)
# Whoever is paged scrolls back to the page, past whatever came after it.
_SCROLLS_BACK = 40
NOTE = "Spoken with them by telephone."

Wanted = Callable[[Tap], bool]

# What a physician chooses to close an alert, by what was true: the code, then a letter for each question.
_ENDINGS: Mapping[str | None, tuple[str, str]] = {
    "urgent": ("40", "ynn"),
    "important": ("20", "ynn"),
    "minor": ("10", "yn7"),
    None: ("10", "nn7"),
}


def is_night(local: time) -> bool:
    """Tell whether a time on the wall is one at which staff sleep."""
    return local >= NIGHT[0] or local < NIGHT[1]


@dataclass(slots=True)
class Worker:
    """One member of staff, with what they have pressed."""

    person: Person
    rng: Random
    done: set[str] = field(default_factory=set)

    def looks_at(self, rung_at: datetime, local: time) -> datetime:
        """Return when they look at a phone that rang at `local` on their wall."""
        minutes = self.rng.uniform(*(AT_NIGHT if is_night(local) else BY_DAY))
        if self.rng.randrange(_SLOW_ONCE_IN) == 0:
            minutes *= _SLOWER
        return rung_at + timedelta(minutes=minutes)

    def calls_at(self, now: datetime) -> datetime:
        """Return when they have telephoned the participant of an alert just taken."""
        return now + timedelta(minutes=self.rng.uniform(*CALLS_AFTER))

    def takes(self) -> tuple[int, str] | None:
        """Take the newest alert that is open on this phone; return its id and what its page says first."""
        for message in newest(self.person, _SCROLLS_BACK):
            for button, pressed in taps_of(message):
                if pressed.do is Do.TAKE and self._presses_once(message, button):
                    return pressed.number(0), message.text.partition("\n")[0]
        return None

    def opens_a_message(self) -> bool:
        """Open what a participant wrote; False where nothing newer is told of."""
        for message in newest(self.person):
            for button, pressed in taps_of(message):
                is_open = pressed.do is Do.MESSAGE and pressed.word(0) == "open"
                if is_open and self._presses_once(message, button):
                    return True
        return False

    def puts_it_aside(self) -> bool:
        """Say that what is open was read, and that the telephone or nobody needs to answer."""
        return self.presses(lambda pressed: pressed.do is Do.MESSAGE and pressed.word(0) == "seen")

    def _presses_once(self, message: Shown, button: Button) -> bool:
        """Press a button of this message, if not yet: an alert that pages anew is in a new message."""
        pressed = f"{message.id}:{button.data}"
        if button.data is None or pressed in self.done:
            return False
        self.done.add(pressed)
        self.person.tap(button.data, message.id)
        return True

    def says_home(self) -> bool:
        """Say that somebody whose stay in hospital ends today went home; False where none is asked about."""
        for message in newest(self.person):
            for button, pressed in taps_of(message):
                if pressed.do is Do.STAY and pressed.args[-1] == "home":
                    return press(self.person, message, button, self.done)
        return False

    def presses(self, wanted: Wanted) -> bool:
        """Press the first button on the phone that asks for what is wanted; False where there is none."""
        for message in newest(self.person):
            for button, pressed in taps_of(message):
                if button.data is not None and wanted(pressed):
                    self.person.tap(button.data, message.id)
                    return True
        return False


def reaching(alert_id: int) -> tuple[Wanted | str, ...]:
    """Return what records contact by telephone: the alert looked up, wherever its page is by now."""
    return (*_found(alert_id), _of(Do.REACHED, alert_id), _of(Do.REACHED, alert_id, "phone"))


def trying(alert_id: int) -> tuple[Wanted | str, ...]:
    """Return the buttons that record a call nobody answered."""
    return (_of(Do.TRIED, alert_id), _of(Do.TRIED, alert_id, "participant"))


def closing(alert_id: int, truth: str | None) -> Iterator[Wanted | str]:
    """Yield what a physician presses, or types, to close an alert."""
    code, letters = _ENDINGS[truth]
    yield from _found(alert_id)
    yield _of(Do.CLOSE, alert_id)
    yield _of(Do.OUTCOME, alert_id, code)
    for n in range(1, len(letters) + 1):
        yield _of(Do.OUTCOME, alert_id, code, letters[:n])
    yield _of(Do.OUTCOME, alert_id, code, letters, "note")
    yield NOTE
    yield _of(Do.OUTCOME, alert_id, code, letters, "ok")
    if truth == "urgent":
        yield _of(Do.CLOSE, alert_id, "sent")


def _found(alert_id: int) -> tuple[Wanted | str, ...]:
    return "/alerts", _of(Do.OPEN_ALERT, alert_id)


def _of(do: Do, alert_id: int, *words: str) -> Wanted:
    def wanted(pressed: Tap) -> bool:
        # The second word is the alert's version, as it is by then.
        same_alert = pressed.do is do and pressed.args[:1] == (str(alert_id),)
        return same_alert and pressed.args[2:] == words

    return wanted
