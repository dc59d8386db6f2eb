"""What participants type, correct, or send as a picture or a voice message."""

from typing import Any, Literal

from bot.domain.people import Participant
from bot.services.checkins.answering import answer_typed
from bot.services.checkins.measuring import comes_first
from bot.services.checkins.turns import Turn
from bot.services.talk import receipts
from bot.services.talk.words import Medium, Said, is_only_a_value, keep_if_alarming, keep_words
from handlers.common import Call, reply
from handlers.participant.checkin import show_typed
from handlers.participant.measuring import measured


async def on_text(call: Call, participant: Participant) -> None:
    """Take text as the answer to the open question; whatever else it says is kept, heard and acted on."""
    text = call.message.text or ""
    # Words come first: what follows may fail, and help must not wait for it.
    said = None if is_only_a_value(text) else await _keep(call, participant, text)
    if said is None:
        said = await _take_value(call, participant, text)
    else:
        await _take(call, participant, text)
    if said is not None:
        await _answer(call, participant, said)


async def _take_value(call: Call, participant: Participant, text: str) -> Said | None:
    """Take a bare measurement as what it answers; None where all is said about it."""
    taken = await _take(call, participant, text)
    return None if taken == "measured" else await _value(call, participant, text, taken)


async def _take(call: Call, participant: Participant, text: str) -> Turn | Literal["measured"] | None:
    """Take text as the second reading that is asked, or as the answer to the open form: the newer of the two.

    What one cannot read the other one may; None where nothing was asked that it answers.
    """
    if await comes_first(call.study, participant) and await measured(call, participant, text):
        return "measured"
    turn = await answer_typed(call.study, participant, text, call.update.update_id)
    if (turn is None or turn.view.note is not None) and await measured(call, participant, text):
        return "measured"
    if turn is not None:
        await show_typed(call, participant, turn)
    return turn


async def _value(call: Call, participant: Participant, text: str, turn: Turn | None) -> Said | None:
    """Hear a bare measurement, unless it was taken as the answer; None where all is said about it."""
    if turn is None:
        return await _keep(call, participant, text)
    if turn.view.note is None:
        return None
    said = await keep_if_alarming(call.study, participant, text, call.update.update_id)
    return None if said.outcome == "kept" else said


async def on_edited(call: Call, participant: Participant) -> None:
    """Keep what was corrected: an answer is changed with "Back", not by editing a message."""
    await _answer(call, participant, await _keep(call, participant, _words_of(call)))


async def on_other(call: Call, participant: Participant) -> None:
    """Keep a picture or a voice message for the staff; its caption is heard and acted on like any words."""
    medium = _medium(call)
    said = await keep_words(call.study, participant, _words_of(call), call.update.update_id, medium)
    if not said.quiet:
        await _answer(call, participant, said)


_KINDS = ("photo", "voice", "video", "video_note", "document", "sticker", "location")


def _medium(call: Call) -> Medium:
    """Name what came: of a picture the largest size; what has no file is found by its message."""
    message = call.message
    name = next((each for each in _KINDS if getattr(message, each, None)), None)
    file: Any = getattr(message, name) if name else None
    if isinstance(file, list | tuple):
        file = file[-1]
    kind = name.removesuffix("_note") if name else "other"
    return Medium(kind, getattr(file, "file_id", None), message.message_id, message.media_group_id)


async def _keep(call: Call, participant: Participant, text: str) -> Said:
    return await keep_words(call.study, participant, text, call.update.update_id)


async def _answer(call: Call, participant: Participant, said: Said) -> None:
    """Say what became of the words; for what is RED the emergency text speaks, and nothing beside it."""
    if said.text_id is None:
        return
    screen = await receipts.acknowledgement(call.study, said.text_id)
    if screen is not None:
        sent = await reply(call, screen, participant.language)
        await receipts.acknowledged(call.study, said.text_id, sent.message_id)


def _words_of(call: Call) -> str:
    return call.message.text or call.message.caption or ""
