"""Handing a join link over: the link, its QR picture, and a new one where it was lost."""

import logging

from telegram import Bot, CallbackQuery, Message
from telegram.constants import ParseMode

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import enrol as screens
from bot.screens.taps import Tap
from bot.services.participation.handing import card_of, new_link
from bot.services.staff import overview
from bot.study import Study
from bot.texts import Moment, Phrase, Verbatim, locales, say
from handlers.common import markup, remove, send

log = logging.getLogger(__name__)


async def pressed(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """List who has not joined, make a new link, or take the picture away."""
    what, bot, chat_id = tap.word(0), query.get_bot(), query.from_user.id
    if what == "list":
        waiting = await overview.not_joined(study, staff.ref)
        screen = screens.waiting(waiting, study.site.zone, study.clock.now())
        await send(study, bot, chat_id, screen, staff.language)
        return None
    if what == "new":
        await hand_over(study, bot, chat_id, staff, tap.number(1))
        await _remove_picture(query)
        await remove(bot, chat_id, tap.number(2) if len(tap.args) > 2 else None)
        return say("invite.toast_new")
    if what == "done":
        await _remove_picture(query)
        await remove(bot, chat_id, tap.number(2) if len(tap.args) > 2 else None)
        return say("toast.noted")
    raise StaleTap(f"nothing is called {what}")


async def hand_over(study: Study, bot: Bot, chat_id: int, staff: StaffMember, participant_id: int) -> None:
    """Make a join link and send it with its picture and a card to print; an older link can no longer be used.

    Sent directly: only the hash of the code is kept, and a lost picture is
    replaced by a new link.
    """
    participant, invitation = await new_link(study, staff.ref, participant_id)
    to_read = "\n".join(
        study.texts.plain(locale, say("invite.sentence")) for locale in locales(participant.language)
    )
    screen = screens.invitation(
        participant.id,
        participant.code,
        invitation.link,
        Moment(invitation.expires_at, study.site.zone),
        Verbatim(to_read, to_read),
    )
    _, page = await card_of(study, participant, invitation)
    paper = study.texts.render(screens.paper(participant.code), staff.language)
    sent = await bot.send_document(
        chat_id, page, filename=f"{participant.code}.pdf", caption=paper.text, parse_mode=ParseMode.HTML
    )
    shown = study.texts.render(screens.with_paper(screen, participant.id, sent.message_id), staff.language)
    await bot.send_photo(
        chat_id,
        invitation.png(),
        caption=shown.text,
        parse_mode=ParseMode.HTML,
        reply_markup=markup(shown.keyboard),
    )


async def _remove_picture(query: CallbackQuery) -> None:
    """Delete the picture with the link that is used or void; a list of buttons stays."""
    if isinstance(query.message, Message) and query.message.photo:
        await remove(query.get_bot(), query.message.chat.id, query.message.message_id)
