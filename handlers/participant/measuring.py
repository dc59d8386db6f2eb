"""The second reading of a measurement: typed as a number, or "I cannot measure now"."""

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.screens import measuring as screens
from bot.screens.taps import Tap
from bot.services.checkins import measuring
from bot.services.checkins.measuring import Measured
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import Call, edit, reply


async def measured(call: Call, participant: Participant, text: str) -> bool:
    """Take typed text as the second reading that is asked, and say so; False where it is none."""
    taken = await measuring.typed(call.study, participant, text, call.update.update_id)
    if taken is None:
        return False
    await reply(call, _screen(call.study, taken), participant.language)
    return True


async def cannot(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Note that it cannot be measured again."""
    taken = await measuring.cannot(study, participant, tap.number(0))
    await edit(query, study, _screen(study, taken), participant.language)
    return say("toast.already") if taken.outcome == "over" else say("toast.noted")


def _screen(study: Study, measured: Measured) -> Screen:
    if measured.outcome == "over":
        return screens.over()
    if measured.question is not None:
        return screens.ask(measured.reading.id, measured.question, study.site, measured.note)
    return screens.taken(measured.value, study.site, is_red=measured.is_red)
