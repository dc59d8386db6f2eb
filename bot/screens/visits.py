"""A participant's visits: the next one, the list, a reminder, and "I will come"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import HOME, OPEN_CONTACT, marked
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Moment, Phrase, Rows, Screen, Verbatim, say

Attendance = Literal["unknown", "coming", "cannot"]


@dataclass(frozen=True, slots=True)
class VisitView:
    """One visit as it is now; `name`, `prepare`, `bring` are keys of the trial's own texts."""

    visit_type: str
    name: str
    prepare: str
    bring: str
    on: date
    at: datetime
    zone: str
    fasting: bool = False
    urine_24h: bool = False
    attendance: Attendance = "unknown"


def plan(coming: Sequence[VisitView], site: Site) -> Screen:
    """Show the next visit in full and the later ones as a list."""
    if not coming:
        return Screen((say("visits.title"), None, say("visits.none")), ((OPEN_CONTACT,),))
    first, later = coming[0], coming[1:]
    lines: list[Phrase | None] = [say("visits.title"), None, say("visits.next"), *_in_full(first, site)]
    lines += [None, *(_line(visit) for visit in later)] if later else []
    return Screen(tuple(lines), _attendance(first) + HOME)


def reminder(visit: VisitView, text: str, site: Site, *, repeat: bool = False) -> Screen:
    """Remind of a visit; `text` is the key of the reminder's own sentence."""
    lines: list[Phrase | None] = [say("reminder.first"), None, Phrase(text, _values(visit)), None]
    lines += [*_in_full(visit, site)]
    if repeat:
        lines += [None, say("reminder.repeat")]
    return Screen(tuple(lines), (*_attendance(visit), (OPEN_CONTACT,)))


def answered(visit: VisitView, site: Site) -> Screen:
    """Show a visit with the participant's own answer; pressing the other button changes it."""
    lines = (say("reminder.first"), None, *_in_full(visit, site))
    return Screen(lines, (*_attendance(visit), (OPEN_CONTACT,)))


def no_longer(visit: VisitView | None, site: Site) -> Screen:
    """Replace an old message about a visit that moved (its new date follows) or is over."""
    if visit is None:
        return Screen((say("visits.over"),), HOME)
    moved = say("visits.moved", at=Moment(visit.at, visit.zone))
    return Screen((moved, None, *_in_full(visit, site)), (*_attendance(visit), (OPEN_CONTACT,)))


def _values(visit: VisitView) -> dict[str, Phrase | Moment]:
    return {"name": Phrase(visit.name), "visit": Phrase(visit.name), "at": Moment(visit.at, visit.zone)}


def _in_full(visit: VisitView, site: Site) -> tuple[Phrase | None, ...]:
    lines: list[Phrase | None] = [say("visits.head", **_values(visit)), None]
    lines += [say("visits.where", where=Verbatim(site.address.zh_CN, site.address.en))]
    lines += [
        say("visits.bring", what=Phrase(visit.bring)),
        say("visits.prepare", what=Phrase(visit.prepare)),
    ]
    if visit.fasting:
        lines.append(say("visits.fasting"))
    if visit.urine_24h:
        lines.append(say("visits.urine"))
    if visit.attendance != "unknown":
        said = say("visits.coming") if visit.attendance == "coming" else say("visits.cannot")
        lines += [None, said]
    return tuple(lines)


def _line(visit: VisitView) -> Phrase:
    return say("visits.line", name=Phrase(visit.name), on=Day(visit.on, "year"))


def _attendance(visit: VisitView) -> Rows:
    # The date in the button tells an old one apart after the visit was moved.
    on = visit.on.isoformat()
    coming, cannot = say("visits.button_coming"), say("visits.button_cannot")
    return (
        (
            Button(marked(coming, chosen=visit.attendance == "coming"), tap(Do.COMING, visit.visit_type, on)),
            Button(
                marked(cannot, chosen=visit.attendance == "cannot"), tap(Do.CANNOT_COME, visit.visit_type, on)
            ),
        ),
    )
