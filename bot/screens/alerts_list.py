"""The list of alerts, and what a participant is asked while an alert is open."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.screens.alerts import AlertView, State, first_line, sae_lines, title
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, key, say

STATES: Mapping[State, str] = {
    "open": key("alerts.state_open"),
    "acknowledged": key("alerts.state_acknowledged"),
    "contacted": key("alerts.state_contacted"),
    "closed": key("alerts.state_closed"),
}


def listing(live: Sequence[AlertView], past: Sequence[AlertView], now: datetime) -> Screen:
    """List the alerts: the live ones by age, then what was closed lately, each with a button to open it."""
    if not live and not past:
        return Screen((say("alerts.title"), None, say("alerts.none")), protect=True)
    lines: list[Phrase | None] = [say("alerts.title"), None]
    lines += [_line(view) for view in live] or [say("alerts.none_open")]
    if past:
        lines += [
            None,
            say("alerts.past"),
            *(line for view in past for line in (_line(view), *sae_lines(view, now))),
        ]
    rows = tuple((_opener(view),) for view in (*live, *past))
    return Screen(tuple(lines), rows, protect=True)


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
