"""Answering a check-in: one message, edited from question to question."""

import logging

from telegram import Bot, CallbackQuery
from telegram.error import TelegramError

from bot.domain.checkin import SKIP
from bot.domain.people import Participant, ParticipantStatus
from bot.errors import StaleTap
from bot.screens import consent as consent_screens
from bot.screens.checkins import checkin
from bot.screens.contact import contact
from bot.screens.taps import Tap
from bot.services.checkins import answering, checkins
from bot.services.checkins.turns import Turn
from bot.services.participation import caring, consenting
from bot.study import Study
from bot.texts import Phrase
from handlers.common import Call, edit, edit_message, reply, send

log = logging.getLogger(__name__)


async def report(call: Call, participant: Participant) -> None:
    """Open the full form, or go on with the one that is open."""
    await _report(call.study, call.bot, participant, call.user_id, f"update:{call.update.update_id}")


async def report_tapped(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> None:
    """Open the full form below."""
    await _report(study, query.get_bot(), participant, query.from_user.id, f"press:{query.id}")


async def _report(study: Study, bot: Bot, participant: Participant, chat_id: int, occurrence: str) -> None:
    language = participant.language
    if participant.status is not ParticipantStatus.ACTIVE:
        await _not_yet_or_no_more(study, bot, participant, chat_id)
        return
    turn = await checkins.open_report(study, participant, occurrence)
    sent = await send(study, bot, chat_id, checkin(turn.view, study.site), language)
    if participant.spoken_for_by is None:
        await checkins.remember_message(study, turn.view.checkin_id, sent.message_id)


async def _not_yet_or_no_more(study: Study, bot: Bot, participant: Participant, chat_id: int) -> None:
    """Show where help is to somebody who is asked nothing: before the consent, or after the study."""
    if participant.consented_at is not None:
        await send(study, bot, chat_id, contact(study.site), participant.language)
        return
    await send(study, bot, chat_id, consent_screens.first(study.site), participant.language)
    standing = await consenting.standing(study, participant)
    is_caregiver = participant.spoken_for_by is not None
    screen = consent_screens.here(standing, study.site, caregiver=is_caregiver)
    await send(study, bot, chat_id, screen, participant.language)


async def answer(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Take a tapped answer."""
    turn = await answering.record_answer(study, participant, *_step(tap), tap.word(3))
    return await show(study, participant, query, turn)


async def skip(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Leave a question out that may be left out."""
    turn = await answering.record_answer(study, participant, *_step(tap), SKIP)
    return await show(study, participant, query, turn)


async def toggle(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Tick one of several, or take the tick away."""
    if tap.word(4) not in ("on", "off"):
        raise StaleTap("neither on nor off")
    is_on = tap.word(4) == "on"
    turn = await answering.toggle(study, participant, *_step(tap), tap.word(3), on=is_on)
    return await show(study, participant, query, turn)


async def done(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Go on from a question where several may be ticked."""
    return await show(
        study, participant, query, await answering.done_ticking(study, participant, *_step(tap))
    )


async def back(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Go back one question."""
    return await show(study, participant, query, await answering.back(study, participant, *_step(tap)))


async def same(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Repeat the last report for what is not measured anew."""
    return await show(
        study, participant, query, await answering.same_as_last(study, participant, *_step(tap))
    )


def _step(tap: Tap) -> tuple[int, int, str]:
    return tap.number(0), tap.number(1), tap.word(2)


async def show(study: Study, participant: Participant, query: CallbackQuery, turn: Turn) -> Phrase | None:
    """Show the form as it is in the message of the pressed button."""
    shown_in = await edit(query, study, checkin(turn.view, study.site), participant.language)
    # The form lives in the participant's own message; a caregiver's copy is beside it.
    if turn.message_id != shown_in and participant.spoken_for_by is None:
        await checkins.remember_message(study, turn.view.checkin_id, shown_in)
    await _refresh_own(study, query.get_bot(), participant, turn)
    return turn.toast


async def show_typed(call: Call, participant: Participant, turn: Turn) -> None:
    """Show the form as it is after a typed answer: in its message, or in a new one where that is gone."""
    screen = checkin(turn.view, call.study.site)
    own = turn.message_id if participant.spoken_for_by is None else None
    if own is not None and await edit_message(
        call.study, call.bot, call.user_id, own, screen, participant.language
    ):
        return
    sent = await reply(call, screen, participant.language)
    if participant.spoken_for_by is not None:
        await _refresh_own(call.study, call.bot, participant, turn)
        return
    await checkins.remember_message(call.study, turn.view.checkin_id, sent.message_id)


async def _refresh_own(study: Study, bot: Bot, participant: Participant, turn: Turn) -> None:
    """Bring the participant's own form to where their caregiver has taken it."""
    if participant.spoken_for_by is None or turn.message_id is None:
        return
    own = await caring.own_chat(study, participant)
    if own is None:
        return
    try:
        screen = checkin(turn.view, study.site)
        await edit_message(study, bot, own[0], turn.message_id, screen, own[1])
    except TelegramError as error:
        # They may have blocked the bot: the answer counts all the same.
        log.info("a form was not brought up to date: %s", type(error).__name__)
