"""A milder tier for an alert, and calls that nobody answered."""

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import alerts as alert_screens
from bot.screens import lowering as screens
from bot.screens.taps import Tap
from bot.services.alerts import acts, downgrade
from bot.study import Study
from bot.texts import Phrase, Screen
from handlers.common import Call, edit, reply, turn
from handlers.staff.alerts import show


async def lower(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Propose a milder tier step by step, or decide on a proposal."""
    alert_id, step = tap.number(0), tap.word(1)
    if step in ("ok", "no"):
        confirm = step == "ok"
        acted = await downgrade.decide(study, staff.ref, alert_id, tap.number(2), confirm=confirm)
        return await show(study, staff, query, acted)
    if step == "to" and query.message is not None:
        hours, message_id = tap.number(2), query.message.message_id
        view = await downgrade.ask_reason(study, staff.ref, alert_id, hours, message_id)
        await edit(query, study, screens.ask_reason(view, hours), staff.language)
        return None
    if step != "ask":
        raise StaleTap("no such step of a downgrade")
    view = await acts.open_(study, staff.ref, alert_id)
    await edit(query, study, screens.ask_tier(view), staff.language)
    return None


async def on_reason(call: Call, staff: StaffMember) -> bool:
    """Take what is typed as the reason that is waited for; False when none is."""
    proposed = await downgrade.typed(call.study, staff.ref, call.message.text or "")
    if proposed is None:
        return False
    if isinstance(proposed, Phrase):
        await reply(call, Screen((proposed,)), staff.language)
        return True
    view, message_id = proposed
    screen = alert_screens.page(view, call.study.clock.now(), staff)
    await turn(call, message_id, screen, staff.language)
    return True


async def tried(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Ask who was called in vain; record it when the button says who."""
    if len(tap.args) > 2:
        acted = await acts.tried(study, staff.ref, tap.number(0), tap.word(2))
        return await show(study, staff, query, acted)
    view = await acts.open_(study, staff.ref, tap.number(0))
    await edit(query, study, screens.whom(view), staff.language)
    return None
