"""Stopping the bot or leaving the study: a second thought, and a receipt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import OPEN_HOME, call_numbers
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question
from bot.texts import Button, Moment, Phrase, Screen, key, say

What = Literal["bot", "study"]
# `told`: staff have recorded what somebody said on the telephone.
Receipt = Literal["bot", "study", "told"]


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


_HEADS: Mapping[Receipt, str] = {
    "bot": key("leave.receipt_bot"),
    "study": key("leave.receipt_study"),
    "told": key("leave.receipt_told"),
}


def receipt(what: Receipt, code: str, at: datetime, zone: str, site: Site) -> Screen:
    """Give the receipt: what ended, when, and what goes on."""
    values = call_numbers(site)
    head = Phrase(_HEADS[what])
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


NO_REASON = "none_given"


def ask_reason(code: str, *, chosen: str | None) -> Question:
    """Ask staff what somebody said; nobody needs a reason to leave."""
    none = Choice(say("leaves.no_reason"), NO_REASON, chosen=chosen == NO_REASON)
    return Question((say("leaves.ask", code=code), say("leaves.ask_note")), ((none,),))


def check_leaving(code: str) -> Question:
    """Ask staff once more, with what follows."""
    return Question((say("leaves.check", code=code),), confirm=say("leaves.confirm"))


def over(site: Site) -> Screen:
    """Say that this chat has ended, and nothing about why."""
    return Screen((say("leave.over", **call_numbers(site)),))
