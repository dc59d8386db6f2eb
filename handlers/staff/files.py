"""Pictures and voice messages of participants, sent to the one who asks, and protected from going further."""

from telegram import Bot, CallbackQuery
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens.taps import Tap
from bot.screens.threads import file_caption
from bot.services.talk import files
from bot.services.talk.files import ShownFile
from bot.study import Study
from bot.texts import Phrase, say


async def show(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Send the file of a text, or all that belongs to an alert."""
    if tap.word(0) == "text":
        found = [await files.of_text(study, staff.ref, tap.number(1))]
    elif tap.word(0) == "alert":
        found = await files.of_alert(study, staff.ref, tap.number(1))
    else:
        raise StaleTap(f"nothing is called {tap.word(0)}")
    shown = [await _send(study, query.get_bot(), query.from_user.id, staff, each) for each in found]
    return None if shown and all(shown) else say("threads.file_gone")


async def _send(study: Study, bot: Bot, chat_id: int, staff: StaffMember, file: ShownFile) -> bool:
    """Send one file; False where Telegram has it no more."""
    caption = study.texts.render(file_caption(file.code, file.at, file.zone), staff.language).text
    try:
        if file.kind == "photo" and file.file_id is not None:
            await bot.send_photo(
                chat_id, file.file_id, caption=caption, parse_mode=ParseMode.HTML, protect_content=True
            )
        elif file.kind == "document" and file.file_id is not None:
            await bot.send_document(
                chat_id, file.file_id, caption=caption, parse_mode=ParseMode.HTML, protect_content=True
            )
        elif file.chat_id is not None:
            # The caption of a copy would replace the participant's own; theirs stands in the thread.
            await bot.copy_message(chat_id, file.chat_id, file.message_id, protect_content=True)
        else:
            return False
    except BadRequest:
        return False
    return True
