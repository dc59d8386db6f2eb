"""Pressed buttons: one handler, one table, and who presses is looked up each time."""

import logging

from telegram import CallbackQuery, Update
from telegram.error import BadRequest

from bot.domain.people import Language, Participant
from bot.errors import NotAllowed, StaleTap
from bot.screens.taps import Do, Tap, read_tap
from bot.services.people import Person
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import StaffTap, in_private, whose
from handlers.coordinator import COORDINATOR_TAPS
from handlers.participant import CAREGIVER_TAPS, PARTICIPANT_TAPS
from handlers.staff import STAFF_TAPS

log = logging.getLogger(__name__)

# Telegram cuts a toast at 200 characters and refuses a longer one.
TOAST_LENGTH = 200

BY_STAFF: dict[Do, StaffTap] = {**STAFF_TAPS, **COORDINATOR_TAPS}


async def on_press(study: Study, update: Update) -> None:
    """Do what the pressed button asks for, and answer its query exactly once."""
    query = update.callback_query
    if query is None:
        return
    person = await whose(study, query.from_user.id) if in_private(query.message) else None
    toast = await _toast(study, person, query)
    await _answer(study, query, toast, person.language if person else "both")


async def _toast(study: Study, person: Person | None, query: CallbackQuery) -> Phrase | None:
    if person is None:
        return say("toast.not_you")
    try:
        return await _press(study, person, read_tap(query.data), query)
    except StaleTap:
        return say("toast.old_button")
    except NotAllowed:
        return say("toast.not_allowed")


async def _press(study: Study, person: Person, tap: Tap, query: CallbackQuery) -> Phrase | None:
    if isinstance(person, Participant):
        taps = CAREGIVER_TAPS if person.spoken_for_by else PARTICIPANT_TAPS
        by_participant = taps.get(tap.do)
        if by_participant is None:
            raise NotAllowed(tap.do)
        return await by_participant(study, person, tap, query)
    by_staff = BY_STAFF.get(tap.do)
    if by_staff is None or not by_staff.is_for(person):
        raise NotAllowed(tap.do)
    return await by_staff.run(study, person, tap, query)


async def _answer(study: Study, query: CallbackQuery, toast: Phrase | None, language: Language) -> None:
    text = study.texts.label(language, toast)[:TOAST_LENGTH] if toast else None
    try:
        await query.answer(text)
    except BadRequest as error:
        # After downtime Telegram has forgotten the press; what it asked for is done all the same.
        if "query is too old" not in error.message.lower():
            raise
        log.info("a press was answered too late to be shown")
