"""Caregivers: who helps, how to invite somebody, and how it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.people import RELATIONS, Caregiver
from bot.domain.site import Site
from bot.screens.common import OPEN_HOME, OPEN_REPORT, OPEN_VISITS, call_numbers
from bot.screens.taps import Do, read_tap, tap
from bot.texts import Button, Joined, Moment, Phrase, Rows, Screen, key, say

NAMES: Mapping[str, str] = {
    "spouse": key("carer.spouse"),
    "child": key("carer.child"),
    "parent": key("carer.parent"),
    "other": key("carer.other"),
}
STATES: Mapping[str, str] = {
    "invited": key("carer.invited"),
    "joined": key("carer.joined"),
    "active": key("carer.active"),
}

# What a participant decides alone: when they are reminded, about their data, who helps.
OWN = {Do.REMINDERS, Do.PRIVACY, Do.CARE}


def listed(some: Sequence[Caregiver], zone: str, *, full: bool) -> Screen:
    """Show who helps, each with a way to end it, and a way to invite one more."""
    lines: list[Phrase | None] = [say("carer.title"), None, say("carer.what"), None]
    rows: list[tuple[Button, ...]] = []
    for each in some:
        at = Moment(each.joined_at or each.invited_at, zone, "day_time")
        who = Phrase(NAMES[each.relation])
        lines.append(say("carer.line", who=who, state=Phrase(STATES[each.status]), at=at))
        rows.append((Button(say("carer.button_end", who=who), tap(Do.CARE, "end", each.id)),))
    if full:
        lines += [None, say("carer.full")]
    else:
        rows.append((Button(say("carer.button_invite"), tap(Do.CARE, "ask")),))
    return Screen(tuple(lines), (*rows, (OPEN_HOME,)))


def ask_relation() -> Screen:
    """Ask who it is, without a name."""
    buttons = [Button(Phrase(NAMES[each]), tap(Do.CARE, "invite", each)) for each in RELATIONS]
    back = Button(say("join.button_back"), tap(Do.CARE, "list"))
    return Screen((say("carer.ask"),), (tuple(buttons[:2]), tuple(buttons[2:]), (back,)))


def invited(link: str, until: Moment) -> Screen:
    """Give the link to be passed on."""
    lines = (say("carer.link", until=until), None, say("carer.link_itself", link=link))
    return Screen(lines, ((Button(say("join.button_back"), tap(Do.CARE, "list")),),))


def sure(caregiver_id: int) -> Screen:
    """Ask once more before it ends."""
    yes = Button(say("carer.button_end_sure"), tap(Do.CARE, "end_yes", caregiver_id))
    back = Button(say("join.button_back"), tap(Do.CARE, "list"))
    return Screen((say("carer.sure"),), ((yes,), (back,)))


ALSO: Mapping[str, str] = {
    "spouse": key("carer.also_spouse"),
    "child": key("carer.also_child"),
    "parent": key("carer.also_parent"),
    "other": key("carer.also_other"),
}


def home(site: Site, others: Sequence[Caregiver]) -> Screen:
    """Say what a caregiver can do here, and who else helps: whose they are, without a name."""
    helping = Joined(tuple(Phrase(ALSO[each.relation]) for each in others))
    lines = (
        say("carer.home"),
        None,
        say("carer.home_what"),
        say("carer.also", who=helping) if others else say("carer.alone"),
        None,
        say("carer.home_emergency", **call_numbers(site)),
        None,
        say("carer.home_stop"),
    )
    rows: Rows = ((OPEN_REPORT,), (OPEN_VISITS,), (Button(say("carer.button_stop"), tap(Do.CARE, "stop")),))
    return Screen(lines, rows)


def for_caregiver(screen: Screen) -> Screen:
    """Leave out the buttons that are the participant's own: to a caregiver they would only say no."""
    rows = (tuple(each for each in row if not _is_own(each)) for row in screen.buttons)
    return replace(screen, buttons=tuple(row for row in rows if row))


def _is_own(button: Button) -> bool:
    return button.data is not None and read_tap(button.data).do in OWN


def stop_sure() -> Screen:
    """Ask a caregiver once more before they end it."""
    yes = Button(say("carer.button_stop_sure"), tap(Do.CARE, "stop_yes"))
    back = Button(say("join.button_back"), tap(Do.CARE, "home"))
    return Screen((say("carer.stop_sure"),), ((yes,), (back,)))
