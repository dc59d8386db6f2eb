"""When I am reminded: looked at and moved, a tap each."""

from datetime import datetime, time

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.errors import StaleTap
from bot.screens import reminders as screens
from bot.screens.reminders import RuleView
from bot.screens.taps import Tap
from bot.services.reminders import times
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit


async def reminders(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show when the reminders come, ask for another time, or set it."""
    if len(tap.args) > 1:
        at = _time(tap.word(1))
        rules = await times.choose(study, participant, tap.word(0), at)
        await edit(query, study, screens.listing(rules), participant.language)
        return say("remind.toast", at=screens.clock(at))
    rules = await times.rules(study, participant)
    if tap.args:
        await edit(query, study, screens.choose(_of(rules, tap.word(0))), participant.language)
        return None
    await edit(query, study, screens.listing(rules), participant.language)
    return None


def _of(rules: tuple[RuleView, ...], rule_id: str) -> RuleView:
    for rule in rules:
        if rule.id == rule_id:
            return rule
    raise StaleTap("no such reminder")


def _time(text: str) -> time:
    try:
        # Not by int(): it takes more digits than a time can have.
        return datetime.strptime(text, "%H%M").time()  # noqa: DTZ007 (a time of day has no zone)
    except ValueError as error:
        raise StaleTap("no time") from error
