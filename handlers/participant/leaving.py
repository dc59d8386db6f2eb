"""/withdraw: which of the two is meant, a second thought, and the receipt."""

from telegram import CallbackQuery

from bot.domain.people import Participant
from bot.screens import leaving as screens
from bot.screens.taps import Tap
from bot.services.participation.leaving import leave, wishes
from bot.study import Study
from bot.texts import Phrase
from handlers.common import Call, edit, reply
from handlers.parting import part

_YES = "_yes"


async def withdraw(call: Call, participant: Participant) -> None:
    """Ask what shall end."""
    await reply(call, screens.ask(call.study.site), participant.language)


async def pressed(study: Study, participant: Participant, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Ask, ask once more, or end all contact."""
    what, language = tap.word(0), participant.language
    if what == "ask":
        await edit(query, study, screens.ask(study.site), language)
    elif what.endswith(_YES):
        await _leave(study, participant, what.removesuffix(_YES), query)
    else:
        await edit(query, study, screens.sure(wishes(what), study.site), language)
    return None


async def _leave(study: Study, participant: Participant, what: str, query: CallbackQuery) -> None:
    asked = None if query.message is None else query.message.message_id
    await leave(study, participant, wishes(what), asked)
    over = screens.over(study.site)
    await part(study, query.get_bot(), query.from_user.id, over, participant.language)
