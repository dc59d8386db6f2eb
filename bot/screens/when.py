"""A day and a time, as a keyboard."""

from collections.abc import Sequence
from datetime import date, time

from bot.screens.wizard import Choice, Question, days, from_day, in_rows
from bot.texts import Day, say

# Any other time is typed.
TIMES = tuple(time(hour) for hour in range(7, 21))


def ask_day(first: date, count: int) -> Question:
    """Ask for the day."""
    lines = (say("when.ask_day"), say("when.or_type"))
    return Question(lines, days(from_day(first, count)))


def ask_time(on: date, times: Sequence[time]) -> Question:
    """Ask for the time of a day."""
    choices = [Choice(say("when.time", time=f"{each:%H:%M}"), f"{each:%H%M}") for each in times]
    lines = (say("when.ask_time", on=Day(on)), say("when.or_type"))
    return Question(lines, in_rows(choices, 3))
