"""Being on call: by the rota, for some hours, until further notice; gaps told ahead, duty handed over."""

from datetime import date, timedelta

import pytest

from bot.domain.duty import Gap
from bot.domain.people import Role
from bot.errors import NotAllowed, StaleTap
from bot.screens import oncall as screens
from bot.screens.oncall import DayView, DutyView, HandoverView, WeekView
from bot.services.alerts import acts, duty
from bot.services.staff import oncall, oncall_watch
from bot.storage import audit, phone_list, threads
from bot.texts import Phrase
from tests.services.conftest import shanghai
from tests.services.test_alerts import ZHAO, at, fever, lin, paged, wang

__all__ = ["lin", "wang"]

# The stage begins on Tuesday, 1 December 2026, 09:00.
TUESDAY = date(2026, 12, 1)
MONDAY = date(2026, 11, 30)
NEXT = date(2026, 12, 7)


@pytest.fixture
async def zhao(ward):
    return await ward.staff(ZHAO, Role.SUB_INVESTIGATOR, "Zhao")


async def on_now(study):
    async with study.db.begin() as tx:
        return [member.name for member in await duty.on_duty(study, tx, study.clock.now())]


async def run_until(study, instant):
    """Let the clock run, looking at the rota whenever its hint has passed."""
    while True:
        async with study.db.begin() as tx:
            hint = await duty.wake_at(tx)
        if hint is None or hint > instant:
            break
        study.clock.set(hint)
        await oncall_watch.tick(study)
    study.clock.set(instant)


async def notes(ward, kind="oncall_note", note=None):
    """Return (local time, whom, text) of every note of a kind."""
    return [
        (each.created_at, each.to.id, each)
        for each in await ward.queue(kind)
        if note in (None, each.params.get("note"))
    ]


async def test_the_coordinator_plans_a_week_and_the_rota_says_who_is_on_call(study, lin, zhao):
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    view = await oncall.week(study, lin.ref, TUESDAY)
    assert [day.holder_id for day in view.days] == [0, *[zhao.id] * 6]
    assert await on_now(study) == ["Zhao"]
    study.clock.set(shanghai(NEXT, 7, 59))
    assert await on_now(study) == ["Zhao"]
    study.clock.set(shanghai(NEXT, 8))
    assert await on_now(study) == []


async def test_a_week_is_copied_from_the_one_before(study, lin, zhao):
    assert (await oncall.copy_week(study, lin.ref, NEXT)) == Phrase("oncall.toast_nothing")
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    await oncall.set_day(study, lin.ref, date(2026, 12, 5), lin.id, zhao.id)
    copied = await oncall.copy_week(study, lin.ref, NEXT)
    assert isinstance(copied, WeekView)
    assert [day.holder_id for day in copied.days] == [0, *[zhao.id] * 4, lin.id, zhao.id]


async def test_the_page_follows_the_rota_as_it_is_at_that_minute(ward, study, wang, lin, zhao):
    await oncall.set_day(study, lin.ref, date(2026, 12, 9), zhao.id, 0)
    await fever(ward, wang)
    assert at(await paged(ward), 0) == {"Lin", "Zhao"}


async def test_who_does_not_plan_may_take_a_free_day_and_no_other(study, lin, zhao):
    on = date(2026, 12, 3)
    assert isinstance(await oncall.set_day(study, zhao.ref, on, zhao.id, 0), WeekView)
    for staff_id, held_by in ((lin.id, zhao.id), (0, zhao.id)):
        with pytest.raises(NotAllowed):
            await oncall.set_day(study, zhao.ref, on, staff_id, held_by)
    with pytest.raises(NotAllowed):
        await oncall.set_week(study, zhao.ref, on, zhao.id)
    with pytest.raises(NotAllowed):
        await oncall.set_day(study, zhao.ref, date(2026, 12, 4), lin.id, 0)


async def test_a_button_of_an_older_rota_a_past_day_and_a_far_date_change_nothing(study, lin, zhao):
    on = date(2026, 12, 3)
    await oncall.set_day(study, lin.ref, on, zhao.id, 0)
    assert await oncall.set_day(study, lin.ref, on, lin.id, 0) == Phrase("oncall.toast_changed")
    assert await oncall.set_day(study, lin.ref, MONDAY, lin.id, 0) == Phrase("oncall.toast_changed")
    with pytest.raises(StaleTap):
        await oncall.set_day(study, lin.ref, date(2031, 1, 1), lin.id, 0)
    with pytest.raises(StaleTap):
        await oncall.set_day(study, lin.ref, on, 99, zhao.id)


async def test_duty_for_some_hours_ends_by_itself(study, lin, zhao):
    assert await oncall.take_hours(study, zhao.ref, 8) == shanghai(TUESDAY, 17)
    assert await on_now(study) == ["Zhao"]
    study.clock.set(shanghai(TUESDAY, 17))
    assert await on_now(study) == []
    with pytest.raises(StaleTap):
        await oncall.take_hours(study, zhao.ref, 9999)


