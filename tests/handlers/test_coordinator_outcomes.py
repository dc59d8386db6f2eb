"""Recording what became of visits, adding one, and completing a study, in the coordinator's chat."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.people import ParticipantStatus
from bot.screens import deeds
from bot.services.visits import visits
from bot.storage import participants
from bot.texts import load_texts
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_visits import facts, step_by_step

# 17 December 2026, 12:00 in Shanghai: Day 14.
DAY14_NOON = datetime(2026, 12, 17, 4, tzinfo=UTC)
DAY14 = "Day 14 visit, Thu, Dec 17: no record yet"


async def on_day_14(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    stage.clock.set(DAY14_NOON)
    await stage.act()
    await stage.act(lin.command("record"))
    return lin, wang


async def test_a_visit_as_planned_takes_one_tap_and_its_confirmation(stage):
    lin, wang = await on_day_14(stage)
    shown = await step_by_step(stage, lin, "001", DAY14, "✅ Done as planned, 08:30", "✅ Record it")
    assert "Recorded: 001, Day 14 visit, Thu, Dec 17, 08:30" in shown.text
    assert (await facts(stage, wang, "D14")).status == "done"


async def test_a_visit_done_elsewhere_asks_when_where_and_why(stage):
    lin, wang = await on_day_14(stage)
    shown = await step_by_step(stage, lin, "001", DAY14, "🏥 Done elsewhere", "say soon")
    assert "⚠️" in shown.text
    shown = await step_by_step(stage, lin, "say 15:00")
    assert "still to come" in shown.text
    shown = await step_by_step(stage, lin, "say 09:00", "say County <hospital>", "The participant asked")
    assert "Where: County <hospital>" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await facts(stage, wang, "D14")).status == "elsewhere"
    await stage.act(wang.command("visits"))
    assert "在别的医院做了" in wang.last.text


async def test_a_missed_visit_is_taken_back_with_a_reason(stage):
    lin, wang = await on_day_14(stage)
    shown = await step_by_step(stage, lin, "001", DAY14, "✕ Missed", "say did not come", "✅ Record it")
    assert (await facts(stage, wang, "D14")).status == "missed"
    await stage.act(lin.command("record"))
    missed = "Day 14 visit, Thu, Dec 17: missed"
    shown = await step_by_step(stage, lin, "001", missed, "↩️ Undo the record", "say wrong visit")
    await stage.act(lin.tap("✅ Record it", shown.id))
    assert (await facts(stage, wang, "D14")).status == "planned"


async def test_a_visit_done_late_is_shown_as_a_deviation(stage):
    lin, _ = await on_day_14(stage)
    stage.clock.set(DAY14_NOON + timedelta(days=5))
    shown = await step_by_step(stage, lin, "001", DAY14, "🕘 Done at another time", "say 09:00", "say snow")
    assert "protocol deviation" in shown.text
    assert "Reason: snow" in shown.text


async def test_an_extra_visit_is_added_seen_by_the_participant_and_called_off(stage):
    lin, wang = await on_day_14(stage)
    shown = await step_by_step(
        stage, lin, "001", "➕ An extra visit", "Tue, Dec 22", "09:30", "say blood again"
    )
    assert "Tue, Dec 22, 09:30" in shown.text
    await stage.act(lin.tap("✅ Record it", shown.id))
    await stage.act(wang.command("visits"))
    assert any("加做的随访" in each for each in [wang.last.text, *labels(wang.last)])
    await stage.act(lin.command("record"))
    extra = "Extra visit, Tue, Dec 22: no record yet"
    await step_by_step(stage, lin, "001", extra, "✕ Call it off", "The site needs it", "✅ Record it")
    assert (await facts(stage, wang, "U1")).status == "cancelled"


async def test_a_study_is_completed_after_the_last_visit_and_not_before(stage):
    lin = await stage.coordinator()
    wang = await stage.participant(flags=frozenset({"CONTRACEPTION"}))
    await stage.act(lin.command("complete"))
    shown = await step_by_step(stage, lin, "001")
    assert "The last visit is neither recorded nor out of its window" in shown.text
    await stage.act(lin.tap("✕ Cancel", shown.id))
    row = await stage.row(wang)
    last = next(each for each in await visits.upcoming(stage.app.study, row) if each.visit_type == "M12")
    async with stage.app.study.db.begin() as tx:
        await participants.set_wake(tx, row.id, None)
    stage.clock.set(last.at + timedelta(hours=3))
    await stage.act()
    await stage.act(lin.command("record"))
    visit = next(each for each in labels(await step_by_step(stage, lin, "001")) if "Month 12" in each)
    await step_by_step(stage, lin, visit, "✅ Done as planned, 08:30", "✅ Record it")
    await stage.act(lin.command("complete"))
    shown = await step_by_step(stage, lin, "001")
    assert "1 reminder would not go out any more, on Dec 4 10:00" in shown.text
    await stage.act(lin.tap("🏁 Complete it", shown.id))
    assert "Completed: 001" in lin.message(shown.id).text
    assert (await stage.row(wang)).status is ParticipantStatus.COMPLETED
    assert date(2027, 12, 3) == last.on


@pytest.mark.parametrize(
    ("reason", "said"), [("participant", "The participant asked"), ("her son marries", "her son marries")]
)
def test_a_reason_that_was_a_button_is_read_as_its_word(reason, said):
    done = deeds.Done("settle_visit", datetime(2026, 12, 1, tzinfo=UTC), "staff", "Lin", reason)
    shown = load_texts().render(deeds.record(deeds.RecordView("001", "Asia/Shanghai", [done])), "en").text
    assert f"“{said}”" in shown
