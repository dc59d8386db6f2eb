"""My visits, "I will come", "I cannot come" and another day for it, and the file for the calendar."""

from datetime import date
from typing import Literal

from telegram import CallbackQuery, InputFile

from bot.domain.people import Participant
from bot.errors import StaleTap
from bot.screens import proposals as proposal_screens
from bot.screens import visits as screens
from bot.screens.caring import for_caregiver
from bot.screens.taps import Tap
from bot.services.visits import proposals
from bot.services.visits.proposals import Asked
from bot.services.visits.timeline import CALENDAR_NAME, for_calendar, one, timeline
from bot.services.visits.visits import say_coming
from bot.study import Study
from bot.texts import Day, Phrase, Screen, say
from handlers.common import Call, edit, markup, reply, send


async def visits(call: Call, participant: Participant) -> None:
    """Show what was, the next visit in full, and what follows."""
    line = await timeline(call.study, participant)
    await reply(call, _own(participant, screens.plan(line, call.study.site)), participant.language)


async def visits_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show the visits: below, or in place of the screen that one comes back from."""
    screen = _own(participant, screens.plan(await timeline(study, participant), study.site))
    if tap.args == ("back",):
        await edit(query, study, screen, participant.language)
        return
    await send(study, query.get_bot(), query.from_user.id, screen, participant.language)


async def visit_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Show one visit in place of the list."""
    view, expected = await one(study, participant, tap.word(0))
    screen = _own(participant, screens.detail(view, study.site, expected=expected))
    await edit(query, study, screen, participant.language)


def _own(participant: Participant, screen: Screen) -> Screen:
    return for_caregiver(screen) if participant.spoken_for_by else screen


async def calendar(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Send the visit as a file for the phone's calendar; it can be saved, so it says nothing of a trial."""
    file = await for_calendar(study, participant, tap.word(0))
    if file is None:
        await edit(query, study, screens.no_longer(None, study.site), participant.language)
        return say("toast.old_button")
    shown = study.texts.render(screens.calendar_caption(), participant.language)
    await query.get_bot().send_document(
        query.from_user.id,
        InputFile(file, filename=CALENDAR_NAME),
        caption=shown.text,
        reply_markup=markup(shown.keyboard),
    )
    return None


async def coming(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record that the participant will come."""
    return await _say(study, participant, tap, query, "coming")


async def cannot_come(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Record that the participant cannot come, which reaches the coordinators; offer other days."""
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
    days = await proposals.offers(study, participant, visit.visit_type) if attendance == "cannot" else ()
    screen = proposal_screens.choose(visit, days) if days else screens.answered(visit, site)
    await edit(query, study, screen, participant.language)
    if answered.outcome == "same":
        return say("toast.already")
    if days:
        return say("proposal.toast_choose")
    return say("visits.toast_coming") if attendance == "coming" else say("visits.toast_cannot")


async def propose(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Ask the coordinators for the day that was tapped, or for a call where none fits."""
    visit_type, on = tap.word(0), _day(tap.word(1))
    if tap.word(2) == "none":
        asked = await proposals.none_fits(study, participant, visit_type, on)
    else:
        asked = await proposals.propose(study, participant, visit_type, on, _day(tap.word(2)))
    return await _show(study, participant, query, asked)


async def _show(study: Study, participant: Participant, query: CallbackQuery, asked: Asked) -> Phrase | None:
    visit, language = asked.visit, participant.language
    if visit is None or asked.outcome in ("moved", "over"):
        await edit(query, study, screens.no_longer(visit, study.site), language)
        return say("toast.old_button")
    if asked.outcome == "gone" and asked.days:
        await edit(query, study, proposal_screens.choose(visit, asked.days), language)
        return say("proposal.toast_gone")
    if asked.wanted is None:
        await edit(query, study, proposal_screens.site_calls(visit, study.site), language)
        return None
    await edit(query, study, proposal_screens.choose(visit, asked.days, asked.wanted), language)
    return say("toast.already") if asked.outcome == "same" else say("proposal.toast", on=Day(asked.wanted))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StaleTap("no date") from error
