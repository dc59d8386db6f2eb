"""Visits, reminders and the times of check-ins in sentences."""

from collections.abc import Iterator
from datetime import time

from bot.domain.cadence import AfterInfusion, AnySlot, AroundVisit, Daily, DaysAfterInfusion
from bot.domain.protocol import Protocol
from bot.domain.schedule import Period, Point, ReminderRule, VisitType, Weekday
from bot.domain.standing import Extra, FlagLine, Monthly
from bot.screens.common import phrase
from bot.screens.protocol.outline import Entry, Section, cited, either, flag, lines, minutes, product, span
from bot.screens.protocol.told import carried
from bot.texts import Joined, Phrase, Value, key, say, say_n

_KINDS = {
    "screening": key("page.kind.screening"),
    "infusion": key("page.kind.infusion"),
    "follow_up": key("page.kind.follow_up"),
    "unscheduled": key("page.kind.unscheduled"),
}
_WEEKDAYS: dict[Weekday, str] = {
    "monday": key("page.weekday.monday"),
    "tuesday": key("page.weekday.tuesday"),
    "wednesday": key("page.weekday.wednesday"),
    "thursday": key("page.weekday.thursday"),
    "friday": key("page.weekday.friday"),
    "saturday": key("page.weekday.saturday"),
    "sunday": key("page.weekday.sunday"),
}


def schedule(protocol: Protocol) -> Iterator[Section]:
    """Yield what happens when: arms, visits, reminders, quiet hours and check-ins."""
    yield Section(say("page.arms"), tuple(_arms(protocol)))
    visits = tuple(_visit(visit) for visit in protocol.visits.values())
    yield Section(say("page.visits"), visits, (say("page.days_explained"),))
    reminders = tuple(_reminder(rule) for rule in protocol.reminders.values())
    yield Section(say("page.reminders"), (*reminders, _quiet(protocol)))
    followed = (*map(_monthly, protocol.monthly.values()), *map(_extra, protocol.extras.values()))
    standing = (*carried(protocol), *followed)
    if standing:
        yield Section(say("page.standing"), standing)
    slots = tuple(_slot(slot, protocol) for slot in protocol.cadence.slots.values())
    yield Section(say("page.checkins"), (*slots, _first_hours(protocol), _meeting(protocol)))


def _arms(protocol: Protocol) -> Iterator[Entry]:
    for arm in protocol.arms.values():
        doses = Joined(tuple(phrase(arm.in_words(dose)) for dose in arm.doses))
        yield Entry(arm.id, Phrase(arm.name), lines(say("page.doses", doses=doses)), cited(arm))


def _visit(visit: VisitType) -> Entry:
    window = visit.window
    moves = say("page.window", before=window.before, after=window.after)
    return Entry(
        visit.id,
        Phrase(visit.name),
        lines(
            _planned(visit),
            moves if window.before or window.after else say("page.window_none"),
            _infusion(visit),
            say("page.fasting") if visit.fasting else None,
            say("page.urine_24h") if visit.urine_24h else None,
            say("page.prepare", text=Phrase(visit.prepare)),
            say("page.bring", text=Phrase(visit.bring)),
        ),
        cited(visit, window),
        mark=Phrase(_KINDS[visit.kind]),
    )


def _planned(visit: VisitType) -> Phrase:
    if visit.kind == "unscheduled":
        return say("page.visit_unscheduled", at=_clock(visit.at))
    # The anchor of the follow-up moves its days as well as its months.
    if visit.kind == "follow_up":
        return say("page.visit_from_anchor", when=_when(visit), at=_clock(visit.at))
    return say("page.visit_when", when=_when(visit), at=_clock(visit.at))


def _when(visit: VisitType) -> Phrase:
    if visit.until_day is not None:
        return say("page.day_span", first=_signed(visit.day or 0), last=_signed(visit.until_day))
    return _point(Point(day=visit.day, month=visit.month))


def _infusion(visit: VisitType) -> Phrase | None:
    if visit.product is None or visit.assumed_minutes is None:
        return None
    return say("page.infusion", product=product(visit.product), assumed=minutes(visit.assumed_minutes))


def _reminder(rule: ReminderRule) -> Entry:
    kinds = Joined(tuple(Phrase(_KINDS[kind]) for kind in rule.kinds))
    return Entry(
        rule.id,
        say("page.reminder", when=_offset(-rule.days_before), at=_clock(rule.at), kinds=kinds),
        lines(
            say("page.says", text=Phrase(rule.text)),
            say("page.reminder_stale", after=minutes(rule.expires_after_minutes)),
            say("page.waits") if rule.quiet else say("page.never_waits"),
            *_choices(rule),
        ),
        cited(rule),
    )


def _choices(rule: ReminderRule) -> tuple[Phrase, ...]:
    if not rule.choices:
        return ()
    return (say("page.reminder_choices", times=Joined(tuple(_clock(each) for each in rule.choices))),)


def _monthly(rule: Monthly) -> Entry:
    said = (
        say("page.monthly_line", flag=flag(line.flag), text=say("page.quoted", text=_until(line)))
        for line in rule.lines
    )
    after = say_n("page.monthly_last", rule.days_after_last_visit)
    stale = say("page.checkin_stale", after=minutes(rule.expires_after_minutes))
    title = say("page.monthly", at=_clock(rule.at), months=rule.months)
    return Entry(rule.id, title, lines(*said, after, stale, say("page.waits")), cited(rule))


