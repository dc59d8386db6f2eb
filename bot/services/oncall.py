"""Being on call: taken and left by a button, and on the trail."""

from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import NotAllowed
from bot.services.trail import record
from bot.storage import staff
from bot.study import Study


async def on_call(study: Study) -> list[StaffMember]:
    """Return who is on call now."""
    async with study.db.begin() as tx:
        return await staff.on_call(tx)


async def set_duty(study: Study, by: PersonRef, *, on: bool) -> bool:
    """Take or leave duty; False when that was so before. Pages of alerts follow from the next round on."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await staff.get(tx, by.id) if by.kind == "staff" else None
        if member is None or not member.may(Action.BE_ON_CALL):
            raise NotAllowed(Action.BE_ON_CALL)
        if member.on_call == on:
            return False
        await staff.set_on_call(tx, member.id, on)
        before = {"on_call": member.on_call}
        await record(tx, study, by, "set_on_call", now, subject=by, before=before, after={"on_call": on})
        return True
