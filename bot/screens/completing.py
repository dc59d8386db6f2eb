"""Completing somebody's study."""

from collections.abc import Mapping
from datetime import datetime

from bot.screens.common import OPEN_CONTACT
from bot.screens.wizard import Question
from bot.texts import Moment, Phrase, Screen, Value, say, say_n


def summary(code: str, coming: int, last_at: datetime | None, zone: str) -> Question:
    """Show what ends, and which reminders would not go out any more."""
    lines: list[Phrase | None] = [say("complete.ask", code=code), say("complete.ends")]
    if coming and last_at is not None:
        lines += [None, say_n("complete.coming", coming, at=Moment(last_at, zone, "day_time"))]
    else:
        lines += [None, say("complete.nothing_coming")]
    return Question(tuple(lines), confirm=say("complete.confirm"))


def farewell(numbers: Mapping[str, Value]) -> Screen:
    """Tell a participant that the follow-up is over, and who is there from now on."""
    lines = (
        say("monthly.first"),
        None,
        say("farewell.over"),
        None,
        say("farewell.silent"),
        None,
        say("farewell.call", **numbers),
    )
    return Screen(lines, ((OPEN_CONTACT,),))


def done(code: str) -> Screen:
    """Say that it is over."""
    return Screen((say("complete.done", code=code),))
