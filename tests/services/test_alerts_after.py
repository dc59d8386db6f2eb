"""What stays after an alert was closed: the form of a potential SAE, the next check, and what is known."""

from datetime import date, datetime, timedelta

import pytest

from bot.domain.outcomes import next_reminder
from bot.domain.protocol import load_protocol
from bot.services.alerts import acts, closing
from bot.services.alerts import alerts as service
from bot.services.participation import hospital
from bot.storage import alerts, checkins, findings, outbox
from bot.storage.types import Subject
from tests.services.conftest import shanghai
from tests.services.test_alerts import FEVER, at, find, lin, live, minutes, paged, qian, run_until, wang, zhao

PRACTICE = load_protocol().practice

__all__ = ["lin", "qian", "wang", "zhao"]


async def closed(study, by, alert_id=1, code="10", flags="nnn", note="seen, well"):
    """Reach the participant and close with these answers."""
    await acts.contact(study, by.ref, alert_id, "phone")
    return await closed_as_it_is(study, by, alert_id, code, flags, note)


async def closed_as_it_is(study, by, alert_id=1, code="10", flags="nnn", note="seen, well"):
    view = await acts.open_(study, by.ref, alert_id)
    await closing.begin(study, by.ref, alert_id, view.version)
    if note:
        await closing.choose(study, by.ref, alert_id, view.version, code, flags, waits="note", message_id=1)
        await closing.typed(study, by.ref, note)
    return await closing.close(study, by.ref, alert_id, view.version, code, flags)


async def told(ward, kind):
    """Return (hours after the fever, who) of every message of a kind."""
    return [((each.not_before - FEVER) / timedelta(hours=1), each.to.id) for each in await ward.queue(kind)]


def hours_of(reminders):
    return sorted({hours for hours, _ in reminders})


def test_reminders_of_a_form_come_at_12_20_23_and_24_hours_and_then_every_four():
    aware_at: datetime = FEVER
    found: list[float] = []
    now = aware_at
    while len(found) < 7:
        now = next_reminder(aware_at, PRACTICE, now)
        found.append((now - aware_at) / timedelta(hours=1))
    assert found == [12, 20, 23, 24, 28, 32, 36]


@pytest.mark.parametrize(
    ("code", "flags", "words", "button"),
    [
        ("40", "ynn", "001 was admitted to hospital", "In hospital"),
        ("50", "ynn", "001 was admitted to hospital", "In hospital"),
        ("70", "y", "001 has died", "👤 001"),
        ("10", "nnn", None, None),
    ],
)
async def test_what_a_coordinator_has_to_record_after_an_outcome_is_told(
    ward, study, wang, lin, zhao, code, flags, words, button
):
    await find(study, wang)
    await closed(study, zhao, code=code, flags=flags)
    told = [each for each in await ward.queue("staff_note") if each.params["note"] in ("admitted", "died")]
    assert [each.to for each in told] == ([lin.ref] if words else [])
    for each in told:
        text = await ward.written(each)
        assert words in text
        assert button in text


async def test_of_an_admission_that_is_recorded_nobody_is_told(ward, study, wang, lin, zhao):
    await hospital.set_stay(study, lin.ref, wang.id, date(2026, 12, 30))
    await find(study, wang)
    await closed(study, zhao, code="40", flags="ynn")
    assert not [each for each in await ward.queue("staff_note") if each.params["note"] == "admitted"]


async def test_a_form_is_reminded_of_from_the_moment_staff_became_aware_until_it_was_sent(
    ward, study, wang, lin, zhao
):
    await find(study, wang)
    study.clock.set(minutes(60))
    await acts.contact(study, lin.ref, 1, "phone")
    study.clock.set(minutes(300))
    await closed_as_it_is(study, zhao, code="40", flags="ynn")
    view = await acts.open_(study, lin.ref, 1)
    assert (view.aware_at, view.sae_due_at) == (minutes(60), minutes(60 + 24 * 60))
    await run_until(study, minutes(60 + 29 * 60))
    reminders = await told(ward, "sae_form")
    assert hours_of(reminders) == [13, 21, 24, 25, 29]
    assert {who for _, who in reminders} == {lin.id, zhao.id}
    text = await ward.written((await ward.queue("sae_form"))[0])
    assert text.startswith("<b>✅ 🔴 RED · 001</b>\n")
    assert "Staff aware since Dec 9 12:00" in text
    await closing.sae_sent(study, zhao.ref, 1)
    await run_until(study, minutes(60 + 60 * 60))
    assert hours_of(await told(ward, "sae_form")) == [13, 21, 24, 25, 29]
    assert await ward.written((await ward.queue("sae_form"))[-1]) == "skipped: the form was sent"


