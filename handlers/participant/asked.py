"""The participant's answer to being asked whether help was reached."""

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.screens.alerts_list import help_noted
from bot.screens.contact import emergency
from bot.screens.taps import Tap
from bot.services.alerts.acts import answer_help
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit


async def answered(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record the answer; who has not reached help is shown once more how to."""
    answer = tap.word(1)
    noted = await answer_help(study, participant, tap.number(0), answer)
    phones = study.site.phones
    if answer == "yes" or not noted:
        screen = help_noted(phones.emergency, phones.site)
    else:
        screen = emergency(study.site, study.protocol.tell_helpers, call_120=True)
    await edit(query, study, screen, participant.language)
    return say("toast.noted")
