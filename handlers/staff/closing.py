"""Closing an alert: outcome, adverse event, note, summary, confirm."""

from typing import cast

from telegram import CallbackQuery

from bot.domain.people import StaffMember
from bot.errors import StaleTap
from bot.screens import alerts as screens
from bot.screens import closing
from bot.screens.closing import Waits
from bot.screens.sae_draft import draft
from bot.screens.taps import Tap
from bot.services.alerts import closing as alerts_closing
from bot.services.alerts.acts import Acted
from bot.services.alerts.closing import Step
from bot.study import Study
from bot.texts import Phrase, Screen
from handlers.common import Call, edit, reply, turn
from handlers.staff.alerts import show


async def begin(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Show the outcomes; or draft the form of a serious event, or record that it was sent."""
    if tap.args[2:] == ("sent",):
        return await show(study, staff, query, await alerts_closing.sae_sent(study, staff.ref, tap.number(0)))
    if tap.args[2:] == ("draft",):
        return await _draft(study, staff, tap, query)
    step = await alerts_closing.begin(study, staff.ref, tap.number(0), tap.number(1))
    return await _next(study, staff, query, step)


async def _draft(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    found = await alerts_closing.sae_draft(study, staff.ref, tap.number(0))
    if isinstance(found, Acted):
        return await show(study, staff, query, found)
    await edit(query, study, draft(found.view, found.note), staff.language)
    return None


async def choose(study: Study, staff: StaffMember, tap: Tap, query: CallbackQuery) -> Phrase | None:
    """Go on with what was chosen so far; the last press closes."""
    alert_id, version, code = tap.number(0), tap.number(1), tap.word(2)
    flags = tap.args[3] if len(tap.args) > 3 else ""
    then = tap.args[4] if len(tap.args) > 4 else ""
    if then == "ok":
        closed = await alerts_closing.close(study, staff.ref, alert_id, version, code, flags)
        if isinstance(closed, Acted):
            return await show(study, staff, query, closed)
        return await _next(study, staff, query, closed)
    if query.message is None:
        raise StaleTap("a button without its message")
    waits = cast("Waits", then) if then in closing.ASKED else None
    step = await alerts_closing.choose(
        study,
        staff.ref,
        alert_id,
        version,
        code,
        flags,
        waits=waits,
        message_id=query.message.message_id,
    )
    return await _next(study, staff, query, step, waits)


async def _next(
    study: Study, staff: StaffMember, query: CallbackQuery, step: Step, waits: Waits | None = None
) -> Phrase | None:
    await edit(query, study, _screen(study, staff, step, waits), staff.language)
    return step.refused


def _screen(study: Study, staff: StaffMember, step: Step, waits: Waits | None = None) -> Screen:
    if step.refused is not None:
        return screens.page(step.view, study.clock.now(), staff)
    if step.choice is None:
        return closing.outcomes(step.view)
    if waits is not None:
        return closing.ask_typed(step.view, step.choice, waits)
    return closing.ask(step.view, step.choice)


async def on_text(call: Call, staff: StaffMember) -> bool:
    """Take what is typed as the note or the day that is waited for; False when none is."""
    step = await alerts_closing.typed(call.study, staff.ref, call.message.text or "")
    if step is None:
        return False
    if isinstance(step, Phrase):
        await reply(call, Screen((step,)), staff.language)
        return True
    screen = _screen(call.study, staff, step)
    await turn(call, step.message_id, screen, staff.language)
    return True