async def test_an_outcome_that_is_not_serious_reminds_of_nothing(ward, study, wang, lin, zhao):
    await find(study, wang)
    await closed(study, zhao)
    async with study.db.begin() as tx:
        assert await alerts.next_wake(tx) is None


async def test_the_next_check_is_told_to_who_asked_for_it_and_to_the_coordinator(
    ward, study, wang, lin, zhao
):
    await find(study, wang)
    await closed(study, zhao, flags="nhn")
    assert await told(ward, "next_check") == [(4, zhao.id), (4, lin.id)]
    text = await ward.written((await ward.queue("next_check"))[0])
    assert "The next check is due. Zhao asked for it" in text
    assert "[Open the alert]" in text


@pytest.mark.parametrize(("letter", "day", "hour"), [("t", 10, 8), ("2", 11, 8), ("w", 16, 8)])
async def test_the_next_check_stands_at_eight_in_the_morning_of_its_day(
    study, wang, lin, zhao, letter, day, hour
):
    await find(study, wang)
    await closed(study, zhao, flags=f"n{letter}n")
    view = await acts.open_(study, lin.ref, 1)
    assert view.check_at == shanghai(date(2026, 12, day), hour)


async def fever_of(study, wang, value, rule="R1", tier="red", source="answer:9"):
    values = {"Q1": value, "Q1.place": "axillary"}
    return await find(study, wang, rule, tier, None if tier == "red" else 4, values, source)


async def test_closed_as_known_the_same_or_a_lower_value_raises_nothing_for_seven_days(
    ward, study, wang, lin, zhao
):
    await fever_of(study, wang, 38.6)
    await closed(study, zhao, flags="nn7")
    study.clock.set(minutes(60))
    for value in (38.6, 38.1):
        assert await fever_of(study, wang, value, source=f"answer:{value}") is None
    assert await live(study) == []
    history = await closing.history(study, lin.ref, 1)
    assert [each.action for each in history.events[-2:]] == ["known_again", "known_again"]
    study.clock.set(minutes(70))
    higher = await fever_of(study, wang, 38.7)
    assert higher is not None


async def report(ward, wang, value, number):
    """Report a temperature under the arm through the form itself, and leave it at that."""
    turn = await ward.answer(wang, await ward.report(wang, f"update:{number}"), value)
    turn = await ward.answer(wang, turn, "axillary")
    async with ward.study.db.begin() as tx:
        row = await checkins.get(tx, turn.view.checkin_id)
        assert row is not None
        await checkins.advance(tx, row, state="done", current_item=None)


async def test_a_fever_that_was_reported_in_the_form_is_known_there_too(ward, study, wang, lin, zhao):
    await report(ward, wang, "38.6", 1)
    await closed(study, zhao, flags="nn7")
    study.clock.set(minutes(30))
    await report(ward, wang, "38.4", 2)
    assert await live(study) == []
    study.clock.set(minutes(90))
    await report(ward, wang, "38.9", 3)
    assert len(await live(study)) == 1


async def test_what_is_known_is_news_again_after_its_last_day(study, wang, lin, zhao):
    await fever_of(study, wang, 38.6)
    await closed(study, zhao, flags="nn7")
    study.clock.set(FEVER + timedelta(days=7) - timedelta(seconds=1))
    assert await fever_of(study, wang, 38.6) is None
    study.clock.set(FEVER + timedelta(days=7))
    assert await fever_of(study, wang, 38.6) is not None


