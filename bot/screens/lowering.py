"""A milder tier, and calls that nobody answered: what staff are asked about an alert in hand."""

from bot.screens.alert_log import TRIED
from bot.screens.alert_view import AlertView
from bot.screens.alerts import first_line, milder
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, say


def ask_tier(view: AlertView) -> Screen:
    """Ask which milder tier is proposed."""
    rows = tuple(
        (Button(say("lower.hours", hours=hours), tap(Do.LOWER, view.id, "to", hours)),)
        for hours in milder(view)
    )
    return Screen((first_line(view), None, say("lower.ask")), (*rows, _back(view)), protect=True)


def ask_reason(view: AlertView, hours: int) -> Screen:
    """Ask for the reason to be typed."""
    lines = (first_line(view), say("lower.hours", hours=hours), None, say("lower.ask_reason"))
    return Screen(lines, (_back(view),), protect=True)


def whom(view: AlertView) -> Screen:
    """Ask who was called and did not answer."""
    rows = tuple(
        (Button(Phrase(words), tap(Do.TRIED, view.id, view.version, who)),) for who, words in TRIED.items()
    )
    return Screen((first_line(view), None, say("tried.ask")), (*rows, _back(view)), protect=True)


def _back(view: AlertView) -> tuple[Button, ...]:
    return (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
