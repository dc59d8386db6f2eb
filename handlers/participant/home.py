"""The way back to the start, how to reach us, what can be done here, and the language."""

from telegram import CallbackQuery

from bot.domain.people import Participant, ParticipantStatus
from bot.screens import contact as contact_screens
from bot.screens import home as screens
from bot.screens import join as join_screens
from bot.screens.taps import Tap
from bot.services.visits.timeline import timeline
from bot.study import Study
from bot.texts import Screen, say
from handlers.common import Call, edit, reply, send


async def home_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show what is next and all that can be done, below: nothing that was said before is lost."""
    await send(
        study, query.get_bot(), query.from_user.id, await home(study, participant), participant.language
    )


async def home(study: Study, participant: Participant) -> Screen:
    """Return the first screen of a participant."""
    if participant.status is ParticipantStatus.COMPLETED:
        return screens.over(study.site)
    line = await timeline(study, participant)
    return screens.home(line.ahead[0] if line.ahead else None, study.site)


async def contact(call: Call, participant: Participant) -> None:
    """Show every way to reach help."""
    await reply(call, contact_screens.contact(call.study.site), participant.language)


async def contact_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show every way to reach help, below."""
    screen = contact_screens.contact(study.site)
    await send(study, query.get_bot(), query.from_user.id, screen, participant.language)


async def help_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Say what can be done here, in place of the first screen."""
    await edit(query, study, screens.how(study.site), participant.language)


async def language_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Ask for the language, in every language."""
    await edit(query, study, join_screens.choose_language(say("language.ask"), home=True), "both")