async def test_another_rule_another_place_and_words_are_news_whatever_is_known(study, wang, lin, zhao):
    await fever_of(study, wang, 38.6)
    await closed(study, zhao, flags="nn7")
    study.clock.set(minutes(10))
    assert await find(study, wang, "R5", values={"Q1": 38.0}) is not None
    await closed(study, zhao, 2)
    study.clock.set(minutes(20))
    elsewhere = {"Q1": 38.0, "Q1.place": "oral"}
    assert await find(study, wang, "R1", values=elsewhere) is not None
    await closed(study, zhao, 3)
    study.clock.set(minutes(30))
    assert await fever_of(study, wang, 38.0, source="text:4") is not None


async def test_of_what_is_worse_the_lower_it_is_only_the_same_or_a_higher_value_is_known(
    study, wang, lin, zhao
):
    await find(study, wang, "R4", values={"Q9": 90})
    await closed(study, zhao, flags="nnm")
    study.clock.set(minutes(10))
    assert await find(study, wang, "R4", values={"Q9": 91}) is None
    assert await find(study, wang, "R4", values={"Q9": 89}, source="answer:2") is not None


async def test_closed_without_being_known_it_alerts_again(study, wang, lin, zhao):
    await fever_of(study, wang, 38.6)
    await closed(study, zhao)
    study.clock.set(minutes(10))
    assert await fever_of(study, wang, 38.6) is not None


async def test_a_missed_report_may_be_closed_by_the_coordinator_without_an_assessment(study, wang, lin, zhao):
    await find(study, wang, "M1", "amber", 4, source="missed:3")
    acted = await closed(study, lin, note=None)
    assert acted.view.state == "closed"


async def test_a_clinical_amber_is_closed_by_a_physician_with_an_assessment(study, wang, lin, zhao):
    await find(study, wang, "A1", "amber", 4)
    refused = await closed(study, lin)
    assert refused.refused.key == "close.toast_physician"
    without_note = await closed_as_it_is(study, zhao, note=None)
    assert without_note.choice is not None
    assert (await live(study))[0].state == "contacted"
    assert (await closed_as_it_is(study, zhao)).view.state == "closed"


async def test_nothing_closes_itself(ward, study, wang, lin, zhao):
    await find(study, wang, "A1", "amber", 24)
    await acts.contact(study, lin.ref, 1, "phone")
    await run_until(study, FEVER + timedelta(days=40))
    assert [each.state for each in await live(study)] == ["contacted"]


async def test_amber_that_is_not_met_goes_over_to_the_red_chain(ward, study, wang, lin, zhao, qian):
    await find(study, wang, "A1", "amber", 1)
    await run_until(study, minutes(81))
    times = sorted({when for when, _ in await paged(ward)})
    assert times == [0, 15, 30, 45, 60, 65, 70, 75, 80]
    assert at(await paged(ward), 80) == {"Lin", "Zhao", "Qian"}


async def test_amber_24_pages_every_four_hours_the_coordinator_then_the_sub_investigator(
    ward, study, wang, lin, zhao, qian
):
    await find(study, wang, "A1", "amber", 24)
    await run_until(study, minutes(13 * 60))
    pages = await paged(ward)
    assert sorted({when for when, _ in pages}) == [0, 240, 480, 720]
    assert [at(pages, when) for when in (0, 240, 480)] == [{"Lin"}, {"Lin", "Zhao"}, {"Lin", "Zhao"}]


async def test_a_downgraded_alert_keeps_its_clock_and_pages_by_the_milder_chain(ward, study, wang, lin, zhao):
    await find(study, wang)
    async with study.db.begin() as tx:
        lowered = await alerts.lower(tx, 1, "amber", 4, minutes(2))
        assert lowered is not None
    await run_until(study, minutes(31))
    pages = await paged(ward)
    assert sorted({when for when, _ in pages}) == [0, 15, 30]
    assert (await acts.open_(study, lin.ref, 1)).reach_by == minutes(240)
    async with study.db.begin() as tx:
        rows = await outbox.of_subject(tx, Subject("alert", 1))
        assert len({each.key for each in rows}) == len(rows)
        assert await findings.of_alert(tx, 1)
    assert await service.tick(study) == 0
