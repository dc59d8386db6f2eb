"""How and when the participant was reached: the way is pressed, an earlier minute chosen or typed before."""

from datetime import datetime, timedelta

from bot.domain.contact import minutes_ago
from bot.screens.alert_view import AlertView
from bot.screens.alerts import HOW, first_line
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Rows, Screen, say, say_n

NOW, TYPED = "now", "type"


def how(view: AlertView, now: datetime, at: datetime | None = None) -> Screen:
    """Ask how the participant was reached; `at` is the earlier minute that was chosen, None is now."""
    lines: list[Phrase | None] = [first_line(view), None, say("alert.ask_how")]
    lines.append(say("reached.now") if at is None else say("reached.at", at=view.time(at)))
    minute = () if at is None else (minute_of(at),)
    ways: Rows = tuple(
        (Button(Phrase(words), tap(Do.REACHED, view.id, view.version, way, *minute)),)
        for way, words in HOW.items()
    )
    return Screen(tuple(lines), (*ways, *_earlier(view, now, at), _back(view)), protect=True)


def _earlier(view: AlertView, now: datetime, at: datetime | None) -> Rows:
    offered = tuple(
        Button(say_n("reached.ago", ago), _when(view, minute_of(now - timedelta(minutes=ago))))
        for ago in minutes_ago(view.live_since, now)
    )
    typed = Button(say("reached.other"), _when(view, TYPED))
    again = () if at is None else (Button(say("reached.button_now"), _when(view, NOW)),)
    return (offered, (*again, typed)) if offered else ((*again, typed),)


def ask(view: AlertView, refused: Phrase | None = None) -> Screen:
    """Ask for the time to be typed; `refused` says what was wrong with the last one."""
    lines: list[Phrase | None] = [first_line(view), None]
    lines += [say("reached.ask", since=view.time(view.live_since))]
    if refused is not None:
        lines += [None, refused]
    return Screen(tuple(lines), (_back(view),), protect=True)


def minute_of(at: datetime) -> int:
    """Return an instant as its button carries it: in whole minutes."""
    return int(at.timestamp()) // 60


def _when(view: AlertView, when: int | str) -> str:
    return tap(Do.REACHED, view.id, view.version, "at", when)


def _back(view: AlertView) -> tuple[Button, ...]:
    return (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
