"""A participant's visits: the next one, the list, a reminder, and "I will come"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.domain.site import Site
from bot.screens.common import HOME, OPEN_CONTACT, OPEN_HOME, OPEN_REMINDERS, OPEN_REPORT, OPEN_VISITS, marked
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Moment, Phrase, Rows, Screen, Verbatim, key, say

Attendance = Literal["unknown", "coming", "cannot"]
Became = Literal["planned", "done", "missed", "held", "elsewhere", "cancelled"]
BECAME: Mapping[str, str] = {
    "planned": key("visits.was_unknown"),
    "done": key("visits.was_done"),
    "missed": key("visits.was_missed"),
    "held": key("visits.was_held"),
    "elsewhere": key("visits.was_elsewhere"),
    "cancelled": key("visits.was_cancelled"),
}


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
    extras: tuple[str, ...] = ()
    became: Became = "planned"
    # The first and the last day on which it may be; None where the site alone sets the day.
    window: tuple[date, date] | None = None

    def values(self) -> dict[str, Phrase | Moment]:
        """Return what sentences about the visit need."""
        return {"name": Phrase(self.name), "visit": Phrase(self.name), "at": Moment(self.at, self.zone)}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The visits that were, and those to come, each in the order of their dates."""

    past: tuple[VisitView, ...]
    ahead: tuple[VisitView, ...]
    today: date


def plan(line: Timeline, site: Site) -> Screen:
    """Show what was, the next visit in full, and what follows, each with a button to its own screen."""
    lines: list[Phrase | None] = [say("visits.title")]
    if line.past:
        lines += [None, say("visits.past"), *(_was(visit) for visit in line.past)]
    if not line.ahead:
        lines += [None, say("visits.none")]
        return Screen(tuple(lines), ((OPEN_CONTACT, OPEN_HOME),))
    first, later = line.ahead[0], line.ahead[1:]
    lines += [None, say("visits.next"), *in_full(first, site)]
    if later:
        lines += [None, say("visits.later"), *(_line(visit) for visit in later)]
    rows: Rows = (
        *attendance(first),
        *((_open(visit),) for visit in line.ahead),
        (OPEN_REPORT,),
        (OPEN_REMINDERS, OPEN_HOME),
    )
    return Screen(tuple(lines), rows)


def detail(visit: VisitView, site: Site, *, expected: bool) -> Screen:
    """Show one visit with all that helps to come, and the way back."""
    lines: list[Phrase | None] = [say("visits.detail"), None, *in_full(visit, site)]
    if visit.became != "planned" or not expected:
        lines += [None, Phrase(BECAME[visit.became])]
    elif visit.window is not None and visit.window[0] != visit.window[1]:
        first, last = (Day(on) for on in visit.window)
        lines += [None, say("visits.window", first=first, last=last)]
    else:
        lines += [None, say("visits.window_fixed")]
    if site.directions is not None:
        lines += [None, say("visits.way", way=Verbatim(site.directions.zh_CN, site.directions.en))]
    rows: list[tuple[Button, ...]] = list(attendance(visit)) if expected else []
    if expected:
        rows.append((calendar_button(visit),))
    rows += [(each,) for each in map_button(site)]
    rows.append((Button(say("visits.back"), tap(Do.OPEN_VISITS, "back")), OPEN_HOME))
    return Screen(tuple(lines), tuple(rows))


def calendar_button(visit: VisitView) -> Button:
    """Offer the visit as a file for the phone's calendar."""
    return Button(say("visits.button_calendar"), tap(Do.CALENDAR, visit.visit_type))


def calendar_caption() -> Screen:
    """Say what to do with the file."""
    return Screen((say("calendar.caption"),), ((OPEN_VISITS, OPEN_HOME),))


def map_button(site: Site) -> tuple[Button, ...]:
    """Offer the map of the site, where it names one."""
    return (Button(say("visits.button_map"), url=site.map_url),) if site.map_url else ()


def _open(visit: VisitView) -> Button:
    label = say("visits.button_open", on=Day(visit.on, "short"), name=Phrase(visit.name))
    return Button(label, tap(Do.VISIT, visit.visit_type))


def _was(visit: VisitView) -> Phrase:
    became = Phrase(BECAME[visit.became])
    return say("visits.line_past", name=Phrase(visit.name), on=Day(visit.on, "year"), became=became)


def reminder(visit: VisitView, text: str, site: Site, *, repeat: bool = False) -> Screen:
    """Remind of a visit; `text` is the key of the reminder's own sentence."""
    lines: list[Phrase | None] = [say("reminder.first"), None, Phrase(text, visit.values()), None]
    lines += [*in_full(visit, site)]
    if repeat:
        lines += [None, say("reminder.repeat")]
    return Screen(tuple(lines), (*attendance(visit), (_more(visit), OPEN_CONTACT)))


def answered(visit: VisitView, site: Site) -> Screen:
    """Show a visit with the participant's own answer; pressing the other button changes it."""
    lines = (say("reminder.first"), None, *in_full(visit, site))
    return Screen(lines, (*attendance(visit), (_more(visit), OPEN_CONTACT)))


def no_longer(visit: VisitView | None, site: Site) -> Screen:
    """Replace an old message about a visit that moved (its new date follows) or is over."""
    if visit is None:
        return Screen((say("visits.over"),), HOME)
    moved = say("visits.moved", at=Moment(visit.at, visit.zone))
    return Screen((moved, None, *in_full(visit, site)), (*attendance(visit), (_more(visit), OPEN_CONTACT)))


def _more(visit: VisitView) -> Button:
    return Button(say("visits.button_more"), tap(Do.VISIT, visit.visit_type))


def in_full(visit: VisitView, site: Site) -> tuple[Phrase | None, ...]:
    """Return what, when and where, what to bring and to do before, and what the participant has said."""
    lines: list[Phrase | None] = [say("visits.head", **visit.values()), None]
    lines += [say("visits.where", where=Verbatim(site.address.zh_CN, site.address.en))]
    lines += [
        say("visits.bring", what=Phrase(visit.bring)),
        say("visits.prepare", what=Phrase(visit.prepare)),
    ]
    if visit.fasting:
        lines.append(say("visits.fasting"))
    if visit.urine_24h:
        lines.append(say("visits.urine"))
    lines += [Phrase(each) for each in visit.extras]
    if visit.attendance != "unknown":
        said = say("visits.coming") if visit.attendance == "coming" else say("visits.cannot")
        lines += [None, said]
    return tuple(lines)


def _line(visit: VisitView) -> Phrase:
    return say("visits.line", name=Phrase(visit.name), on=Day(visit.on, "year"))


def attendance(visit: VisitView) -> Rows:
    """Offer "I will come" and "I cannot come", the chosen one ticked."""
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
