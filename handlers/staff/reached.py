"""The participant was reached: how, and when, now or some minutes ago."""

from datetime import UTC, datetime

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import BadInput, StaleTap
from bot.screens import alerts as pages
from bot.screens import reached as screens
from bot.screens.taps import Tap
from bot.services.alerts import acts
from bot.services.alerts import reached as alerts_reached
from bot.study import Study
from bot.texts import Phrase, Screen
from handlers.common import Call, edit, turn
from handlers.staff.alerts import show


async def reached(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Ask how the participant was reached; record it when the button says how."""
    alert_id, way = tap.number(0), tap.args[2] if len(tap.args) > 2 else ""
    if way == "at" and tap.word(3) == screens.TYPED:
        return await _ask_time(study, staff, alert_id, query)
    await alerts_reached.leave(study, staff.ref)
    at = _minute(tap) if len(tap.args) > 3 else None
    if way in ("", "at"):
        return await _ask_how(study, staff, alert_id, at, query)
    try:
        acted = await acts.contact(study, staff.ref, alert_id, way, at)
    except BadInput as error:
        return Phrase(error.key)
    return await show(study, staff, query, acted)


def _minute(tap: Tap) -> datetime | None:
    if tap.word(3) == screens.NOW:
        return None
    try:
        return datetime.fromtimestamp(tap.number(3) * 60, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise StaleTap("no such minute") from error


async def _ask_how(
    study: Study, staff: StaffMember, alert_id: int, at: datetime | None, query: CallbackQuery
) -> Phrase | None:
    view = await acts.open_(study, staff.ref, alert_id)
    now = study.clock.now()
    done = view.state in ("contacted", "closed")
    await edit(
        query, study, pages.page(view, now, staff) if done else screens.how(view, now, at), staff.language
    )
    return None


async def _ask_time(study: Study, staff: StaffMember, alert_id: int, query: CallbackQuery) -> Phrase | None:
    if query.message is None:
        raise StaleTap("a button without its message")
    view = await alerts_reached.wait(study, staff.ref, alert_id, query.message.message_id)
    done = view.state in ("contacted", "closed")
    screen = pages.page(view, study.clock.now(), staff) if done else screens.ask(view)
    await edit(query, study, screen, staff.language)
    return None


async def on_time(call: Call, staff: StaffMember) -> bool:
    """Take what is typed as the time that is waited for; False when none is."""
    typed = await alerts_reached.typed(call.study, staff.ref, call.message.text or "")
    if typed is None:
        return False
    screen = _after(call.study, staff, typed)
    await turn(call, typed.message_id, screen, staff.language)
    return True


def _after(study: Study, staff: StaffMember, typed: alerts_reached.Typed) -> Screen:
    now = study.clock.now()
    if typed.refused is not None:
        return screens.ask(typed.view, typed.refused)
    if typed.at is None:
        return pages.page(typed.view, now, staff)
    return screens.how(typed.view, now, typed.at)
