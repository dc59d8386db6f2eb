"""What a button says when it is pressed: an action, ids and a version, in at most 64 bytes.

Nothing in it is trusted: handlers check the ids against the presser, the
object and its version each time.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import StaleTap

MAX_BYTES = 64
_SEPARATOR = ":"
# As we write them: int() also takes 1_0, +1, spaces, and the digits of every script.
_NUMBER = re.compile(r"-?[0-9]{1,10}")
_LARGEST = 2**31 - 1


class Do(StrEnum):
    """Every action that a button can ask for; short, because 64 bytes hold it all."""

    LANGUAGE = "lang"
    CONSENT = "consent"
    JOIN = "join"
    LINK = "link"
    BY_PHONE = "byph"
    LEAVE = "leave"
    PRIVACY = "priv"
    CARE = "care"
    COMING = "come"
    CANNOT_COME = "nocome"
    ANSWER = "ans"
    TOGGLE = "tog"
    DONE = "done"
    BACK = "back"
    SAME = "same"
    SKIP = "skip"
    CANNOT_MEASURE = "cannot"
    SET_CARE = "set"
    STAY = "stay"
    OPEN_REPORT = "report"
    OPEN_VISITS = "visits"
    OPEN_CONTACT = "contact"
    TAKE = "take"
    REACHED = "reach"
    CLOSE = "close"
    OUTCOME = "outc"
    TRIED = "tried"
    LOWER = "lower"
    OPEN_ALERT = "alert"
    LIST_ALERTS = "alerts"
    ON_CALL = "duty"
    SELF_TEST = "test"
    STEP = "step"
    CHOOSE = "pick"
    CONFIRM = "ok"
    CANCEL = "stop"
    SEEN = "seen"
    HELP = "help"
    TASK = "task"
    INVITE = "invite"
    CARD = "who"
    TODAY = "today"
    CAST = "cast"
    APPROVE = "appr"
    PHONE = "phone"
    CURVE = "curve"
    MESSAGE = "msg"
    DAY_OFF = "off"
    EXPORT = "export"
    HOME = "home"
    OPEN_HELP = "how"
    OPEN_LANGUAGE = "langs"
    VISIT = "visit"
    CALENDAR = "ics"
    PROPOSE = "prop"
    PROPOSAL = "propst"
    REMINDERS = "rem"
    THREAD = "thr"
    FILE = "file"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button, as its data says; `args` are still text."""

    do: Do
    args: tuple[str, ...]

    def number(self, place: int) -> int:
        """Return the id at `place`; StaleTap when there is none, or one that no table can hold."""
        digits = self.word(place)
        if not _NUMBER.fullmatch(digits) or abs(number := int(digits)) > _LARGEST:
            raise StaleTap(f"no number at {place}")
        return number

    def word(self, place: int) -> str:
        """Return the word at `place`; StaleTap when there is none."""
        try:
            return self.args[place]
        except IndexError as error:
            raise StaleTap(f"no word at {place}") from error


def tap(do: Do, *args: str | int) -> str:
    """Return the data of a button; ValueError when it would not fit or could not be read back."""
    parts = [str(arg) for arg in args]
    if any(_SEPARATOR in part for part in parts):
        raise ValueError(f"a tap's argument holds {_SEPARATOR!r}")
    data = _SEPARATOR.join([do.value, *parts])
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"over {MAX_BYTES} bytes: {data!r}")
    return data


def read_tap(data: str | None) -> Tap:
    """Read what `tap` wrote; StaleTap for anything else."""
    action, *args = (data or "").split(_SEPARATOR)
    try:
        return Tap(Do(action), tuple(args))
    except ValueError as error:
        raise StaleTap("not a button of ours") from error
