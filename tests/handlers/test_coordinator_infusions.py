"""Infusions that did not go as planned, and visits on days off, in the coordinator's chat."""

from datetime import UTC, date, datetime, timedelta

from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import through, toasts
from tests.handlers.test_coordinator_visits import DAY1_NOON, facts, step_by_step

# 7 December 2026, 12:30 in Shanghai: Day 4, the first infusion of cells.
DAY4_NOON = datetime(2026, 12, 7, 4, 30, tzinfo=UTC)
DAY4 = "Day 4: cell infusion, Mon, Dec 7"


async def on_day_4(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    stage.clock.set(DAY1_NOON)
    row = await stage.row(wang)
    began_at = DAY1_NOON - timedelta(hours=4)
    await infusions.record(stage.app.study, SYSTEM, row, "D1", began_at, DAY1_NOON)
    stage.clock.set(DAY4_NOON)
    await stage.act()
    await stage.act(lin.command("infusion"))
    return lin, wang


async def test_a_delayed_infusion_shows_the_clocks_the_spacing_and_that_the_follow_up_stays(stage):
    lin, wang = await on_day_4(stage)
    chosen = ("001", DAY4, "📅 Delay it to another day", "Tue, Dec 8", "Fever or infection")
    shown = await step_by_step(stage, lin, *chosen)
    assert "Delayed to Tue, Dec 8" in shown.text
    assert "Safety clocks count from Dec 8 12:30 (before: Dec 7 12:30)" in shown.text
    assert "Day 6: cell infusion, Wed, Dec 9: 1 day after the one before (plan: 2)" in shown.text
    assert "Other infusions stay on their days" in shown.text
    assert "Follow-up visits stay where they are" in shown.text
    assert (await facts(stage, wang, "D4")).moved_to_on is None
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert "Delayed: 001" in lin.message(shown.id).text
    assert (await facts(stage, wang, "D4")).moved_to_on == date(2026, 12, 8)
    assert (await facts(stage, wang, "D6")).moved_to_on is None


async def test_a_held_infusion_shows_that_the_clocks_stop_and_can_be_undone(stage):
    lin, wang = await on_day_4(stage)
    shown = await step_by_step(stage, lin, "001", DAY4, "⏸ Not given: hold it", "say bed <taken>")
    assert "no longer count from this infusion" in shown.text
    assert "bed <taken>" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await facts(stage, wang, "D4")).status == "held"
    await stage.act(lin.command("infusion"))
    held = "Day 4: cell infusion, Mon, Dec 7, held"
    shown = await step_by_step(stage, lin, "001", held, "↩️ Undo the record", "Entered by mistake")
    assert "the plan counts again" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await facts(stage, wang, "D4")).status == "planned"


async def test_a_partial_dose_with_a_reaction_is_recorded_with_its_note(stage):
    lin, wang = await on_day_4(stage)
    first = ("001", DAY4, "It ended just now", "As planned, 08:30", "Part of the dose, with a reaction")
    shown = await step_by_step(stage, lin, *first, "say chills, stopped", "✅ Record it")
    assert "Recorded: 001" in shown.text
    known = await facts(stage, wang, "D4")
    assert (known.dose_given, known.reaction) == ("partial", True)


async def test_a_record_is_corrected_only_with_a_reason_and_undone_with_one(stage):
    lin, wang = await on_day_4(stage)
    recorded = next(each for each in labels(await step_by_step(stage, lin, "001")) if "recorded" in each)
    shown = await step_by_step(stage, lin, recorded)
    assert "Another time corrects the record" in shown.text
    shown = await step_by_step(stage, lin, "say 2026-12-04 13:00", "4 h before", "Whole dose, no reaction")
    assert "There is a record already" in shown.text
    shown = await step_by_step(stage, lin, "Entered by mistake")
    assert "Safety clocks count from Dec 4 13:00 (before: Dec 4 12:30)" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await facts(stage, wang, "D1")).ended_at == DAY1_NOON + timedelta(minutes=30)


