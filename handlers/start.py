"""/start: with a code it joins, without one it says where things stand."""

from bot.domain.people import Participant, ParticipantStatus, StaffMember
from bot.screens import caring as care_screens
from bot.screens import join as screens
from bot.services.participation import caring
from bot.services.participation.joining import redeem
from bot.services.people import Joined, Person
from bot.texts import Screen, say
from handlers.common import Call, greet_stranger, reply
from handlers.joining import show_here
from handlers.keys import keyboard
from handlers.participant.home import home
from handlers.parting import part


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
    """Show the page of joining where they stand, or, once that is done, the next visit."""
    language = participant.language
    if participant.spoken_for_by is not None and participant.consented_at is not None:
        others = await caring.others(call.study, participant.spoken_for_by)
        await reply(call, care_screens.home(call.study.site, others), language)
        return
    if participant.consented_at is None:
        await show_here(call, participant)
        return
    if participant.status is not ParticipantStatus.COMPLETED:
        known = Screen((say("join.known"),))
        await reply(call, known, language, keys=keyboard(call.study, language))
    await reply(call, await home(call.study, participant), language)


async def _join(call: Call) -> None:
    outcome = await redeem(call.study, call.user_id, call.words[0], _account(call))
    if isinstance(outcome, Joined):
        if outcome.former_chat is not None:
            await part(call.study, call.bot, outcome.former_chat)
        await _welcome(call, outcome.person)
    elif outcome == "too_many":
        await reply(call, screens.too_many_tries(call.study.site), "both")
    else:
        await reply(call, screens.code_refused(call.study.site), "both")


def _account(call: Call) -> str:
    """Return what Telegram calls the account: the name on it, and its @name."""
    user = call.message.from_user
    if user is None:
        return ""
    return f"{user.full_name} @{user.username}" if user.username else user.full_name


async def _welcome(call: Call, person: Person) -> None:
    if isinstance(person, StaffMember):
        await reply(call, screens.staff_welcome(person), person.language)
    else:
        await reply(call, screens.choose_language(say("join.welcome")), "both")
