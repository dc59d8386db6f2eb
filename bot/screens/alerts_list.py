"""The list of alerts, and what a participant is asked while an alert is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.domain.response import Median
from bot.screens.alert_view import AlertView, State
from bot.screens.alerts import first_line, sae_lines, title
from bot.screens.common import marked
from bot.screens.taps import Do, tap
from bot.texts import Button, Num, Phrase, Rows, Screen, Value, key, say, say_n

Tier = Literal["red", "amber"]

STATES: Mapping[State, str] = {
    "open": key("alerts.state_open"),
    "acknowledged": key("alerts.state_acknowledged"),
    "contacted": key("alerts.state_contacted"),
    "closed": key("alerts.state_closed"),
}


# More buttons than these nobody reads; the filters bring the others.
SHOWN = 20

_TIER_LETTERS: Mapping[str, Tier] = {"r": "red", "a": "amber"}
_STATE_LETTERS: Mapping[str, State] = {"o": "open", "k": "acknowledged", "c": "contacted", "x": "closed"}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which alerts to list; `mine` are those that the reader has taken, reached or closed."""

    tier: Tier | None = None
    state: State | None = None
    mine: bool = False
    code: str | None = None

    @classmethod
    def read(cls, args: tuple[str, ...]) -> "Filters":
        """Read what a button carries; anything unknown filters nothing."""
        tier, state, mine, code = [*args, "-", "-", "-", "-"][:4]
        return cls(
            _TIER_LETTERS.get(tier), _STATE_LETTERS.get(state), mine == "m", code if code.isalnum() else None
        )

    @property
    def args(self) -> tuple[str, str, str, str]:
        """Return the filters as `read` takes them."""
        tier = next((letter for letter, each in _TIER_LETTERS.items() if each == self.tier), "-")
        state = next((letter for letter, each in _STATE_LETTERS.items() if each == self.state), "-")
        return tier, state, "m" if self.mine else "-", self.code or "-"


@dataclass(frozen=True, slots=True)
class Times:
    """Medians by tier, of the last 30 days and of all."""

    recent: Mapping[tuple[str, int | None], Median]
    everything: Mapping[tuple[str, int | None], Median]


def listing(
    live: Sequence[AlertView], past: Sequence[AlertView], now: datetime, wanted: Filters | None = None
) -> Screen:
    """List the alerts: the live ones by age, then what was closed lately, each with a button to open it."""
    asked = wanted or Filters()
    if not live and not past and asked == Filters():
        return Screen((say("alerts.title"), None, say("alerts.none")), (_more_row(asked),), protect=True)
    lines: list[Phrase | None] = [say("alerts.title"), None]
    if asked.state != "closed":
        lines += [_line(view) for view in live[:SHOWN]] or [_none(asked)]
    shown = past[: max(0, SHOWN - len(live))]
    if shown:
        title_of_past = (
            say("alerts.past") if asked.state is None and asked.code is None else say("alerts.closed")
        )
        lines += [None, title_of_past]
        lines += [line for view in shown for line in (_line(view), *sae_lines(view, now))]
    hidden = len(live) + len(past) - len(live[:SHOWN]) - len(shown)
    if hidden:
        lines += [None, say_n("alerts.more", hidden)]
    rows = tuple((_opener(view),) for view in (*live[:SHOWN], *shown))
    return Screen(tuple(lines), (*rows, *_filter_rows(asked)), protect=True)


def _none(asked: Filters) -> Phrase:
    return say("alerts.none_open") if asked == Filters() else say("alerts.none_such")


def _filter_rows(asked: Filters) -> Rows:
    # Pressed once more, a filter is taken back.
    tiers = tuple(
        _filter(Phrase(words), replace(asked, tier=None if chosen else tier), chosen=chosen)
        for tier, words in TIERS.items()
        for chosen in (asked.tier == tier,)
    )
    mine = _filter(say("alerts.mine"), replace(asked, mine=not asked.mine), chosen=asked.mine)
    states = tuple(
        _filter(Phrase(words), replace(asked, state=None if chosen else state), chosen=chosen)
        for state, words in FILTERS.items()
        for chosen in (asked.state == state,)
    )
    return ((*tiers, mine), states[:2], states[2:], _more_row(asked))