async def test_undoing_day_1_shows_that_the_follow_up_goes_back_with_it(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    stage.clock.set(DAY1_NOON)
    row = await stage.row(wang)
    stage.clock.set(DAY1_NOON + timedelta(days=1))
    began_at = DAY1_NOON + timedelta(hours=20)
    await infusions.record(
        stage.app.study, SYSTEM, row, "D1", began_at, began_at + timedelta(hours=4), reason="late"
    )
    assert (await stage.row(wang)).day1_on == date(2026, 12, 5)
    await stage.act()
    await stage.act(lin.command("infusion"))
    visits = labels(await step_by_step(stage, lin, "001"))
    recorded = next(each for each in visits if "recorded" in each)
    shown = await step_by_step(stage, lin, recorded, "↩️ Undo the record", "Entered by mistake")
    assert "Follow-up visits move along" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await stage.row(wang)).day1_on == date(2026, 12, 4)


async def test_a_code_that_comes_with_the_command_is_not_asked_for_again(stage):
    lin, _ = await on_day_4(stage)
    await stage.act(lin.tap("✕ Cancel"))
    await stage.act(lin.command("infusion 1"))
    assert "001: which infusion?" in lin.last.text
    await stage.act(lin.tap("✕ Cancel"))
    await stage.act(lin.command("infusion 77"))
    assert "⚠️" in lin.last.text
    assert "001" in labels(lin.last)


async def test_the_code_stays_when_another_task_is_dropped_for_the_command(stage):
    lin, _ = await on_day_4(stage)
    await stage.act(lin.command("infusion 001"))
    assert "in the middle of" in lin.last.text
    await stage.act(lin.tap("Drop it and start “Record an infusion”"))
    assert "001: which infusion?" in lin.last.text
    await stage.act(lin.command("infusion " + "9" * 60))
    await stage.act(lin.tap("Drop it and start “Record an infusion”"))
    assert "Which participant?" in lin.last.text


async def test_the_planned_hour_is_no_start_of_one_that_ended_the_next_morning(stage):
    lin, _ = await on_day_4(stage)
    shown = await step_by_step(stage, lin, "001", DAY4, "It ended just now")
    assert "As planned, 08:30" in labels(shown)
    await stage.act(lin.tap("✕ Cancel", shown.id))
    await stage.act(lin.command("infusion 001"))
    await stage.clock.push(timedelta(hours=20))
    shown = await step_by_step(stage, lin, DAY4, "It ended just now")
    assert "1 h before" in labels(shown)
    assert "As planned, 08:30" not in labels(shown)


async def test_an_infusion_on_another_day_asks_why(stage):
    lin, _ = await on_day_4(stage)
    next_infusion = "say 2026-12-05 12:00"
    shown = await step_by_step(
        stage, lin, "001", DAY4, next_infusion, "3 h before", "Whole dose, no reaction"
    )
    assert "not the planned day" in shown.text


async def test_the_list_of_days_off_is_confirmed_in_the_chat(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, "say 001", "NK010", "2.5 × 10⁹ cells", "say 2026-12-07", "say 2026-11-20")
    await through(stage, lin, "English", "None of these", "Skip, add it later", "✅ Enrol")
    stage.clock.set(stage.clock.now() + timedelta(minutes=3))
    await stage.act()
    shown = lin.last
    assert "001: 4 visits fall on a day off." in shown.text
    await stage.act(lin.tap("✅ Day 14 visit → Mon, Dec 21", shown.id))
    assert "3 visits" in lin.message(shown.id).text
    await stage.act(lin.tap("✅ Confirm all 3", shown.id))
    assert "no visit falls on a day off" in lin.message(shown.id).text
    await stage.act(lin.forge("off:one:1:D14:2026-12-20:2026-12-21", shown.id))
    assert "out of date" in toasts(lin)[-1]


async def test_reschedule_marks_days_off_and_names_the_holiday(stage):
    lin, _ = await stage.coordinator(), await stage.participant(day1_on=date(2026, 12, 2))
    await stage.act(lin.command("reschedule"))
    shown = await step_by_step(stage, lin, "001", "Day 28 visit, Tue, Dec 29")
    marked = labels(shown)
    assert "✓ Wed, Dec 30" in marked
    assert "✕ Jan 1 New Year's Day" in marked
    assert "✕ Sun, Dec 27" in marked
    shown = await step_by_step(stage, lin, "✓ Wed, Dec 30", "say 10:15", "The site needs it")
    assert "Tue, Dec 29 → Wed, Dec 30, 10:15" in shown.text
