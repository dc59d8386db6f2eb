"""Caregivers: invited, seen and removed by the participant; and a caregiver's own first screen and end."""

from telegram import CallbackQuery

from bot.domain.people import RELATIONS, Participant, Relation
from bot.errors import StaleTap
from bot.screens import caring as screens
from bot.screens import leaving as leaving_screens
from bot.screens.taps import Tap
from bot.services.participation import caring
from bot.study import Study
from bot.texts import Moment, Phrase, Screen, say
from handlers.common import Call, edit, reply
from handlers.parting import part


async def caregivers(call: Call, participant: Participant) -> None:
    """Show who helps."""
    await reply(call, await _list(call.study, participant), participant.language)


async def _list(study: Study, participant: Participant) -> Screen:
    some = await caring.listed(study, participant)
    return screens.listed(some, participant.zone, full=len(some) >= caring.MOST)


async def pressed(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show who helps, invite somebody, or end it after a second thought."""
    what = tap.word(0)
    if what == "end_yes":
        chat = await caring.end(study, participant.ref, participant.id, tap.number(1))
        if chat is not None:
            await part(study, query.get_bot(), chat, leaving_screens.over(study.site))
    screen = await _screen(study, participant, what, tap)
    await edit(query, study, screen, participant.language)
    return say("toast.noted") if what == "end_yes" else None


async def _screen(study: Study, participant: Participant, what: str, tap: Tap) -> Screen:
    if what == "ask":
        return screens.ask_relation()
    if what == "end":
        return screens.sure(tap.number(1))
    if what == "invite":
        made = await caring.invite(study, participant, _relation(tap.word(1)))
        if made is not None:
            return screens.invited(made.link, Moment(made.expires_at, participant.zone))
    return await _list(study, participant)


def _relation(word: str) -> Relation:
    for known in RELATIONS:
        if known == word:
            return known
    raise StaleTap("no such relation")


async def home_of_caregiver(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Show a caregiver what they can do here."""
    caregiver = participant.spoken_for_by
    others = await caring.others(study, caregiver) if caregiver is not None else []
    await edit(query, study, screens.home(study.site, others), participant.language)
    return None


async def stop(call: Call, participant: Participant) -> None:
    """Ask a caregiver whether it shall end."""
    await reply(call, screens.stop_sure(), participant.language)


async def pressed_by_caregiver(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """End a caregiver's part at their own wish, after a second thought."""
    caregiver = participant.spoken_for_by
    if caregiver is None or tap.word(0) not in ("stop", "stop_yes", "home"):
        raise StaleTap("not a caregiver's button")
    if tap.word(0) == "stop_yes":
        await caring.end(study, caregiver.ref, participant.id, caregiver.id)
        over = leaving_screens.over(study.site)
        await part(study, query.get_bot(), query.from_user.id, over, caregiver.language)
        return None
    if tap.word(0) == "stop":
        await edit(query, study, screens.stop_sure(), participant.language)
        return None
    return await home_of_caregiver(study, participant, tap, query)