def _until(line: FlagLine) -> Phrase:
    return Phrase(line.text, {"until": "…"})


def _extra(extra: Extra) -> Entry:
    kinds = Joined(tuple(Phrase(_KINDS[kind]) for kind in extra.kinds))
    said = None
    if extra.participant is not None:
        said = say("page.extra_said", text=say("page.quoted", text=Phrase(extra.participant)))
    flags = Joined(tuple(flag(each) for each in extra.flags_any))
    when = say("page.extra_when", flags=flags, kinds=kinds)
    return Entry(extra.id, Phrase(extra.staff), lines(when, said), cited(extra))


def _quiet(protocol: Protocol) -> Entry:
    quiet = protocol.quiet_hours
    said = say("page.quiet", start=_clock(quiet.start), end=_clock(quiet.end))
    return Entry("quiet_hours", said, lines(say("page.quiet_but")), cited(quiet))


def _slot(slot: AnySlot, protocol: Protocol) -> Entry:
    asked = say("page.asks_form", form=_form(slot.form, protocol), id=slot.form)
    stale = say("page.checkin_stale", after=minutes(slot.expires_after_minutes))
    return Entry(slot.id, _asked_when(slot), lines(asked, *_more(slot, protocol), stale), cited(slot))


def _asked_when(slot: AnySlot) -> Phrase:
    if isinstance(slot, AroundVisit):
        what: Value = either(slot.products) if slot.products else ""
        if not slot.products:
            what = Joined(tuple(Phrase(_KINDS[kind]) for kind in slot.kinds))
        return say("page.around_visit", what=what, when=_offset(slot.days), at=_clocks(slot.at))
    if isinstance(slot, AfterInfusion):
        hours = Joined(tuple(str(hours) for hours in slot.hours))
        return say("page.after_infusion", what=either(slot.products), hours=hours)
    if isinstance(slot, DaysAfterInfusion):
        return say(
            "page.days_after_infusion",
            what=either(slot.products),
            at=_clocks(slot.at),
            first=slot.from_hours,
            last=slot.to_hours,
        )
    if isinstance(slot, Daily):
        return say("page.daily", at=_clocks(slot.at))
    weekday = Phrase(_WEEKDAYS[slot.weekday])
    if slot.every_weeks == 1:
        return say("page.weekly", weekday=weekday, at=_clock(slot.at))
    return say("page.every_weeks", n=slot.every_weeks, weekday=weekday, at=_clock(slot.at))


def _more(slot: AnySlot, protocol: Protocol) -> Iterator[Phrase]:
    if not isinstance(slot, AfterInfusion | DaysAfterInfusion) and (during := _during(slot.during)):
        yield during
    if isinstance(slot, AroundVisit) and slot.stands_in_for:
        yield say("page.stands_in", at=_clocks(slot.stands_in_for))
    if isinstance(slot, Daily) and slot.not_on:
        yield say("page.not_on", kinds=Joined(tuple(Phrase(_KINDS[kind]) for kind in slot.not_on)))
    if isinstance(slot, Daily) and slot.first_hours_form:
        yield say(
            "page.first_hours_form",
            within=span(protocol.cadence.first_hours.hours),
            form=_form(slot.first_hours_form, protocol),
        )


def _first_hours(protocol: Protocol) -> Entry:
    first = protocol.cadence.first_hours
    return Entry("first_hours", say("page.first_hours", within=span(first.hours)), (), cited(first))


def _meeting(protocol: Protocol) -> Entry:
    meeting = protocol.cadence.meeting
    order = Joined(tuple(_form(form, protocol) for form in meeting.fullest_first))
    together = [
        say(
            "page.together",
            one=_form(each.forms[0], protocol),
            other=_form(each.forms[1], protocol),
            form=_form(each.form, protocol),
        )
        for each in meeting.together
    ]
    said = say("page.meeting", within=minutes(meeting.within_minutes))
    return Entry("meeting", said, lines(say("page.fullest", forms=order), *together), cited(meeting))


def _during(period: Period) -> Phrase | None:
    start = _point(period.start) if period.start else None
    if period.until is not None:
        end = say("page.until", last=_point(period.until))
    elif period.before is not None:
        end = say("page.before", last=_point(period.before))
    else:
        return None if start is None else say("page.from", first=start)
    return say("page.during", first=start, end=end) if start else end


def _point(point: Point) -> Phrase:
    return (
        say("page.month", n=point.month or 0) if point.day is None else say("page.day", n=_signed(point.day))
    )


def _signed(day: int) -> str:
    return str(day).replace("-", "−")


def _offset(days: int) -> Phrase:
    if days == 0:
        return say("page.same_day")
    return say_n("page.days_before", -days) if days < 0 else say_n("page.days_after", days)


def _form(form: str, protocol: Protocol) -> Phrase:
    return say("page.quoted", text=Phrase(protocol.forms[form].name_key))


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _clocks(times: tuple[time, ...]) -> Joined:
    return Joined(tuple(_clock(at) for at in times))
