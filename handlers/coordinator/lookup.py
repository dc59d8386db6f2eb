"""/today and /participant: what staff look up."""

from telegram import CallbackQuery
from telegram.constants import ParseMode

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import card as cards
from bot.screens import deeds as deed_screens
from bot.screens import overview as screens
from bot.screens.taps import Tap
from bot.services.alerts import deeds
from bot.services.exports import curves
from bot.services.staff import overview, phones
from bot.study import Study
from bot.texts import Phrase, Screen, say
from handlers.common import Call, edit, edit_message, markup, reply, send
from handlers.coordinator import wizard


async def today(call: Call, staff: StaffMember) -> None:
    """Answer /today."""
    await reply(call, await _today(call.study, staff), staff.language)


async def today_tapped(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show today as it is now, in place of the message of the button."""
    await edit(query, study, await _today(study, staff), staff.language)
    return None


async def _today(study: Study, staff: StaffMember) -> Screen:
    return screens.today(await overview.today(study, staff.ref), staff.may)


async def participant(call: Call, staff: StaffMember) -> None:
    """Answer /participant CODE; without a code, ask whose card it shall be."""
    if call.words:
        screen = await _card(call.study, staff, call.words[0])
    else:
        screen = screens.pick(await overview.codes(call.study, staff.ref))
    await reply(call, screen, staff.language)


async def participant_tapped(
    study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery
) -> Phrase | None:
    """Show a card below, or what was done about its participant in its place."""
    if tap.args[1:] == ("log",):
        done = await deeds.of_participant(study, staff.ref, tap.word(0))
        if done is None:
            raise StaleTap("no such code")
        await edit(query, study, deed_screens.record(done), staff.language)
        return None
    if tap.args[1:] == ("hold",):
        await wizard.begin_for(study, staff, "infusion", tap.word(0), query)
        return None
    screen = await _card(study, staff, tap.word(0))
    await send(study, query.get_bot(), query.from_user.id, screen, staff.language)
    return None


async def _card(study: Study, staff: StaffMember, code: str) -> Screen:
    view = await overview.card(study, staff.ref, code)
    return screens.no_such(code) if view is None else cards.card(view, staff.may)


async def curve(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Send the picture of somebody's temperature."""
    whole = tap.args[1:] == ("all",)
    drawn = await curves.picture(study, staff.ref, tap.number(0), whole=whole)
    if drawn is None:
        return say("curve.toast_none")
    code, picture = drawn
    under = cards.under_curve(code, tap.number(0), whole=whole)
    shown = study.texts.render(under, staff.language)
    await query.get_bot().send_photo(
        query.from_user.id,
        picture,
        caption=shown.text,
        parse_mode=ParseMode.HTML,
        protect_content=True,
        reply_markup=markup(shown.keyboard),
    )
    return None


async def phone(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show a number in place of the card, hide it again, or begin to enter one."""
    what, participant_id = tap.word(0), tap.number(1)
    if what == "set":
        await wizard.begin_about(study, staff, "phone", participant_id, query)
        return None
    if what == "hide":
        view = await overview.card_of(study, staff.ref, participant_id)
        await edit(query, study, cards.card(view, staff.may), staff.language)
        return None
    if what != "look" or query.message is None:
        raise StaleTap(f"nothing is called {what}")
    message_id = query.message.message_id
    number = await phones.look(study, staff.ref, participant_id, message_id)
    if number is None:
        return say("phone.toast_none")
    # Only in this message: it is the one that is hidden again.
    shown = await edit_message(
        study, query.get_bot(), query.from_user.id, message_id, cards.phone(number), staff.language
    )
    return None if shown else say("phone.toast_again")
