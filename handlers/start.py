"""/start: with a code it joins, without one it says where things stand."""

from bot.domain.people import Participant, StaffMember
from bot.screens import join as screens
from bot.screens import visits as visit_screens
from bot.services.joining import Joined, redeem
from bot.services.people import Person
from bot.services.visits import upcoming
from bot.texts import Screen, say
from handlers.common import Call, greet_stranger, reply
from handlers.keys import keyboard


async def by_stranger(call: Call) -> None:
    """Join by the code of the link; without one, say what this is."""
    if call.words:
        await _join(call)
    else:
        await greet_stranger(call)


async def again(call: Call, person: Person) -> None:
    """Show somebody known where things stand; a code that comes along is tried, as for a new phone."""
    if call.words:
        await _join(call)
    elif isinstance(person, StaffMember):
        await reply(call, screens.staff_welcome(person, known=True), person.language)
    else:
        await where_things_stand(call, person)


async def where_things_stand(call: Call, participant: Participant) -> None:
    """Show the notice until it is agreed to, then the next visit."""
    language = participant.language
    if participant.consented_at is None:
        await reply(call, screens.notice(call.study.site), language)
        return
    known = Screen((say("join.known"),))
    await reply(call, known, language, keys=keyboard(call.study, language))
    coming = await upcoming(call.study, participant)
    await reply(call, visit_screens.plan(coming, call.study.site), language)


async def _join(call: Call) -> None:
    outcome = await redeem(call.study, call.user_id, call.words[0])
    if isinstance(outcome, Joined):
        await _welcome(call, outcome.person)
    elif outcome == "too_many":
        await reply(call, screens.too_many_tries(call.study.site), "both")
    else:
        await reply(call, screens.code_refused(call.study.site), "both")


async def _welcome(call: Call, person: Person) -> None:
    if isinstance(person, StaffMember):
        await reply(call, screens.staff_welcome(person), person.language)
    else:
        await reply(call, screens.choose_language(say("join.welcome")), "both")
