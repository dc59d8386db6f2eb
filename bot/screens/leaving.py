"""Stopping the bot or leaving the study: a second thought, and a receipt."""

from datetime import datetime
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import OPEN_HOME, call_numbers
from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Screen, say

What = Literal["bot", "study"]


def ask(site: Site) -> Screen:
    """Ask which of the two is meant; neither is a way back."""
    lines = (
        say("leave.title"),
        None,
        say("leave.bot"),
        None,
        say("leave.study"),
        None,
        say("leave.free", **call_numbers(site)),
    )
    bot = Button(say("leave.button_bot"), tap(Do.LEAVE, "bot"))
    study = Button(say("leave.button_study"), tap(Do.LEAVE, "study"))
    return Screen(lines, ((bot,), (study,), (OPEN_HOME,)))


def sure(what: What, site: Site) -> Screen:
    """Say what will happen, and ask once more."""
    values = call_numbers(site)
    then = say("leave.sure_bot", **values) if what == "bot" else say("leave.sure_study", **values)
    yes = say("leave.button_sure_bot") if what == "bot" else say("leave.button_sure_study")
    lines = (say("leave.title"), None, then, None, say("leave.records"))
    back = Button(say("leave.button_stay"), tap(Do.LEAVE, "ask"))
    return Screen(lines, ((Button(yes, tap(Do.LEAVE, f"{what}_yes")),), (back,)))


def receipt(what: What, code: str, at: datetime, zone: str, site: Site) -> Screen:
    """Give the receipt: what ended, when, and what goes on."""
    values = call_numbers(site)
    head = say("leave.receipt_bot") if what == "bot" else say("leave.receipt_study")
    then = say("leave.then_bot", **values) if what == "bot" else say("leave.then_study", **values)
    lines = (
        say("leave.receipt_title"),
        None,
        head,
        say("leave.receipt_code", code=code),
        say("leave.receipt_at", at=Moment(at, zone)),
        None,
        say("leave.receipt_now"),
        then,
        None,
        say("leave.records"),
    )
    return Screen(lines)


def over(site: Site) -> Screen:
    """Say that this chat has ended, and nothing about why."""
    return Screen((say("leave.over", **call_numbers(site)),))
