"""What staff set for a participant: flags, baselines, a stay in hospital; and what follows from each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.conditions import Flag
from bot.domain.people import Action
from bot.domain.protocol import Protocol
from bot.domain.tightening import is_looser, limits, path, plausible
from bot.screens.enrol import flag_name
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question, days
from bot.texts import Button, Day, Joined, Num, Phrase, Rows, Screen, say

# Days ahead that are offered as the last one in hospital; others are typed.
STAYS = (0, 1, 2, 3, 5, 7, 10, 14, 21)
EXTENDED_BY = (1, 3, 7)


@dataclass(frozen=True, slots=True)
class CareView:
    """What is set for one participant; `until`: the last day of a stay that is not over."""

    id: int
    code: str
    flags: tuple[str, ...]
    baselines: Mapping[str, float]
    until: date | None
    has_left: bool = False


def card_button(participant_id: int) -> Button:
    """Return the one button by which a card leads here."""
    return Button(say("care.button"), tap(Do.SET_CARE, participant_id))


def overview(view: CareView, may: Callable[[Action], bool]) -> Screen:
    """Show what is set, with a button for each thing that its reader may change."""
    lines: list[Phrase | None] = [say("care.title", code=view.code), None]
    lines.append(say("care.flags", flags=_flags(view.flags)))
    lines += [_baseline(name, value) for name, value in sorted(view.baselines.items())]
    if not view.baselines:
        lines.append(say("care.no_baselines"))
    lines.append(say("care.until", day=Day(view.until)) if view.until else say("care.at_home"))
    return Screen(tuple(lines), () if view.has_left else _changes(view, may), protect=True)


def _changes(view: CareView, may: Callable[[Action], bool]) -> Rows:
    rows = [
        (Button(say("care.button_flags"), tap(Do.SET_CARE, view.id, "flags")),),
        (Button(say("care.button_baseline"), tap(Do.SET_CARE, view.id, "baseline")),),
        (Button(say("care.button_hospital"), tap(Do.SET_CARE, view.id, "hospital")),),
    ]
    if view.baselines and may(Action.LOOSEN_BASELINE):
        rows.append((Button(say("care.button_loosen"), tap(Do.SET_CARE, view.id, "loosen")),))
    if view.until is not None:
        rows.append((Button(say("care.button_home"), tap(Do.STAY, view.id, _stamp(view.until), "home")),))
    return tuple(rows)


def _flags(flags: Sequence[str]) -> Joined | Phrase:
    return Joined(tuple(flag_name(each) for each in flags)) if flags else say("care.no_flags")


def _baseline(name: str, value: float) -> Phrase:
    return say("care.baseline", name=baseline_name(name), value=_number(value))


def baseline_name(name: str) -> Phrase:
    """Return a baseline in words."""
    return Phrase(f"baseline.{name}")


def _number(value: float) -> Num:
    return Num(value, 0 if value == int(value) else 1)


def _stamp(day: date) -> str:
    return day.strftime("%Y%m%d")


def is_of(stamp: str, until: date | None) -> bool:
    """Tell whether a button was made for this last day."""
    return until is not None and stamp == _stamp(until)


# --- flags ----------------------------------------------------------------------------------


def ask_flags(code: str, known: Sequence[str], chosen: set[str], done: str) -> Question:
    """Ask which flags hold, as a list to tick."""
    rows = tuple((Choice(flag_name(each), each, chosen=each in chosen),) for each in known)
    return Question((say("care.ask_flags", code=code),), (*rows, (Choice(say("care.flags_done"), done),)))


def confirm_flags(view: CareView, wanted: Sequence[str], protocol: Protocol) -> Question:
    """Show what changes, and what follows from each flag that is new or taken away."""
    lines: list[Phrase | None] = [say("care.flags_of", code=view.code, flags=_flags(wanted))]
    for flag in sorted(set(wanted) ^ set(view.flags)):
        name = flag_name(flag)
        is_new = flag in wanted
        lines += [None, say("care.flag_added", flag=name) if is_new else say("care.flag_gone", flag=name)]
        lines += list(follows(flag, protocol)) or [say("care.follows_nothing")]
    return Question(tuple(lines), confirm=say("care.confirm"))


def follows(flag: str, protocol: Protocol) -> Iterator[Phrase]:
    """Yield what follows from a flag: rules, questions, reminders, and what is done at visits."""
    for rule in protocol.rules.values():
        if any(isinstance(each, Flag) and each.flag == flag for each in rule.conditions()):
            yield say("care.follows_rule", rule=Phrase(rule.reason_key))
    for item in protocol.items.values():
        if flag in item.flags_any:
            yield say("care.follows_item", item=Phrase(item.name_key))
    yield from _follows_later(flag, protocol)


def _follows_later(flag: str, protocol: Protocol) -> Iterator[Phrase]:
    for monthly in protocol.monthly.values():
        if any(line.flag == flag for line in monthly.lines):
            yield say("care.follows_monthly")
    for extra in protocol.extras.values():
        if flag in extra.flags_any:
            yield say("care.follows_extra", extra=Phrase(extra.staff))


def flags_set(code: str, flags: Sequence[str]) -> Screen:
    """Say that the flags are set."""
    return Screen((say("care.flags_set", code=code, flags=_flags(flags)),), protect=True)


# --- baselines ------------------------------------------------------------------------------


def ask_baseline(view: CareView, known: Sequence[str], chosen: str | None) -> Question:
    """Ask which baseline is to be set, with what it is now."""
    rows = tuple((Choice(_which(view, name), name, chosen=name == chosen),) for name in known)
    return Question((say("care.ask_baseline", code=view.code), say("care.only_tighter")), rows)


def _which(view: CareView, name: str) -> Phrase:
    value = view.baselines.get(name)
    return baseline_name(name) if value is None else _baseline(name, value)


def ask_value(view: CareView, name: str, protocol: Protocol) -> Question:
    """Ask for the value, to be typed."""
    low, high = plausible(name, protocol)
    lines = [say("care.ask_value", name=baseline_name(name), low=_number(low), high=_number(high))]
    if name in view.baselines:
        lines.append(say("care.value_now", value=_number(view.baselines[name])))
    return Question((*lines, say("care.only_tighter")))


def confirm_baseline(view: CareView, name: str, value: float, protocol: Protocol) -> Question:
    """Show at which values the rules will alert."""
    lines: list[Phrase | None] = [
        say("care.baseline_of", code=view.code, name=baseline_name(name), value=_number(value)),
        None,
        *_alerts_at(name, value, protocol),
    ]
    return Question(tuple(lines), confirm=say("care.confirm"))


def _alerts_at(name: str, value: float, protocol: Protocol) -> list[Phrase]:
    item_id, stored = path(name, protocol)
    what = Phrase(protocol.items[item_id].seen_key(stored))
    found = [
        say("care.alerts_below", what=what, value=_number(limit.value))
        if limit.side == "below"
        else say("care.alerts_above", what=what, value=_number(limit.value))
        for limit in limits(name, value, protocol)
    ]
    return found or [say("care.alerts_nowhere")]


def ask_which_wrong(view: CareView, chosen: str | None) -> Question:
    """Ask the PI which baseline was entered wrong."""
    rows = tuple(
        (Choice(_which(view, name), name, chosen=name == chosen),) for name in sorted(view.baselines)
    )
    return Question((say("care.ask_wrong", code=view.code),), rows)


def ask_right_value(view: CareView, name: str, protocol: Protocol) -> Question:
    """Ask for the value as it should be, to be typed."""
    low, high = plausible(name, protocol)
    asked = say("care.ask_value", name=baseline_name(name), low=_number(low), high=_number(high))
    return Question((asked, say("care.value_now", value=_number(view.baselines[name]))))


def ask_why_wrong() -> Question:
    """Ask for the reason of a correction, to be typed."""
    return Question((say("care.ask_why"),))


def confirm_correction(view: CareView, name: str, value: float, reason: str, protocol: Protocol) -> Question:
    """Show what was and what will be, at which values the rules will alert, and that the press signs it."""
    before = view.baselines[name]
    what = baseline_name(name)
    lines: list[Phrase | None] = [
        say("care.correction", code=view.code, name=what, before=_number(before), value=_number(value)),
        say("care.correction_why", reason=reason),
        None,
        *_alerts_at(name, value, protocol),
    ]
    if is_looser(name, value, before, protocol):
        lines += [None, say("care.signs")]
    return Question(tuple(lines), confirm=say("care.confirm_correction"))


def baseline_set(code: str, name: str, value: float) -> Screen:
    """Say that the baseline is set."""
    line = say("care.baseline_set", code=code, name=baseline_name(name), value=_number(value))
    return Screen((line,), protect=True)


# --- hospital -------------------------------------------------------------------------------


def ask_until(view: CareView, offered: Sequence[date]) -> Question:
    """Ask for the last day in hospital."""
    lines = (say("care.ask_until", code=view.code), say("care.ask_until_how"))
    return Question(lines, days(offered, view.until))


def confirm_until(view: CareView, until: date) -> Question:
    """Say what follows from the stay."""
    return Question(
        (say("care.stay_of", code=view.code, day=Day(until)), None, say("care.stay_means")),
        confirm=say("care.confirm"),
    )


def stay_set(code: str, until: date) -> Screen:
    """Say until when nothing is asked at home."""
    return Screen((say("care.stay_set", code=code, day=Day(until)),), protect=True)


def stay_ends(participant_id: int, code: str, until: date) -> Screen:
    """Ask on the last day whether somebody goes home."""
    stamp = _stamp(until)
    longer = tuple(
        Button(say("care.button_longer", days=n), tap(Do.STAY, participant_id, stamp, n)) for n in EXTENDED_BY
    )
    home = (Button(say("care.button_home"), tap(Do.STAY, participant_id, stamp, "home")),)
    lines = (say("care.ends_first"), None, say("care.ends", code=code, day=Day(until)))
    return Screen(lines, (longer, home), protect=True)


def home_set(code: str) -> Screen:
    """Say that questions start again tomorrow."""
    return Screen((say("care.home_set", code=code),), protect=True)
