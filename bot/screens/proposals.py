"""Another day for a visit: what participants are offered, and what staff decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import OPEN_CONTACT, OPEN_HOME, OPEN_VISITS, call_numbers
from bot.screens.taps import Do, tap
from bot.screens.visits import VisitView, attendance, calendar_button, in_full
from bot.texts import Button, Day, Moment, Phrase, Rows, Screen, say

State = Literal["open", "accepted", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A participant's wish as staff see it."""

    id: int
    code: str
    name: str
    from_on: date
    to_on: date
    state: State
    decided_by: str | None
    working: bool = True


def choose(visit: VisitView, days: Sequence[date], wanted: date | None = None) -> Screen:
    """Offer other days to somebody who cannot come; `wanted` is the one that was asked for."""
    lines: list[Phrase | None] = [say("proposal.first"), None, say("visits.head", **visit.values()), None]
    if wanted is not None:
        lines += [say("proposal.waits", on=Day(wanted)), None, say("proposal.change")]
    else:
        lines += [say("proposal.choose"), say("proposal.choose_how")]
    on = visit.on.isoformat()
    rows: list[tuple[Button, ...]] = [
        (Button(_day(each), tap(Do.PROPOSE, visit.visit_type, on, each.isoformat())),)
        for each in days
        if each != wanted
    ]
    rows.append((Button(say("proposal.none"), tap(Do.PROPOSE, visit.visit_type, on, "none")),))
    rows.append((Button(say("proposal.coming_after_all"), tap(Do.COMING, visit.visit_type, on)),))
    return Screen(tuple(lines), (*rows, (OPEN_VISITS, OPEN_CONTACT)))


def _day(on: date) -> Phrase:
    return say("proposal.day", on=Day(on))


def site_calls(visit: VisitView, site: Site) -> Screen:
    """Say that the site will call about another day."""
    lines = (
        say("proposal.first"),
        None,
        say("visits.head", **visit.values()),
        None,
        say("proposal.site_calls", **call_numbers(site)),
    )
    on = visit.on.isoformat()
    after_all = Button(say("proposal.coming_after_all"), tap(Do.COMING, visit.visit_type, on))
    return Screen(lines, ((after_all,), (OPEN_VISITS, OPEN_CONTACT)))


def accepted(visit: VisitView, site: Site) -> Screen:
    """Tell the participant that the day is theirs."""
    lines = (say("proposal.first"), None, say("proposal.accepted", at=Moment(visit.at, visit.zone)), None)
    rows: Rows = (*attendance(visit), (calendar_button(visit),), (OPEN_VISITS, OPEN_HOME))
    return Screen((*lines, *in_full(visit, site)), rows)


def declined(visit: VisitView, site: Site) -> Screen:
    """Tell the participant that the day is not possible, and that somebody calls."""
    lines = (say("proposal.first"), None, say("proposal.declined", **call_numbers(site)))
    return Screen(lines, ((OPEN_VISITS, OPEN_CONTACT), (OPEN_HOME,)))


def asked(view: ProposalView) -> Screen:
    """Show the wish to a coordinator, with what can be done about it."""
    lines: list[Phrase | None] = [say("staffnote.first"), None, *_wish(view)]
    if not view.working:
        lines.append(say("proposal.not_a_working_day"))
    rows: Rows = (
        (Button(say("proposal.button_accept", on=Day(view.to_on, "short")), _tap("accept", view)),),
        (
            Button(say("proposal.button_other"), _tap("other", view)),
            Button(say("proposal.button_call"), _tap("call", view)),
        ),
    )
    return Screen(tuple(lines), rows, protect=True)


def decided(view: ProposalView) -> Screen:
    """Show what came of it, in place of the buttons."""
    if view.state == "accepted":
        line = say("proposal.staff_accepted", name=view.decided_by or "")
    elif view.state == "declined":
        line = say("proposal.staff_declined", name=view.decided_by or "")
    else:
        line = say("proposal.staff_withdrawn")
    card = Button(say("card.button", code=view.code), tap(Do.CARD, view.code))
    return Screen((*_wish(view), None, line), ((card,),), protect=True)


def _wish(view: ProposalView) -> tuple[Phrase, ...]:
    return (
        say("proposal.wish", code=view.code, name=Phrase(view.name)),
        say("proposal.wish_days", old=Day(view.from_on), new=Day(view.to_on)),
    )


def _tap(what: str, view: ProposalView) -> str:
    return tap(Do.PROPOSAL, what, view.id)
