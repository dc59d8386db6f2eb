"""When a participant is reminded, and how they change that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from bot.screens.common import OPEN_HOME, OPEN_VISITS, marked
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, say

TIMES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class RuleView:
    """One reminder: so many days before a visit, at a time on the wall, with the times it may be at."""

    id: str
    days_before: int
    at: time
    choices: tuple[time, ...]


def listing(rules: Sequence[RuleView]) -> Screen:
    """Show when the reminders come, each with a button to change it."""
    lines: list[Phrase | None] = [say("remind.title"), None]
    lines += [say("remind.line", when=_when(each), at=clock(each.at)) for each in rules]
    lines += [None, say("remind.how") if rules else say("remind.fixed"), say("remind.safety")]
    rows = [
        (Button(say("remind.button", when=_when(each), at=clock(each.at)), tap(Do.REMINDERS, each.id)),)
        for each in rules
    ]
    return Screen(tuple(lines), (*rows, (OPEN_VISITS, OPEN_HOME)))


def choose(rule: RuleView) -> Screen:
    """Ask for another time."""
    buttons = [
        Button(
            marked(say("remind.time", at=clock(each)), chosen=each == rule.at),
            tap(Do.REMINDERS, rule.id, each.strftime("%H%M")),
        )
        for each in rule.choices
    ]
    rows = [tuple(buttons[n : n + TIMES_IN_A_ROW]) for n in range(0, len(buttons), TIMES_IN_A_ROW)]
    back = Button(say("remind.back"), tap(Do.REMINDERS))
    lines = (say("remind.ask", when=_when(rule)), None, say("remind.now", at=clock(rule.at)))
    return Screen(lines, (*rows, (back,)))


def clock(at: time) -> str:
    """Return a time as clocks show it."""
    return at.strftime("%H:%M")


def _when(rule: RuleView) -> Phrase:
    if rule.days_before == 0:
        return say("remind.same_day")
    return (
        say("remind.day_before") if rule.days_before == 1 else say("remind.days_before", n=rule.days_before)
    )
