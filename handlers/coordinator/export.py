"""/export: the facts of the trial as a file in the coordinator's own chat."""

import io
import zipfile

from telegram import CallbackQuery
from telegram.constants import ParseMode

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import export as screens
from bot.screens.taps import Tap
from bot.services.exports import exports
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import Call, reply


async def show(call: Call, staff: StaffMember) -> None:
    """Answer /export."""
    await reply(call, screens.choose(), staff.language)


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Send the file, without anybody's own words: those do not travel through a chat."""
    chosen = next((each for each in exports.FORMATS if each == tap.word(0)), None)
    if chosen is None:
        raise StaleTap("no such format")
    files = await exports.export(study, staff.ref, chosen, words=False)
    name, data = next(iter(files.items())) if len(files) == 1 else _zipped(files)
    shown = study.texts.render(screens.caption(chosen), staff.language)
    await query.get_bot().send_document(
        query.from_user.id,
        data,
        filename=name,
        caption=shown.text,
        parse_mode=ParseMode.HTML,
        protect_content=shown.protect,
    )
    return say("export.toast")


def _zipped(files: dict[str, bytes]) -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return f"{next(iter(files)).partition('/')[0]}-csv.zip", out.getvalue()