async def test_leaving_duty_of_the_rota_holds_until_the_next_duty_day(study, lin, zhao):
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    assert await oncall.set_duty(study, zhao.ref, on=False)
    assert await on_now(study) == []
    study.clock.set(shanghai(TUESDAY, 10))
    assert await oncall.set_duty(study, zhao.ref, on=True)
    assert await on_now(study) == ["Zhao"]
    study.clock.set(shanghai(TUESDAY, 11))
    await oncall.set_duty(study, zhao.ref, on=False)
    study.clock.set(shanghai(date(2026, 12, 2), 8))
    assert await on_now(study) == ["Zhao"]


async def test_a_colleague_accepts_a_swap_and_both_know(ward, study, lin, zhao):
    on = date(2026, 12, 4)
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    assert await oncall.ask_swap(study, zhao.ref, on, lin.id) == Phrase("oncall.toast_asked")
    assert await oncall.ask_swap(study, zhao.ref, on, lin.id) == Phrase("oncall.toast_asked_before")
    [(_, whom, asked)] = await notes(ward, note="swap_asked")
    assert whom == lin.id
    assert "Zhao asks you to be on call" in await ward.written(asked)
    with pytest.raises(StaleTap):
        await oncall.answer_swap(study, zhao.ref, 1, accept=True)
    assert await oncall.answer_swap(study, lin.ref, 1, accept=True) == Phrase("oncall.toast_swapped")
    assert await oncall.answer_swap(study, lin.ref, 1, accept=False) == Phrase("toast.already")
    [(_, whom, told)] = await notes(ward, note="swap_accepted")
    assert whom == zhao.id
    assert "Lin takes your duty" in await ward.written(told)
    assert await ward.written(asked) == "skipped: the swap is accepted"
    view = await oncall.week(study, lin.ref, on)
    assert [day.holder_id for day in view.days if day.on == on] == [lin.id]


async def test_a_swap_is_declined_or_void_when_the_rota_has_changed(ward, study, lin, zhao):
    on = date(2026, 12, 4)
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    await oncall.ask_swap(study, zhao.ref, on, lin.id)
    assert await oncall.answer_swap(study, lin.ref, 1, accept=False) == Phrase("oncall.toast_declined")
    assert "It stays yours" in await ward.written((await notes(ward, note="swap_declined"))[0][2])
    await oncall.ask_swap(study, zhao.ref, on, lin.id)
    await oncall.set_day(study, lin.ref, on, 0, zhao.id)
    assert await oncall.answer_swap(study, lin.ref, 2, accept=True) == Phrase("oncall.toast_void")
    assert await oncall.ask_swap(study, zhao.ref, on, lin.id) == Phrase("oncall.toast_changed")


async def test_the_end_of_the_rota_is_told_48_hours_ahead_and_once(ward, study, lin, zhao):
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    await run_until(study, shanghai(date(2026, 12, 20), 8))
    [(told_at, whom, note)] = await notes(ward, note="gap")
    assert (told_at, whom) == (shanghai(date(2026, 12, 5), 8), lin.id)
    assert note.params["from"] == shanghai(NEXT, 8).astimezone(note.created_at.tzinfo).isoformat()


async def test_a_gap_that_was_filled_meanwhile_is_not_told(ward, study, lin, zhao):
    await oncall.set_day(study, lin.ref, TUESDAY, zhao.id, 0)
    await oncall_watch.tick(study)
    [(_, _, note)] = await notes(ward, note="gap")
    text = await ward.written(note)
    assert "Nobody is on call</b> from Wed, Dec 2, 08:00 on." in text
    assert "[📅 Rota]" in text
    await oncall.set_day(study, lin.ref, date(2026, 12, 2), lin.id, 0)
    assert await ward.written(note) == "skipped: somebody is on call then"
    await oncall_watch.tick(study)
    assert [each.params["from"][:10] for _, _, each in await notes(ward, note="gap")] == [
        "2026-12-02",
        "2026-12-03",
    ]


async def test_who_leaves_duty_in_the_middle_of_a_day_leaves_a_gap_that_is_told_at_once(
    ward, study, lin, zhao
):
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    await oncall_watch.tick(study)
    study.clock.set(shanghai(TUESDAY, 12))
    await oncall.set_duty(study, zhao.ref, on=False)
    assert await oncall_watch.tick(study) == 1
    [(_, whom, note)] = await notes(ward, note="gap")
    assert whom == lin.id
    assert "Nobody is on call now" in await ward.written(note)


async def test_the_rota_warns_of_no_day_while_somebody_is_on_call_until_they_leave(ward, study, lin, zhao):
    bare = screens.week(await oncall.week(study, lin.ref, TUESDAY))
    assert study.texts.render(bare, "en").text.count("⚠️") == 6
    await oncall.set_duty(study, zhao.ref, on=True)
    covered = study.texts.render(screens.week(await oncall.week(study, lin.ref, TUESDAY)), "en")
    assert "⚠️" not in covered.text
    assert "Beside the rota on call until they leave: Zhao." in covered.text
    assert not any("⚠️" in button["text"] for row in covered.keyboard for button in row)