def _more_row(asked: Filters) -> tuple[Button, ...]:
    label = say("alerts.of", code=asked.code) if asked.code else say("alerts.whose")
    whose = Button(marked(label, chosen=asked.code is not None), tap(Do.LIST_ALERTS, "who"))
    times = Button(say("alerts.times"), tap(Do.LIST_ALERTS, "times"))
    everything = Button(say("alerts.all"), tap(Do.LIST_ALERTS))
    return (whose, times) if asked == Filters() else (whose, times, everything)


def _filter(label: Phrase, then: Filters, *, chosen: bool) -> Button:
    return Button(marked(label, chosen=chosen), tap(Do.LIST_ALERTS, *then.args))


TIERS: Mapping[Tier, str] = {"red": key("alerts.red"), "amber": key("alerts.amber")}
FILTERS: Mapping[State, str] = {
    "open": key("alerts.filter_open"),
    "acknowledged": key("alerts.filter_taken"),
    "contacted": key("alerts.filter_reached"),
    "closed": key("alerts.filter_closed"),
}


def whose(codes: Sequence[str]) -> Screen:
    """Ask whose alerts to list."""
    buttons = [
        Button(say("card.button", code=each), tap(Do.LIST_ALERTS, "-", "-", "-", each)) for each in codes[:80]
    ]
    rows = tuple(tuple(buttons[first : first + 4]) for first in range(0, len(buttons), 4))
    back = (Button(say("alert.button_back"), tap(Do.LIST_ALERTS)),)
    return Screen((say("alerts.ask_whose"),), (*rows, back))


def times(found: Times) -> Screen:
    """Show the medians of the time to take and to reach, by tier."""
    lines: list[Phrase | None] = [say("times.title"), None, say("times.recent"), *_medians(found.recent)]
    lines += [None, say("times.everything"), *_medians(found.everything), None, say("times.how")]
    return Screen(tuple(lines), ((Button(say("alert.button_back"), tap(Do.LIST_ALERTS)),),))


def _medians(by_tier: Mapping[tuple[str, int | None], Median]) -> list[Phrase | None]:
    lines: list[Phrase | None] = []
    for (tier, hours), each in by_tier.items():
        name = say("times.red") if tier == "red" else say("times.amber", hours=hours or 0)
        taken, reached = _minutes(each.taken), _minutes(each.reached)
        lines.append(say_n("times.line", each.count, tier=name, taken=taken, reached=reached))
    return lines or [say("times.none")]


def _minutes(value: float | None) -> Value:
    return "–" if value is None else say("times.minutes", minutes=Num(value, 0 if value >= 10 else 1))


def _line(view: AlertView) -> Phrase:
    state = Phrase(STATES[view.state], {"name": _who(view)})
    return say("alerts.line", first=first_line(view), at=view.time(view.opened_at), state=state)


def _who(view: AlertView) -> str:
    deed = view.closed or view.reached or view.taken
    return deed.name if deed else ""


def _opener(view: AlertView) -> Button:
    label = say("alerts.button_open", first=title(view), at=view.time(view.opened_at))
    return Button(label, tap(Do.OPEN_ALERT, view.id))


def asked_again(emergency_phone: str, alert_id: int) -> Screen:
    """Ask the participant whether help was reached."""
    answers = tuple(
        (Button(label, tap(Do.HELP, alert_id, answer)),)
        for answer, label in (
            ("yes", say("asked.button_yes")),
            ("no", say("asked.button_no")),
            ("help", say("asked.button_help")),
        )
    )
    return Screen((say("asked.question", emergency=emergency_phone),), answers, protect=True)


def help_noted(emergency_phone: str, site_phone: str) -> Screen:
    """Thank the participant who has reached help."""
    return Screen((say("asked.thanks", emergency=emergency_phone, site=site_phone),), protect=True)
