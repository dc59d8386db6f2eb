"""Joining, page by page: what this is, the two consents, the plan, and the message that asks for a tap."""

from telegram import CallbackQuery

from bot.domain.consent import KINDS, ConsentKind, Standing
from bot.domain.people import LANGUAGES, Caregiver, Participant
from bot.errors import StaleTap
from bot.screens import caring as care_screens
from bot.screens import consent as screens
from bot.screens import join as join_screens
from bot.screens import leaving as leaving_screens
from bot.screens import visits as visit_screens
from bot.screens.taps import Tap
from bot.services.participation import arrival, caring, consenting
from bot.services.visits.timeline import timeline
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import Call, edit, reply, send
from handlers.keys import keyboard
from handlers.parting import part


async def show_here(call: Call, participant: Participant) -> None:
    """Show the page of joining at which somebody stands."""
    standing = await consenting.standing(call.study, participant)
    await reply(call, _here(call.study, participant, standing), participant.language)


async def turn_to(study: Study, participant: Participant, query: CallbackQuery) -> None:
    """Turn a message into the page of joining at which somebody stands."""
    standing = await consenting.standing(study, participant)
    await edit(query, study, _here(study, participant, standing), participant.language)


async def page(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Turn to the page that the button names; `here` is where they stand, or the receipt."""
    name = tap.word(0)
    if name == screens.LANGUAGE:
        await edit(query, study, join_screens.choose_language(say("join.welcome"), LANGUAGES), "both")
        return None
    standing = await consenting.standing(study, participant)
    screen = _here(study, participant, standing) if name == screens.HERE else None
    screen = screen or screens.page(name, standing, study.site)
    await edit(query, study, screen, participant.language)
    return None


def _here(study: Study, participant: Participant, standing: Standing) -> Screen:
    if participant.spoken_for_by is not None:
        return screens.here(standing, study.site, caregiver=True)
    if standing.complete:
        return screens.thanks(standing, participant.zone)
    return screens.here(standing, study.site)


async def decide(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record "I agree" or "I do not agree" to the one consent that the button names."""
    agrees = _answer(tap.word(2))
    if participant.spoken_for_by is not None:
        return await _decide_as_caregiver(study, participant.spoken_for_by, tap, query, agrees=agrees)
    decided = await consenting.decide(study, participant, _kind(tap.word(0)), tap.word(1), agrees=agrees)
    known = decided.participant
    if decided.outcome == "refused":
        await edit(query, study, screens.refused(study.site), known.language)
        return None
    if not decided.standing.complete:
        await edit(query, study, screens.here(decided.standing, study.site), known.language)
        return say("consent.toast_new_text") if decided.outcome == "old_text" else say("toast.noted")
    await _agreed(study, known, decided.standing, query, begins=decided.begins)
    return None if decided.begins else say("toast.already")


async def _agreed(
    study: Study, known: Participant, standing: Standing, query: CallbackQuery, *, begins: bool
) -> None:
    language, bot, chat = known.language, query.get_bot(), query.from_user.id
    await edit(query, study, screens.thanks(standing, known.zone), language)
    if begins:
        await send(study, bot, chat, Screen((say("home.keys"),)), language, keys=keyboard(study, language))
        coming = await timeline(study, known)
        await send(study, bot, chat, visit_screens.plan(coming, study.site), language)


async def seen(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record that the test message arrived."""
    new = await arrival.seen(study, participant.actor, tap.number(0))
    await edit(query, study, screens.arrived(), participant.language)
    return None if new else say("toast.already")


async def _decide_as_caregiver(
    study: Study, caregiver: Caregiver, tap: Tap, query: CallbackQuery, *, agrees: bool
) -> Phrase | None:
    outcome, standing = await caring.decide(study, caregiver, _kind(tap.word(0)), tap.word(1), agrees=agrees)
    bot, chat, language = query.get_bot(), query.from_user.id, caregiver.language
    if outcome == "refused":
        await part(study, bot, chat, leaving_screens.over(study.site), language)
        return None
    if not standing.complete:
        await edit(query, study, screens.here(standing, study.site, caregiver=True), language)
        return say("consent.toast_new_text") if outcome == "old_text" else say("toast.noted")
    others = await caring.others(study, caregiver)
    await edit(query, study, care_screens.home(study.site, others), language)
    await send(study, bot, chat, Screen((say("home.keys"),)), language, keys=keyboard(study, language))
    return None


def _kind(word: str) -> ConsentKind:
    for kind in KINDS:
        if kind == word:
            return kind
    raise StaleTap("no such consent")


def _answer(word: str) -> bool:
    if word not in ("yes", "no"):
        raise StaleTap("neither yes nor no")
    return word == "yes"
