"""Choosing the language: three for a participant, two for staff."""

from dataclasses import replace

from telegram import CallbackQuery

from bot.domain.people import LANGUAGES, Language, Participant, StaffMember
from bot.errors import StaleTap
from bot.screens import join as screens
from bot.screens.taps import Tap
from bot.services.participation.joining import choose_language
from bot.services.people import Person
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import Call, edit, reply, send
from handlers.joining import turn_to
from handlers.keys import keyboard

STAFF_LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")


async def ask(call: Call, person: Person) -> None:
    """Ask which language the person wants."""
    is_participant = isinstance(person, Participant)
    offered = LANGUAGES if is_participant else STAFF_LANGUAGES
    # Before the consent there is no first screen to go back to.
    home = isinstance(person, Participant) and person.consented_at is not None
    await reply(call, screens.choose_language(say("language.ask"), offered, home=home), "both")


async def choose_by_participant(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Set the language; whoever is still joining goes on where they stand."""
    chosen = _chosen(tap)
    await choose_language(study, participant.actor, chosen)
    if participant.consented_at is None:
        await turn_to(study, replace(participant, language=chosen), query)
        return None
    await edit(query, study, screens.language_set(), chosen)
    # A reply keyboard changes only with a new message.
    keys = keyboard(study, chosen)
    await send(study, query.get_bot(), query.from_user.id, Screen((say("home.keys"),)), chosen, keys=keys)
    return None


async def choose_by_staff(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Set the language of a member of staff."""
    chosen = _chosen(tap)
    await choose_language(study, staff.ref, chosen)
    await edit(query, study, Screen((say("language.set"),)), chosen)
    return None


def _chosen(tap: Tap) -> Language:
    for language in LANGUAGES:
        if language == tap.word(0):
            return language
    raise StaleTap("no such language")
