"""My visits, "I will come", "I cannot come", and how to reach us."""

from datetime import date
from typing import Literal

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.errors import StaleTap
from bot.screens import contact as contact_screens
from bot.screens import visits as screens
from bot.screens.taps import Tap
from bot.services.visits import say_coming, upcoming
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import Call, edit, reply, send


async def visits(call: Call, participant: Participant) -> None:
    """Show the next visit in full and the later ones as a list."""
    coming = await upcoming(call.study, participant)
    await reply(call, screens.plan(coming, call.study.site), participant.language)


async def visits_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show the visits below."""
    screen = screens.plan(await upcoming(study, participant), study.site)
    await send(study, query.get_bot(), query.from_user.id, screen, participant.language)


async def contact(call: Call, participant: Participant) -> None:
    """Show every way to reach help."""
    await reply(call, contact_screens.contact(call.study.site), participant.language)


async def contact_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show every way to reach help, below."""
    screen = contact_screens.contact(study.site)
    await send(study, query.get_bot(), query.from_user.id, screen, participant.language)


async def coming(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record that the participant will come."""
    return await _say(study, participant, tap, query, "coming")


async def cannot_come(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Record that the participant cannot come, which reaches the coordinators."""
    return await _say(study, participant, tap, query, "cannot")


async def _say(
    study: Study,
    participant: Participant,
    tap: Tap,
    query: CallbackQuery,
    attendance: Literal["coming", "cannot"],
) -> Phrase | None:
    answered = await say_coming(study, participant, tap.word(0), _day(tap.word(1)), attendance)
    site, visit = study.site, answered.visit
    if visit is None or answered.outcome in ("moved", "over"):
        await edit(query, study, screens.no_longer(visit, site), participant.language)
        return say("toast.old_button")
    await edit(query, study, screens.answered(visit, site), participant.language)
    if answered.outcome == "same":
        return say("toast.already")
    return say("visits.toast_coming") if attendance == "coming" else say("visits.toast_cannot")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StaleTap("no date") from error
