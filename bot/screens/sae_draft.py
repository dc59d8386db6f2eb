"""The draft of the form of a potential serious adverse event: to copy; the bot drafts, it never submits."""

from bot.domain.outcomes import OUTCOMES
from bot.screens.alert_view import AlertView
from bot.screens.alerts import HOW, clock_lines, first_line, found_lines
from bot.screens.closing import outcome_named
from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Phrase, Screen, say


def draft(view: AlertView, note: str | None) -> Screen:
    """Show what the form needs as the record has it: no name, arm or dose, and nothing that is private."""
    aware = view.aware_at or view.opened_at
    lines: list[Phrase | None] = [
        say("sae.title"),
        say("sae.use"),
        None,
        first_line(view),
        say("sae.aware", at=Moment(aware, view.zone), utc=Moment(aware, "UTC", "day_time")),
        *found_lines(view),
        *clock_lines(view),
        None,
    ]
    if view.reached is not None:
        how = Phrase(HOW[view.how or "phone"])
        lines.append(say("sae.contact", how=how, at=view.time(view.reached.at)))
    if view.outcome is not None:
        lines.append(outcome_named(OUTCOMES[view.outcome]))
    if note:
        lines += [say("close.note", note=note), say("sae.check_note")]
    lines.append(say("alert.protocol", version=view.protocol_version))
    back = Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id))
    return Screen(tuple(lines), ((back,),), protect=True)
