"""A check-in as it is after a tap or a typed answer, ready to be shown."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.checkin import AskAgain, Refused
from bot.domain.triage import Assessment
from bot.domain.words import Words
from bot.screens.checkins import CheckinView
from bot.services.checkins.forms import Sheet
from bot.services.checkins.judging import verdict_on
from bot.study import Study
from bot.texts import Phrase


@dataclass(frozen=True, slots=True)
class Turn:
    """A check-in as it is after a tap or a typed answer, and what to say in passing.

    `message_id`: the message that shows the check-in so far, where there is one.
    """

    view: CheckinView
    toast: Phrase | None = None
    message_id: int | None = None

    def saying(self, toast: Phrase) -> "Turn":
        """Return the turn with something to say in passing."""
        return replace(self, toast=toast)

    def noting(self, why: Refused | AskAgain) -> "Turn":
        """Return the turn with the reason why the answer was not taken."""
        values: dict[str, str | int | float | Words] = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in why.values.items()
        }
        return replace(self, view=replace(self.view, note=Words(why.key, values)))


def turn_of(study: Study, sheet: Sheet, now: datetime, verdict: Assessment | None = None) -> Turn:
    """Return a sheet ready to be shown; `verdict` where its answers have just been judged."""
    checkin, question = sheet.checkin, sheet.shown()
    judged = verdict or verdict_on(study, sheet, now, finished=checkin.state != "open")
    view = CheckinView(
        checkin_id=checkin.id,
        version=checkin.version,
        form=checkin.form,
        state=checkin.state,
        question=question,
        chosen=sheet.chosen(question) if question else (),
        is_red=judged.tier == "red",
        same=question is not None and sheet.may_repeat(),
        can_go_back=question is not None and sheet.before(question.token) is not None,
        tier=checkin.tier,
        call_120=judged.call_120,
        stay_home=_stays_home(study, checkin.form, judged),
    )
    return Turn(view, message_id=checkin.message_id)


def _stays_home(study: Study, form: str, judged: Assessment) -> bool:
    """Tell whether an AMBER end means not to travel: always before an infusion, or where a rule says so."""
    rules = study.protocol.rules
    hit = (rules[found.rule] for found in judged.findings if found.rule in rules)
    return study.protocol.forms[form].stay_home or any(rule.stay_home for rule in hit)
