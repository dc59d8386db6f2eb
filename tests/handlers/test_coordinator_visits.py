"""Recording infusions, moving visits, and looking things up, over HTTP."""

from datetime import UTC, date, datetime, timedelta

from bot.domain.people import ParticipantStatus, Role
from bot.services.visits.visits import upcoming
from bot.storage import answers, checkins, participants, visits
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts

# 4 December 2026, 12:30 in Shanghai: Day 1, after the infusion.
DAY1_NOON = datetime(2026, 12, 4, 4, 30, tzinfo=UTC)


async def step_by_step(stage, person, *deeds):
    shown = person.last.id
    for deed in deeds:
        await stage.act(person.say(deed[4:]) if deed.startswith("say ") else person.tap(deed, shown))
    return person.message(shown)


async def facts(stage, person, visit):
    row = await stage.row(person)
    async with stage.app.study.db.begin() as tx:
        return await visits.get(tx, row.id, visit)


async def test_an_infusion_that_ended_just_now_is_recorded(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    stage.clock.set(DAY1_NOON)
    await stage.act(lin.command("infusion"))
    summary = await step_by_step(
        stage,
        lin,
        "001",
        "Day 1: first infusion, Fri, Dec 4",
        "It ended just now",
        "As planned, 08:30",
        "Whole dose, no reaction",
    )
    assert "Began: Fri, Dec 4, 08:30" in summary.text
    assert "Ended: Fri, Dec 4, 12:30" in summary.text
    await stage.act(lin.tap("✅ Record it", summary.id))
    assert "Recorded: 001" in lin.message(summary.id).text
    known = await facts(stage, wang, "D1")
    assert (known.ended_at, known.status) == (DAY1_NOON, "done")
    assert known.started_at == DAY1_NOON - timedelta(hours=4)


async def test_the_times_of_an_infusion_can_be_typed_and_nonsense_is_refused(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    stage.clock.set(DAY1_NOON)
    await stage.act(lin.command("infusion"))
    shown = await step_by_step(stage, lin, "say 1", "Day 1: first infusion, Fri, Dec 4", "say soon")
    assert "not a time" in shown.text
    shown = await step_by_step(stage, lin, "say 23:00")
    assert "(3/4)" in shown.text
    assert "⚠️" in shown.text
    shown = await step_by_step(stage, lin, "say 11点半", "say 11:40")
    assert "(4/6)" in shown.text
    assert "⚠️" in shown.text
    shown = await step_by_step(stage, lin, "3 h before", "Whole dose, no reaction", "✅ Record it")
    assert "Recorded" in shown.text
    assert (await facts(stage, wang, "D1")).started_at == datetime(2026, 12, 4, 0, 30, tzinfo=UTC)


async def test_a_visit_is_moved_with_its_reminders_and_the_participant_sees_the_new_day(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    await stage.act(lin.command("reschedule"))
    first = "Day 14 visit, Thu, Dec 17"
    shown = await step_by_step(stage, lin, "001", first)
    assert "Visit window" in shown.text
    shown = await step_by_step(stage, lin, "✓ Fri, Dec 18", "As now, 08:30", "The participant asked")
    assert "Thu, Dec 17 → Fri, Dec 18, 08:" in shown.text
    assert "Dec 14 10:00 → Dec 15 10:00" in shown.text
    await stage.act(lin.tap("✅ Move it", shown.id))
    assert "Moved: 001" in lin.message(shown.id).text
    coming = await upcoming(stage.app.study, await stage.row(wang))
    assert next(each.on for each in coming if each.visit_type == "D14") == date(2026, 12, 18)


async def test_a_typed_day_outside_the_window_is_marked_and_a_past_one_refused(stage):
    lin = await stage.coordinator()
    await stage.participant()
    await stage.act(lin.command("reschedule"))
    shown = await step_by_step(stage, lin, "001", "Day 14 visit, Thu, Dec 17", "say 2026-11-30")
    assert "⚠️" in shown.text
    shown = await step_by_step(stage, lin, "say 2026-12-30", "As now, 08:30", "say family <wedding>")
    assert "protocol deviation" in shown.text
    assert "family <wedding>" in shown.text


async def test_moving_day_one_says_that_every_day_moves(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    await stage.act(lin.command("reschedule"))
    shown = await step_by_step(
        stage,
        lin,
        "001",
        "Day 1: first infusion, Fri, Dec 4",
        "say 7 Dec",
        "As now, 08:30",
        "The site needs it",
    )
    assert "every later day" in shown.text
    await stage.act(lin.tap("✅ Move it", shown.id))
    assert (await stage.row(wang)).day1_on == date(2026, 12, 7)


async def test_today_shows_who_comes_who_cannot_and_who_has_not_said(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    await stage.participant("English", "Grace", code="002", day1_on=date(2026, 12, 5))
    await stage.participant("English", "Kevin", code="003")
    await stage.enrol(code="004")
    stage.clock.set(DAY1_NOON - timedelta(hours=8))
    await stage.act()
    await stage.act(wang.command("visits"))
    await stage.act(wang.tap("我会来"))
    await stage.act(lin.command("today"))
    text = lin.last.text
    assert "08:30 001 Day 1: first infusion – will come" in text
    assert "003 Day 1: first infusion – no answer yet" in text
    tomorrow = text[text.index("Tomorrow") :]
    assert "002 Day 1" in tomorrow
    assert "Not joined yet: 004" in text
    assert "No open alert" in text
    assert "🔗 Not joined yet (1)" in labels(lin.last)


async def test_a_physician_looks_up_but_does_not_enrol(stage):
    await stage.participant()
    await stage.enrol(code="002")
    zhao = await stage.coordinator("Zhao", Role.PI)
    await stage.act(zhao.command("today"))
    assert "Not joined yet: 002" in zhao.last.text
    assert not any("🔗" in each for each in labels(zhao.last))
    await stage.act(zhao.command("participant", "1"))
    assert "Participant 001" in zhao.last.text
    assert not any("🔗" in each for each in labels(zhao.last))
    await stage.act(zhao.forge("invite:new:1", zhao.last.id))
    assert "cannot do this" in toasts(zhao)[-1]


async def test_the_card_tells_where_a_participant_stands(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    await stage.act(lin.command("participant", "001"))
    for words in ("Study day -3", "Status: joined", "Day 1: first infusion", "No check-in answered lately"):
        assert words in lin.last.text
    assert "NK010" not in lin.last.text
    wang.block()
    stage.clock.set(DAY1_NOON)
    await stage.act()
    await stage.act(lin.command("participant"))
    await stage.act(lin.tap("👤 001"))
    assert "Cannot be reached here now" in lin.last.text
    await stage.act(lin.command("participant", "999"))
    assert "Nobody has the code 999" in lin.last.text


async def test_a_task_about_somebody_who_withdrew_meanwhile_says_so(stage):
    lin, wang = await stage.coordinator(), await stage.participant()
    await stage.act(lin.command("reschedule"))
    shown = await step_by_step(stage, lin, "001")
    row = await stage.row(wang)
    async with stage.app.study.db.begin() as tx:
        await participants.set_status(tx, row.id, ParticipantStatus.WITHDRAWN, stage.clock.now())
    shown = await step_by_step(stage, lin, "Day 14 visit, Thu, Dec 17")
    assert "⚠️" in shown.text
    shown = await step_by_step(stage, lin, "✕ Cancel")
    assert "Cancelled" in shown.text


async def test_a_card_shows_plan_and_flags_and_leads_to_the_curve(stage):
    lin = await stage.coordinator()
    wang = await stage.participant(day1_on=date(2026, 12, 1), flags=frozenset({"STEROID"}))
    await stage.act(lin.command("participant", "001"))
    card = lin.last
    for words in ("Plan", "▫️ ", "Flags: On steroids", "Study day 1"):
        assert words in card.text
    await stage.act(lin.tap("🌡 Temperature curve", card.id))
    assert "No temperature was reported" in lin.toasts[-1].text
    row, now = await stage.row(wang), stage.clock.now()
    async with stage.app.study.db.begin() as tx:
        report = await checkins.open_(
            tx,
            participant_id=row.id,
            key="checkin:x",
            form="short",
            due_at=now,
            now=now,
            protocol_version="1",
        )
        assert report is not None
        value = {"value": 37.9, "unit": "C", "place": "axillary"}
        await answers.add(tx, checkin_id=report.id, item="Q1", value=value, now=now, answered_by="x")
    await stage.act(lin.tap("🌡 Temperature curve", card.id))
    picture = lin.last
    assert (picture.kind, picture.protected) == ("photo", True)
    assert stage.world.files.content(picture.attachment.file_id).startswith(b"\x89PNG")
    await stage.act(lin.tap("The whole time", picture.id))
    assert lin.last.kind == "photo"
    assert lin.last.id != picture.id
