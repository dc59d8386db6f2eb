"""Being on call: taken and left by a button or for some hours, planned by the week, swapped; on the trail."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.duty import Hours, day_starts_at, monday_of, week_of
from bot.domain.people import Action, PersonRef, Role, StaffMember
from bot.errors import NotAllowed, StaleTap
from bot.screens.oncall import DayView, DutyView, WeekView
from bot.services.alerts.duty import duty_of, knows, on_duty, wake
from bot.services.alerts.duty import today as today_of
from bot.services.staff.oncall_watch import tell_swap
from bot.services.trail import record
from bot.storage import duty as stored
from bot.storage import staff
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Phrase, say

HOURS = (4, 8, 12, 24)
# Further ahead nobody plans, and a forged date shall not fill the table.
_WEEKS_AHEAD = 12


async def overview(study: Study, by: PersonRef) -> DutyView:
    """Return who is on call now, until when, who comes next, and where nobody is."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        duty = await duty_of(study, tx, now)
        change = next(duty.changes(now, now + timedelta(days=21)), None)
        then = [] if change is None else [await staff.get(tx, who) for who in duty.at(change)]
        gaps = duty.gaps(now, now + duty.look_ahead)
        return DutyView(
            reader=member,
            zone=study.site.zone,
            today=today_of(study, now),
            on=tuple(await on_duty(study, tx, now)),
            change_at=change,
            then=tuple(each for each in then if each is not None),
            gap=gaps[0] if gaps else None,
            plans=member.may(Action.PLAN_DUTY),
        )


async def set_duty(study: Study, by: PersonRef, *, on: bool) -> bool:
    """Take duty until further notice, or leave it, the rota's included; False when that was so before.

    Pages of alerts follow from the next round on.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        was_on = member.id in (await duty_of(study, tx, now)).at(now)
        if was_on == on:
            return False
        await (_come_on(tx, member, now) if on else _go_off(study, tx, member, now))
        await _changed(study, tx, by, now, "set_on_call", {"on_call": was_on}, {"on_call": on})
        return True


async def _come_on(tx: Tx, member: StaffMember, now: datetime) -> None:
    # Whoever went off for today's rota and comes back needs no more than that.
    if not await stored.end_hours(tx, member.id, "off", now):
        await staff.set_on_call(tx, member.id, True)
    await knows(tx, member.id)


async def _go_off(study: Study, tx: Tx, member: StaffMember, now: datetime) -> None:
    await staff.set_on_call(tx, member.id, False)
    await stored.end_hours(tx, member.id, "on", now)
    if member.id in (await duty_of(study, tx, now)).at(now):
        tomorrow = today_of(study, now) + timedelta(days=1)
        ends_at = day_starts_at(tomorrow, study.site.zone, study.protocol.practice.duty_change.value)
        await stored.add_hours(tx, Hours(member.id, "off", now, ends_at))


async def take_hours(study: Study, by: PersonRef, hours: int) -> datetime:
    """Be on call for so many hours from now, whatever the rota says; return until when."""
    if hours not in HOURS:
        raise StaleTap("no such number of hours")
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        await stored.end_hours(tx, member.id, "off", now)
        await stored.end_hours(tx, member.id, "on", now)
        until = now + timedelta(hours=hours)
        await stored.add_hours(tx, Hours(member.id, "on", now, until))
        await knows(tx, member.id)
        await _changed(study, tx, by, now, "take_duty_hours", None, {"until": until.isoformat()})
        return until


async def week(study: Study, by: PersonRef, on: date) -> WeekView:
    """Return the week of a date, as the reader may change it."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        return await _week(study, tx, await _allowed(tx, by), on, now)


async def _week(study: Study, tx: Tx, member: StaffMember, on: date, now: datetime) -> WeekView:
    today = today_of(study, now)
    if abs((monday_of(on) - today).days) > _WEEKS_AHEAD * 7:
        raise StaleTap("nobody plans so far ahead")
    dates = week_of(on)
    held = await stored.days(tx, dates[0], dates[-1])
    everyone = {each.id: each for each in await staff.active_with_roles(tx, list(Role))}
    days = tuple(DayView(day, everyone.get(held.get(day, 0)), is_past=day < today) for day in dates)
    before = await stored.days(tx, dates[0] - timedelta(days=7), dates[0] - timedelta(days=1))
    return WeekView(
        member,
        days,
        tuple(everyone.values()),
        today,
        member.may(Action.PLAN_DUTY),
        has_before=bool(before),
        standing=tuple(each for each in everyone.values() if each.on_call),
    )


