"""The consent to the bot."""

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.errors import StaleTap
from bot.screens import join as screens
from bot.screens import visits as visit_screens
from bot.screens.taps import Tap
from bot.services.joining import consent, refuse_consent
from bot.services.timeline import timeline
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import edit, send
from handlers.keys import keyboard


async def decide(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record "I agree" or "I do not agree"; of several consents, each would be named behind the word."""
    if tap.args not in (("yes",), ("no",)):
        raise StaleTap("no such consent")
    if tap.word(0) == "yes":
        return await _agree(study, participant, query)
    if await refuse_consent(study, participant) == "consented":
        return say("toast.already")
    await edit(query, study, screens.refused(study.site), participant.language)
    return None


async def _agree(study: Study, participant: Participant, query: CallbackQuery) -> Phrase | None:
    agreed = await consent(study, participant)
    if agreed.consented_at is None:
        raise StaleTap("not somebody who can agree now")
    language, bot, chat = agreed.language, query.get_bot(), query.from_user.id
    await edit(query, study, screens.consented(agreed.consented_at, agreed.zone), language)
    if participant.consented_at is not None:
        return say("toast.already")
    await send(study, bot, chat, Screen((say("home.keys"),)), language, keys=keyboard(study, language))
    await send(study, bot, chat, visit_screens.plan(await timeline(study, agreed), study.site), language)
    return None
