"""What a change would move, shown to the coordinator before it moves anything."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.effects import Effects, Pair
from bot.texts import Day, Moment, Phrase, say, say_n


def lines(effects: Effects, zone: str) -> list[Phrase | None]:
    """Return the list of what follows."""
    found = [*_clock(effects, zone), *_checkins(effects, zone), *reminders(effects.reminders, zone)]
    found += list(_spacing(effects))
    if effects.follow_up_stays:
        found.append(say("effects.follow_up_stays"))
    else:
        found.append(say("effects.follow_up_moves"))
    return [None, say("effects.title"), *found]


def _clock(effects: Effects, zone: str) -> Iterator[Phrase]:
    if effects.clock is None:
        return
    old, new = effects.clock
    if new is None:
        yield say("effects.clock_stops")
    elif old is None:
        yield say("effects.clock_new", new=_moment(new, zone))
    else:
        yield say("effects.clock", old=_moment(old, zone), new=_moment(new, zone))


def _checkins(effects: Effects, zone: str) -> Iterator[Phrase]:
    if effects.checkins_gone:
        at = _moment(effects.checkins_gone[0], zone)
        yield say_n("effects.checkins_gone", len(effects.checkins_gone), at=at)
    if effects.checkins_new:
        at = _moment(effects.checkins_new[0], zone)
        yield say_n("effects.checkins_new", len(effects.checkins_new), at=at)


def reminders(pairs: tuple[Pair, ...], zone: str) -> Iterator[Phrase]:
    """Yield each reminder as it was to come and as it will."""
    for old, new in pairs:
        if old == new:
            continue
        if old is not None and new is not None:
            yield say("effects.reminder", old=_moment(old, zone), new=_moment(new, zone))
        elif new is not None:
            yield say("effects.reminder_new", new=_moment(new, zone))
        elif old is not None:
            yield say("effects.reminder_gone", old=_moment(old, zone))


def _spacing(effects: Effects) -> Iterator[Phrase]:
    for each in effects.spacing:
        name, on = Phrase(each.visit.type.name), Day(each.visit.on)
        yield say_n("effects.spacing", each.days, name=name, on=on, plan=each.by_plan)
    if effects.spacing:
        yield say("effects.spacing_stays")


def _moment(at: datetime, zone: str) -> Moment:
    return Moment(at, zone, "day_time")
