"""/privacy: what is kept in short, and all of it as a file."""

from telegram import CallbackQuery, InputFile

from bot.domain.people import Participant
from bot.screens import privacy as screens
from bot.screens.taps import Tap
from bot.services.participation.privacy import file_of
from bot.study import Study
from bot.texts import Phrase
from handlers.common import Call, edit, reply


async def privacy(call: Call, participant: Participant) -> None:
    """Say in short what is kept."""
    await reply(call, screens.privacy(call.study.site), participant.language)


async def privacy_tapped(
    study: Study, participant: Participant, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Send the file, or show the short page."""
    if tap.word(0) != "file":
        await edit(query, study, screens.privacy(study.site), participant.language)
        return None
    name, content = await file_of(study, participant)
    shown = study.texts.render(screens.file_caption(), participant.language)
    await query.get_bot().send_document(
        query.from_user.id,
        InputFile(content, filename=name),
        caption=shown.text,
        # A file to keep: it is theirs, and may be shown to whom they like.
        protect_content=False,
    )
    return None
