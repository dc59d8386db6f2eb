"""What participants type, correct, or send as a picture or a voice message."""

from bot.domain.people import Participant
from bot.screens import contact as screens
from bot.services.answering import answer_typed
from bot.services.words import is_only_a_value, keep_words, note_unreadable
from handlers.common import Call, reply
from handlers.participant.checkin import show_typed


async def on_text(call: Call, participant: Participant) -> None:
    """Take text as the answer to the open question; whatever else it says is kept for the staff."""
    text = call.message.text or ""
    turn = await answer_typed(call.study, participant, text, call.update.update_id)
    if turn is not None:
        await show_typed(call, participant, turn)
    if turn is None or not is_only_a_value(text):
        await keep_words(call.study, participant, text, call.update.update_id)
        await reply(call, screens.words_kept(call.study.site), participant.language)


async def on_edited(call: Call, participant: Participant) -> None:
    """Keep what was corrected: an answer is changed with "Back", not by editing a message."""
    await keep_words(call.study, participant, _words_of(call), call.update.update_id)
    await reply(call, screens.words_kept(call.study.site), participant.language)


async def on_other(call: Call, participant: Participant) -> None:
    """Say that a picture or a voice message cannot be read; its caption is kept."""
    words = _words_of(call)
    if words:
        await keep_words(call.study, participant, words, call.update.update_id)
    await note_unreadable(call.study, participant, call.update.update_id)
    await reply(call, screens.unreadable(call.study.site), participant.language)


def _words_of(call: Call) -> str:
    return call.message.text or call.message.caption or ""
