"""Alerts in the hands of staff: take, open, list."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.screens import alert_log, alert_words, alerts_list
from bot.screens import alerts as screens
from bot.screens.alerts_list import Filters
from bot.screens.taps import Tap
from bot.services.alerts import acts, closing, downgrade, listed, reached
from bot.services.alerts.acts import Acted
from bot.services.talk import wrote
from bot.study import Study
from bot.texts import Phrase, Screen
from handlers.common import Call, edit, reply


async def take(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Take the alert, or show who has it."""
    return await show(study, staff, query, await acts.acknowledge(study, staff.ref, tap.number(0)))


async def show(study: Study, staff: StaffMember, query: CallbackQuery, acted: Acted) -> Phrase | None:
    """Show the alert as it is after a press, and return what to say in passing."""
    await edit(query, study, screens.page(acted.view, study.clock.now(), staff), staff.language)
    return acted.toast


async def open_(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show an alert, or what has happened to it."""
    await downgrade.leave(study, staff.ref)
    await reached.leave(study, staff.ref)
    await edit(query, study, await _opened(study, staff, tap), staff.language)
    return None


async def _opened(study: Study, staff: StaffMember, tap: Tap) -> Screen:
    if tap.args[1:] == ("log",):
        past = await closing.history(study, staff.ref, tap.number(0))
        return alert_log.log(past.view, past.events, past.note)
    if tap.args[1:] == ("words",):
        found = await wrote.read(study, staff.ref, tap.number(0))
        return alert_words.wrote(found.view, found.texts)
    await closing.leave(study, staff.ref)
    view = await acts.open_(study, staff.ref, tap.number(0))
    return screens.page(view, study.clock.now(), staff)


async def list_(call: Call, staff: StaffMember) -> None:
    """Answer /alerts."""
    await reply(call, await _listing(call.study, staff), staff.language)


async def list_tapped(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show the list, filtered as the button says, or the times, in place of its message."""
    if tap.args == ("times",):
        screen = alerts_list.times(await listed.times(study, staff.ref))
    elif tap.args == ("who",):
        screen = alerts_list.whose(await listed.codes(study, staff.ref))
    else:
        screen = await _listing(study, staff, Filters.read(tap.args))
    await edit(query, study, screen, staff.language)
    return None


async def _listing(study: Study, staff: StaffMember, wanted: Filters | None = None) -> Screen:
    live, past = await listed.overview(study, staff.ref, wanted)
    return alerts_list.listing(live, past, study.clock.now(), wanted)
