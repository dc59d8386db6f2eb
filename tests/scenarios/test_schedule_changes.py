"""The plan changes while it runs: what a participant's phone shows follows the change, and nothing else."""

from datetime import date, datetime, time
from random import Random

from bot.domain.people import Role
from bot.sandbox.crew import Patient
from bot.services.trail import SYSTEM
from bot.services.visits import days_off, infusions, outcomes, visits
from bot.storage import participants
from tests.scenarios.theatre import ZONE, Theatre, theatre

SCREEN, FORM, VISIT = "共 8 题", "共 22 题", "来院提醒"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


async def opened(stage: Theatre, day1_on: date):
    """Let a coordinator and one participant join, who answers whatever is asked."""
    lin = await stage.staff("林小禾", Role.COORDINATOR, "zh_CN")
    enrolled = await stage.enrol("001", day1_on, "zh_CN")
    phone = await stage.joins("001", enrolled, "zh_CN")
    stage.answers_by_itself(Patient(phone, Random(1)))
    return lin, phone


async def row(stage: Theatre):
    async with stage.stage.study.db.begin() as tx:
        found = await participants.by_code(tx, "001")
    assert found is not None
    return found


def on(stage: Theatre, phone, day: int, words: str) -> list[str]:
    """Return when messages with these words came on a day of December."""
    return [
        f"{when:%H:%M}"
        for when, text in stage.letters(phone)
        if when.date() == date(2026, 12, day) and words in text
    ]


async def test_a_delayed_infusion_is_screened_for_and_asked_about_on_its_new_day() -> None:
    async with theatre(date(2026, 11, 30)) as stage:
        _, phone = await opened(stage, date(2026, 12, 1))
        await stage.until(date(2026, 12, 1), time(13))
        await stage.infusion("001", "D1", at(1, 9), at(1, 12))
        await stage.until(date(2026, 12, 3), time(12))
        move = (stage.stage.study, SYSTEM, await row(stage), "D4")
        await visits.move(*move, date(2026, 12, 5), None, "a cold")
        await stage.until(date(2026, 12, 5), time(12))
        await stage.infusion("001", "D4", at(5, 9), at(5, 11))
        await stage.until(date(2026, 12, 6), time(0))
        # Nothing on the old day but the eve of the new one.
        assert on(stage, phone, 4, SCREEN) == ["19:00"]
        assert on(stage, phone, 4, "今天就是您的预约") == []
        assert on(stage, phone, 5, SCREEN) == ["06:30"]
        assert on(stage, phone, 5, "今天就是您的预约") == ["07:00"]
        # Four hours after its end; eight hours after it meets the eve of Day 6, which asks it all.
        assert on(stage, phone, 5, FORM) == ["15:00"]
        coming = {
            each.visit_type: each.on for each in await visits.upcoming(stage.stage.study, await row(stage))
        }
        assert (coming["D6"], coming["D14"]) == (date(2026, 12, 6), date(2026, 12, 14))


async def test_an_undone_record_brings_the_planned_hours_back() -> None:
    async with theatre(date(2026, 11, 30)) as stage:
        _, phone = await opened(stage, date(2026, 12, 1))
        await stage.until(date(2026, 12, 1), time(10))
        # Recorded for the wrong participant: it ended at ten, and the form would come at two.
        await stage.infusion("001", "D1", at(1, 8, 30), at(1, 10))
        await stage.until(date(2026, 12, 1), time(11))
        await infusions.undo(stage.stage.study, SYSTEM, await row(stage), "D1", "the wrong participant")
        await stage.until(date(2026, 12, 1), time(19))
        # 08:30 and the five hours that are assumed, and four more.
        assert on(stage, phone, 1, FORM) == ["17:30"]


async def test_missed_elsewhere_and_extra_visits_are_announced_as_they_are() -> None:
    async with theatre(date(2026, 12, 6)) as stage:
        _, phone = await opened(stage, date(2026, 12, 1))
        study = stage.stage.study
        await stage.until(date(2026, 12, 14), time(12))
        known = await row(stage)
        await outcomes.settle(study, SYSTEM, known, "D14", "missed", reason="did not come")
        extra_on = date(2026, 12, 16)
        await outcomes.add_unscheduled(study, SYSTEM, known, extra_on, time(9), "instead of Day 14")
        await stage.until(extra_on, time(12))
        assert on(stage, phone, 16, VISIT) == ["07:00"]
        assert "加做的随访" in next(text for when, text in stage.letters(phone) if when == at(16, 7))
        elsewhere = {"where": "county hospital", "reason": "snow", "at": at(16, 9)}
        await outcomes.settle(study, SYSTEM, known, "U1", "elsewhere", **elsewhere)  # type: ignore[arg-type]
        phone.command("visits")
        await stage.stage.settle()
        assert "没有来" in phone.last.text
        assert "在别的医院做了" in phone.last.text


async def test_a_day_off_is_proposed_and_the_confirmed_day_is_the_one_announced() -> None:
    """Day 1 on Monday 7 December: Day 14 is a Sunday."""
    async with theatre(date(2026, 12, 12)) as stage:
        lin, phone = await opened(stage, date(2026, 12, 7))
        await stage.until(date(2026, 12, 12), time(9, 5))
        assert "有 4 次访视落在休息日" in lin.last.text.replace("<b>", "").replace("</b>", "")
        lin.tap("✅ 全部确认（4）")
        await stage.stage.settle()
        assert "没有访视落在休息日" in lin.last.text
        known = await row(stage)
        async with stage.stage.study.db.begin() as tx:
            view = await days_off.view_of(stage.stage.study, tx, known, stage.stage.clock.now())
        assert view.proposals == ()
        await stage.until(date(2026, 12, 21), time(8))
        assert on(stage, phone, 20, "今天就是您的预约") == []
        assert on(stage, phone, 21, "今天就是您的预约") == ["07:00"]