async def test_without_a_rota_nobody_is_nagged(ward, study, lin, zhao):
    await oncall.set_duty(study, zhao.ref, on=True)
    assert await oncall_watch.tick(study) == 0
    assert await ward.queue("oncall_note") == []


async def test_duty_is_handed_over_to_whoever_comes_on_with_what_is_open(ward, study, wang, lin, zhao):
    on = date(2026, 12, 9)
    await oncall.set_day(study, lin.ref, on, lin.id, 0)
    await oncall.set_day(study, lin.ref, on + timedelta(days=1), zhao.id, 0)
    await oncall_watch.tick(study)
    await fever(ward, wang)
    await acts.acknowledge(study, lin.ref, 1)
    await run_until(study, shanghai(on + timedelta(days=1), 8))
    [handover] = await ward.queue("handover")
    assert handover.to == zhao.ref
    text = await ward.written(handover)
    assert "You are on call now" in text
    assert "Until Fri, Dec 11, 08:00." in text
    assert "🔴 RED · 001 · Dec 9 11:00 · Lin has it" in text
    assert "paged last: Lin, Dec 9 11:00" in text
    assert "[🔴 RED · 001]" in text


async def test_the_hand_over_names_whom_to_telephone_and_what_is_overdue(ward, study, wang, lin, zhao):
    on = date(2026, 12, 9)
    await oncall.set_day(study, lin.ref, on, lin.id, 0)
    await oncall.set_day(study, lin.ref, on + timedelta(days=1), zhao.id, 0)
    await oncall_watch.tick(study)
    now = study.clock.now()
    async with study.db.begin() as tx:
        await phone_list.put(tx, wang.id, "stopped", now)
        await threads.wait(tx, wang.id, now, now + timedelta(hours=4))
    await run_until(study, shanghai(on + timedelta(days=1), 8))
    [handover] = await ward.queue("handover")
    text = await ward.written(handover)
    assert "To be called, from the phone list: 001" in text
    assert "Messages overdue: 001 (/messages)" in text
    async with study.db.begin() as tx:
        await phone_list.mark_called(tx, wang.id, lin.id, study.clock.now())
        await threads.answered(tx, wang.id)
    text = await ward.written(handover)
    assert "To be called" not in text
    assert "overdue" not in text


async def test_who_takes_duty_by_a_button_knows_it_and_gets_no_hand_over(ward, study, lin, zhao):
    await oncall.set_week(study, lin.ref, TUESDAY, lin.id)
    await oncall_watch.tick(study)
    await oncall.take_hours(study, zhao.ref, 4)
    await run_until(study, shanghai(TUESDAY, 20))
    assert await ward.queue("handover") == []


async def test_every_change_of_duty_is_on_the_trail(ward, study, lin, zhao):
    await oncall.set_week(study, lin.ref, TUESDAY, zhao.id)
    await oncall.ask_swap(study, zhao.ref, date(2026, 12, 4), lin.id)
    await oncall.answer_swap(study, lin.ref, 1, accept=True)
    await oncall.take_hours(study, zhao.ref, 4)
    await oncall.set_duty(study, zhao.ref, on=False)
    theirs = {"set_rota", "ask_swap", "swap_duty", "take_duty_hours", "set_on_call"}
    done = [each for each in await ward.actions() if each in theirs]
    assert done == ["set_rota", "ask_swap", "swap_duty", "take_duty_hours", "set_on_call"]
    async with study.db.begin() as tx:
        assert await audit.verify(tx) == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_screen_of_duty_reads_in_both_languages(study, language):
    from bot.domain.people import StaffMember

    lin = StaffMember(1, "Lin", Role.COORDINATOR, language, "active")
    zhao = StaffMember(2, "Zhao", Role.PI, language, "active")
    now = shanghai(TUESDAY, 9)
    days = tuple(
        DayView(MONDAY + timedelta(days=n), (lin, zhao, None)[n % 3], is_past=n < 1) for n in range(7)
    )
    view = WeekView(lin, days, (lin, zhao), TUESDAY, plans=True, has_before=True)
    nobody = DutyView(lin, "Asia/Shanghai", TUESDAY, (), now, (zhao,), Gap(now, now), plans=True)
    some = DutyView(lin, "Asia/Shanghai", TUESDAY, (lin,), now, (), Gap(now + timedelta(1), now), plans=True)
    shown = [
        screens.on_call(nobody),
        screens.on_call(some),
        screens.ask_hours(),
        screens.week(view),
        screens.day(view, days[1]),
        screens.whole_week(view),
        screens.colleagues(view, days[1]),
        screens.gap(now, None, MONDAY, "Asia/Shanghai", now),
        screens.gap(now, now, MONDAY, "Asia/Shanghai", now - timedelta(hours=1)),
        screens.handover(HandoverView("Asia/Shanghai", now, (), (), ("001",), ("002",), ("003",), 2, now)),
    ]
    shown += [screens.swap(note, 7, "Zhao", TUESDAY) for note in screens.SWAPS]
    for screen in shown:
        assert study.texts.render(screen, language).text
        # Every screen of duty has a way on or back.
        assert screen.buttons
