"""The daily test of the page: one button."""

from datetime import date

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens.taps import Tap
from bot.services.operation import selftest
from bot.study import Study
from bot.texts import Phrase, say
from handlers.common import edit


async def seen(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Record that the test was seen."""
    try:
        on = date.fromisoformat(tap.word(0))
    except ValueError as error:
        raise StaleTap("no date") from error
    first = await selftest.seen(study, staff.ref, on)
    await edit(query, study, await selftest.screen(study, on), staff.language)
    return say("selftest.thanks") if first else say("toast.already")