async def set_day(study: Study, by: PersonRef, on: date, staff_id: int, held_by: int) -> WeekView | Phrase:
    """Give a day to somebody, or to nobody (0); a phrase says why not.

    `held_by` is who had it when the button was shown. Who does not plan may
    take a day that nobody has, for themselves.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        view = await _week(study, tx, member, on, now)
        day = next(each for each in view.days if each.on == on)
        if not view.plans and (staff_id != member.id or day.holder is not None):
            raise NotAllowed(Action.PLAN_DUTY)
        if day.is_past or day.holder_id != held_by:
            return say("oncall.toast_changed")
        if staff_id and staff_id not in {each.id for each in view.everyone}:
            raise StaleTap("not on the staff any more")
        await (stored.set_days(tx, {on: staff_id}) if staff_id else stored.clear_day(tx, on))
        before, after = {on.isoformat(): held_by}, {on.isoformat(): staff_id}
        await _changed(study, tx, by, now, "set_rota", before, after)
        return await _week(study, tx, member, on, now)


async def set_week(study: Study, by: PersonRef, on: date, staff_id: int) -> WeekView:
    """Give every day of a week that is not past to one person."""
    return await _fill(study, by, on, dict.fromkeys(week_of(on), staff_id))


async def copy_week(study: Study, by: PersonRef, on: date) -> WeekView | Phrase:
    """Fill a week as the one before it was; a phrase where that one was empty."""
    async with study.db.begin() as tx:
        monday = monday_of(on)
        before = await stored.days(tx, monday - timedelta(days=7), monday - timedelta(days=1))
    if not before:
        return say("oncall.toast_nothing")
    return await _fill(study, by, on, {day + timedelta(days=7): who for day, who in before.items()})


async def _fill(study: Study, by: PersonRef, on: date, wanted: Mapping[date, int]) -> WeekView:
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        if not member.may(Action.PLAN_DUTY):
            raise NotAllowed(Action.PLAN_DUTY)
        view = await _week(study, tx, member, on, now)
        known = {each.id for each in view.everyone}
        open_days = {each.on: each.holder_id for each in view.days if not each.is_past}
        days = {day: who for day, who in wanted.items() if day in open_days and who in known}
        await stored.set_days(tx, days)
        before = {day.isoformat(): open_days[day] for day in days}
        after = {day.isoformat(): who for day, who in days.items()}
        await _changed(study, tx, by, now, "set_rota", before, after)
        return await _week(study, tx, member, on, now)


async def ask_swap(study: Study, by: PersonRef, on: date, colleague: int) -> Phrase:
    """Ask a colleague to take one's own day; they answer by a button in their chat."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        view = await _week(study, tx, member, on, now)
        day = next(each for each in view.days if each.on == on)
        if day.is_past or day.holder_id != member.id:
            return say("oncall.toast_changed")
        if colleague == member.id or colleague not in {each.id for each in view.everyone}:
            raise StaleTap("no such colleague")
        asked = await stored.ask_swap(tx, on, member.id, colleague, now)
        if asked is None:
            return say("oncall.toast_asked_before")
        await tell_swap(tx, "asked", asked, now)
        await record(tx, study, by, "ask_swap", now, subject=PersonRef("staff", colleague), after=_day(on))
        return say("oncall.toast_asked")


async def answer_swap(study: Study, by: PersonRef, swap_id: int, *, accept: bool) -> Phrase:
    """Take a colleague's day, or not; void where the rota has changed since, or the day is past."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _allowed(tx, by)
        swap = await stored.swap(tx, swap_id)
        if swap is None or swap.to_staff_id != member.id:
            raise StaleTap("not asked")
        if swap.state != "asked":
            return say("toast.already")
        view = await _week(study, tx, member, swap.duty_on, now)
        day = next(each for each in view.days if each.on == swap.duty_on)
        if day.is_past or day.holder_id != swap.from_staff_id:
            await stored.settle_swap(tx, swap_id, "void", now)
            return say("oncall.toast_void")
        await stored.settle_swap(tx, swap_id, "accepted" if accept else "declined", now)
        await tell_swap(tx, "accepted" if accept else "declined", swap, now)
        if accept:
            await stored.set_days(tx, {swap.duty_on: member.id})
            before, after = {**_day(swap.duty_on), "by": swap.from_staff_id}, {"by": member.id}
            await _changed(study, tx, by, now, "swap_duty", before, after)
        return say("oncall.toast_swapped") if accept else say("oncall.toast_declined")


def _day(on: date) -> dict[str, str]:
    return {"duty_on": on.isoformat()}


async def _changed(
    study: Study, tx: Tx, by: PersonRef, now: datetime, action: str, before: Any, after: Any
) -> None:
    """Write the change down, and look at the rota at once: a gap may be there, or be gone."""
    await record(tx, study, by, action, now, subject=by, before=before, after=after)
    if await stored.last_day(tx) is not None:
        await wake(tx, now)


async def _allowed(tx: Tx, by: PersonRef) -> StaffMember:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.BE_ON_CALL):
        raise NotAllowed(Action.BE_ON_CALL)
    return member
