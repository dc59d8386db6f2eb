"""Alerts: opened once, paged up the chain until a human answers, whatever restarts in between."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.domain.people import Role
from bot.domain.triage import Assessment
from bot.domain.words import Words
from bot.errors import NotAllowed
from bot.services import messages
from bot.services.alerts import acts
from bot.services.alerts import alerts as service
from bot.services.alerts.chain import advance
from bot.services.alerts.pages import page_sent, page_undeliverable
from bot.services.staff import oncall
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import alerts, audit, checkins, findings, links, outbox, participants, staff
from bot.storage.findings import NewFinding
from bot.storage.types import Subject
from tests.services.conftest import LIN, shanghai

FEVER = shanghai(date(2026, 12, 9), 11)
ZHAO, QIAN, SUN = 7101, 7102, 7103


def minutes(n: float) -> datetime:
    return FEVER + timedelta(minutes=n)


@pytest.fixture
async def wang(ward, study, clock):
    active = await ward.active()
    for visit, day in (("D1", 4), ("D4", 7)):
        clock.set(shanghai(date(2026, 12, day), 13))
        on = date(2026, 12, day)
        await infusions.record(study, SYSTEM, active, visit, shanghai(on, 9), shanghai(on, 12))
    clock.set(FEVER)
    return await ward.now(active)


@pytest.fixture
async def lin(ward):
    return await ward.staff(LIN, Role.COORDINATOR, "Lin")


@pytest.fixture
async def zhao(ward, study):
    return await ward.staff(ZHAO, Role.SUB_INVESTIGATOR, "Zhao")


@pytest.fixture
async def qian(ward):
    return await ward.staff(QIAN, Role.PI, "Qian")


async def fever(ward, wang):
    """Report 38.6 °C under the arm, two days after NK: R1."""
    turn = await ward.answer(wang, await ward.report(wang), "38.6")
    return await ward.answer(wang, turn, "axillary")


async def find(study, participant, rule="R9", tier="red", hours=None, values: Any = None, source="answer:1"):
    """Keep a finding in a report of its own, and bring it to staff."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        key = f"test:{participant.id}:{source}:{rule}:{now.isoformat()}"
        checkin = await checkins.open_(
            tx, participant_id=participant.id, key=key, form="full", due_at=now, now=now, protocol_version="1"
        )
        assert checkin is not None
        reason = Words(
            "rule.R9" if rule not in study.protocol.rules else study.protocol.rules[rule].reason_key
        )
        detail: dict[str, Any] = {
            "reason": reason.as_json(),
            "evidence": [],
            "notes": [],
            "values": values or {},
        }
        new = NewFinding(
            participant.id, f"{source}:{key}", rule, 1, tier, hours, "1", detail, checkin_id=checkin.id
        )
        await findings.add(tx, new, now)
        verdict = Assessment(tier, hours, (), call_120=False, remeasure=())
        return await service.raise_alert(tx, study, participant, checkin, verdict, now)


async def live(study):
    async with study.db.begin() as tx:
        return await alerts.all_live(tx)


async def run_until(study, instant):
    """Let the clock run to an instant, ticking whenever an alert wants to be looked at."""
    while True:
        async with study.db.begin() as tx:
            hint = await alerts.next_wake(tx)
        if hint is None or hint > instant:
            break
        study.clock.set(hint)
        await service.tick(study)
    study.clock.set(instant)


async def paged(ward, kind="page") -> list[tuple[float, str]]:
    """Return (minutes after the fever, who) of every page."""
    async with ward.study.db.begin() as tx:
        names = {member.ref: member.name for member in await staff.all_(tx)}
        rows = await outbox.of_subject(tx, Subject("alert", 1))
    return [
        ((each.created_at - FEVER).total_seconds() / 60, names.get(each.to, str(each.to)) if each.to else "")
        for each in rows
        if each.kind == kind
    ]


def at(pages: Sequence[tuple[float, str]], minute: float) -> set[str]:
    return {who for when, who in pages if when == minute}


async def test_a_fever_opens_one_alert_with_its_pages_in_the_same_transaction(ward, study, wang, lin):
    await fever(ward, wang)
    [alert] = await live(study)
    assert (alert.tier, alert.state, alert.round) == ("red", "open", 1)
    assert alert.wake_at == minutes(5)
    assert await paged(ward) == [(0, "Lin")]
    assert "open_alert" in await ward.actions()
    async with study.db.begin() as tx:
        assert {each.what.rule for each in await findings.of_alert(tx, alert.id)} >= {"R1"}


async def test_what_fails_after_the_alert_takes_the_alert_with_it(ward, study, wang, lin):
    async def answer_and_fail() -> None:
        async with study.db.begin() as tx:
            checkin = await checkins.open_(
                tx,
                participant_id=wang.id,
                key="x",
                form="full",
                due_at=FEVER,
                now=FEVER,
                protocol_version="1",
            )
            assert checkin is not None
            detail = {"reason": Words("rule.R9").as_json()}
            new = NewFinding(wang.id, "answer:1", "R9", 1, "red", None, "1", detail, checkin_id=checkin.id)
            await findings.add(tx, new, FEVER)
            verdict = Assessment("red", None, (), call_120=True, remeasure=())
            assert await service.raise_alert(tx, study, wang, checkin, verdict, FEVER) is not None
            raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        await answer_and_fail()
    assert await live(study) == []
    assert await ward.queue("page") == []


async def test_pages_go_up_the_chain_every_five_minutes_until_someone_takes_it(
    ward, study, wang, lin, zhao, qian
):
    await fever(ward, wang)
    await run_until(study, minutes(32))
    pages = await paged(ward)
    assert sorted({when for when, _ in pages}) == [0, 5, 10, 15, 20, 25, 30]
    assert at(pages, 0) == at(pages, 5) == {"Lin"}
    assert at(pages, 10) == at(pages, 15) == {"Lin", "Zhao"}
    assert at(pages, 20) == at(pages, 30) == {"Lin", "Zhao", "Qian"}


async def test_whoever_is_on_call_is_paged_from_the_first_minute(ward, study, wang, lin, zhao, qian):
    assert await oncall.set_duty(study, qian.ref, on=True)
    assert not await oncall.set_duty(study, qian.ref, on=True)
    await fever(ward, wang)
    assert at(await paged(ward), 0) == {"Lin", "Qian"}


@pytest.mark.parametrize("hours", [8, pytest.param(72, marks=pytest.mark.slow)])
async def test_p03_paging_goes_on_without_a_gap(ward, study, wang, lin, hours):
    await fever(ward, wang)
    await run_until(study, minutes(hours * 60))
    times = [when for when, _ in await paged(ward)]
    assert max(later - earlier for earlier, later in pairwise(times)) == 5
    assert times[-1] == hours * 60


async def test_a_restart_in_between_changes_nothing(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    for minute in range(21):
        study.clock.set(minutes(minute))
        # Two programs, and a tick that comes twice, are what a restart can look like.
        await asyncio.gather(service.tick(study), service.tick(study))
        await service.tick(study)
    pages = await paged(ward)
    assert len(pages) == len(set(pages))
    assert [when for when, who in pages if who == "Lin"] == [0, 5, 10, 15, 20]


async def test_after_downtime_one_page_makes_up_for_all_that_were_missed(ward, study, wang, lin):
    await fever(ward, wang)
    study.clock.set(minutes(182))
    assert await service.tick(study) == 1
    assert [when for when, _ in await paged(ward)] == [0, 182]
    await run_until(study, minutes(185))
    assert [when for when, _ in await paged(ward)] == [0, 182, 185]


async def test_taking_it_stops_the_pages_until_contact_is_overdue(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    await run_until(study, minutes(3))
    acted = await acts.acknowledge(study, lin.ref, 1)
    assert acted.changed
    await run_until(study, minutes(14))
    assert sorted({when for when, _ in await paged(ward)}) == [0]
    await run_until(study, minutes(21))
    pages = await paged(ward)
    assert sorted({when for when, _ in pages}) == [0, 15, 20]
    assert at(pages, 15) == {"Lin", "Zhao"}


async def test_contact_ends_the_pages_and_the_questions(ward, study, wang, lin):
    await fever(ward, wang)
    await acts.contact(study, lin.ref, 1, "phone")
    await run_until(study, minutes(120))
    assert [when for when, _ in await paged(ward)] == [0]
    assert await ward.queue("ask_help") == []
    [alert] = await live(study)
    assert (alert.state, alert.acknowledged_by, alert.contacted_by, alert.wake_at) == (
        "contacted",
        lin.id,
        lin.id,
        None,
    )
    [page] = await ward.queue("page")
    assert page.state == "skipped"


async def test_p04_of_a_thousand_who_press_at_once_one_has_it_and_all_are_told_who(
    ward, study, wang, lin, zhao
):
    await fever(ward, wang)
    both = [lin, zhao]
    results = await asyncio.gather(*(acts.acknowledge(study, both[n % 2].ref, 1) for n in range(1000)))
    assert sum(each.changed for each in results) == 1
    [alert] = await live(study)
    winner = next(member for member in both if member.id == alert.acknowledged_by)
    assert {each.view.taken.name for each in results if each.view.taken} == {winner.name}
    told = {each.toast.key for n, each in enumerate(results) if both[n % 2] != winner}
    assert told == {"alert.toast_taken_by"}
    assert (await ward.actions()).count("acknowledge_alert") == 1


async def test_the_participant_is_asked_every_ten_minutes_until_contact(ward, study, wang, lin):
    await fever(ward, wang)
    await run_until(study, minutes(25))
    assert await paged(ward, "ask_help") == [(10, f"participant:{wang.id}"), (20, f"participant:{wang.id}")]
    last = (await ward.queue("ask_help"))[-1]
    text = await ward.written(last)
    assert "120" in text
    assert "[🆘 我需要帮忙]" in text
    await acts.contact(study, lin.ref, 1, "phone")
    assert await ward.written(last) == "skipped: the alert is contacted"


async def test_who_needs_help_is_on_the_page_and_pages_the_one_who_has_it(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    await acts.acknowledge(study, lin.ref, 1)
    assert await acts.answer_help(study, wang, 1, "help")
    page = (await ward.queue("page"))[-1]
    assert page.to == lin.ref
    text = await ward.written(page)
    assert "something new" in text
    assert "needs help" in text


async def test_an_answer_of_somebody_else_is_refused(ward, study, wang, lin):
    await fever(ward, wang)
    other = await ward.active(7009, code="002")
    with pytest.raises(Exception, match="not an alert of this participant"):
        await acts.answer_help(study, other, 1, "yes")


async def test_a_finding_that_stays_joins_its_open_alert(ward, study, wang, lin):
    first = await find(study, wang)
    study.clock.set(minutes(1))
    second = await find(study, wang)
    assert first is not None
    assert second is not None
    assert second.id == first.id
    assert len(await live(study)) == 1
    assert [when for when, _ in await paged(ward)] == [0]


async def test_a_graver_finding_raises_the_tier_and_pages_again_at_once(ward, study, wang, lin, zhao):
    amber = await find(study, wang, "A1", "amber", 4)
    assert amber is not None
    assert (amber.tier, amber.hours) == ("amber", 4)
    await acts.acknowledge(study, lin.ref, amber.id)
    study.clock.set(minutes(7))
    red = await find(study, wang)
    assert red is not None
    assert (red.id, red.tier, red.state, red.tier_since) == (amber.id, "red", "open", minutes(7))
    assert await paged(ward) == [(0, "Lin"), (7, "Lin")]
    await run_until(study, minutes(17))
    assert at(await paged(ward), 17) == {"Lin", "Zhao"}
    assert "raise_alert" in await ward.actions()


async def test_a_graver_finding_in_the_same_minute_is_paged_too(ward, study, wang, lin):
    await find(study, wang, "A1", "amber", 4)
    await find(study, wang)
    assert await paged(ward) == [(0, "Lin"), (0, "Lin")]


async def test_something_new_after_contact_starts_the_chain_again(ward, study, wang, lin):
    await find(study, wang)
    await acts.contact(study, lin.ref, 1, "phone")
    study.clock.set(minutes(60))
    again = await find(study, wang, "R5")
    assert again is not None
    assert again.state == "open"
    assert await paged(ward) == [(0, "Lin"), (60, "Lin")]


async def test_something_new_reaches_whoever_has_the_alert(ward, study, wang, lin, zhao):
    await find(study, wang)
    await acts.acknowledge(study, zhao.ref, 1)
    study.clock.set(minutes(4))
    await find(study, wang, "R5")
    assert await paged(ward) == [(0, "Lin"), (4, "Zhao")]


async def test_nothing_new_raises_nothing(study, wang, lin):
    async with study.db.begin() as tx:
        verdict = Assessment("red", None, (), call_120=True, remeasure=())
        assert await service.raise_alert(tx, study, wang, None, verdict, FEVER) is None
    assert await live(study) == []


async def test_a_step_with_nobody_goes_on_at_once_and_the_coordinator_is_told(ward, study, wang, lin, qian):
    await fever(ward, wang)
    await run_until(study, minutes(12))
    assert at(await paged(ward), 10) == {"Lin", "Qian"}
    notes = await ward.queue("alert_note")
    assert len(notes) == 1
    assert notes[0].to == lin.ref
    assert "sub-investigator" in await ward.written(notes[0])


async def test_p12_a_page_that_cannot_be_delivered_goes_to_the_next_person_now(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    [page] = await ward.queue("page")
    study.clock.set(minutes(1))
    assert messages.KINDS["page"].after_failed is page_undeliverable
    async with study.db.begin() as tx:
        await links.mark_unreachable(tx, lin.ref, minutes(1))
        await page_undeliverable(study, tx, page, "Forbidden", minutes(1))
    assert await paged(ward) == [(0, "Lin"), (1, "Zhao")]
    told = [each for each in await ward.queue("alert_note") if each.params["note"] == "undelivered"]
    assert [each.to for each in told] == [lin.ref]
    assert "Please telephone Lin" in await ward.written(told[0])
    await run_until(study, minutes(6))
    assert at(await paged(ward), 5) == {"Zhao"}


async def test_where_nobody_can_be_reached_the_second_channel_is_next(ward, study, wang, lin):
    await fever(ward, wang)
    [page] = await ward.queue("page")
    async with study.db.begin() as tx:
        await links.mark_unreachable(tx, lin.ref, FEVER)
        await page_undeliverable(study, tx, page, "Forbidden", FEVER)
    [second] = await ward.queue("page_second")
    assert (second.channel, second.to, second.priority) == ("second", None, outbox.URGENT)
    text = await ward.written(second)
    assert "001" in text
    assert "38.6" not in text


async def test_who_was_revoked_meanwhile_is_refused_and_not_paged(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    [page] = await ward.queue("page")
    async with study.db.begin() as tx:
        await staff.revoke(tx, lin.id, FEVER)
    for deed in (
        acts.acknowledge(study, lin.ref, 1),
        acts.contact(study, lin.ref, 1, "phone"),
        acts.open_(study, lin.ref, 1),
        oncall.set_duty(study, lin.ref, on=True),
    ):
        with pytest.raises(NotAllowed):
            await deed
    assert await ward.written(page) == "skipped: not on the staff any more"
    assert (await live(study))[0].state == "open"
    await run_until(study, minutes(5))
    assert at(await paged(ward), 5) == {"Zhao"}


async def test_a_participant_cannot_press_for_staff(study, ward, wang, lin):
    await fever(ward, wang)
    with pytest.raises(NotAllowed):
        await acts.acknowledge(study, wang.ref, 1)


async def test_an_alert_that_cannot_be_looked_at_does_not_hold_up_the_others(
    ward, study, wang, lin, monkeypatch, caplog
):
    other = await ward.active(7009, code="002")
    await find(study, wang)
    await find(study, other)

    async def broken(study, tx, alert, now, **more):
        if alert.id == 1:
            raise RuntimeError("damaged")
        return await advance(study, tx, alert, now, **more)

    monkeypatch.setattr("bot.services.alerts.alerts.advance", broken)
    study.clock.set(minutes(5))
    assert await service.tick(study) == 1
    assert "alert 1 could not be looked at" in caplog.text
    assert len(await ward.queue("page")) == 3


@pytest.mark.parametrize(("hours", "to_sub", "to_pi"), [(1, 30, 60), (2, 60, 120), (4, 120, 240)])
async def test_amber_pages_the_coordinator_first_and_climbs_with_its_limit(
    ward, study, wang, lin, zhao, qian, hours, to_sub, to_pi
):
    await find(study, wang, "A1", "amber", hours)
    await run_until(study, minutes(to_pi))
    pages = await paged(ward)
    assert at(pages, 15) == {"Lin"}
    assert min(when for when, who in pages if who == "Zhao") == to_sub
    assert min(when for when, who in pages if who == "Qian") == to_pi


async def test_everything_is_on_the_trail_and_the_trail_is_whole(ward, study, wang, lin):
    await fever(ward, wang)
    await acts.acknowledge(study, lin.ref, 1)
    await acts.contact(study, lin.ref, 1, "visit")
    async with study.db.begin() as tx:
        trail = [(e.action, e.actor_kind, e.actor_id) for e in await audit.about(tx, Subject("alert", 1))]
        assert await audit.verify(tx) == []
        assert (await participants.get(tx, wang.id)) is not None
    assert trail[0] == ("open_alert", "participant", wang.id)
    assert ("page_alert", "system", None) in trail
    assert trail[-2:] == [("acknowledge_alert", "staff", lin.id), ("contact_alert", "staff", lin.id)]


async def test_a_copy_that_went_out_while_the_alert_was_taken_is_edited(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    [page] = await ward.queue("page")
    await acts.acknowledge(study, zhao.ref, 1)
    assert await ward.queue("page_edit") == []
    async with study.db.begin() as tx:
        await page_sent(study, tx, page, 77, FEVER)
    [edit] = await ward.queue("page_edit")
    assert (edit.to, edit.params["message"]) == (lin.ref, 77)
    assert "<b>Zhao</b> has it" in await ward.written(edit)
    await acts.contact(study, zhao.ref, 1, "phone")
    assert await ward.written(edit) == "skipped: a newer edit follows"


async def refuse(study, page):
    """Let Telegram refuse a page for good, as it does with a 400: the link stays as it is."""
    async with study.db.begin() as tx:
        await page_undeliverable(study, tx, page, "Bad Request", study.clock.now())


async def test_p12_a_page_that_is_refused_again_and_again_reaches_the_next_person_in_every_round(
    ward, study, wang, lin, zhao
):
    await fever(ward, wang)
    await refuse(study, (await ward.queue("page"))[0])
    assert at(await paged(ward), 0) == {"Lin", "Zhao"}
    await run_until(study, minutes(5))
    again = [each for each in await ward.queue("page") if each.to == lin.ref][-1]
    await refuse(study, again)
    assert at(await paged(ward), 5) == {"Lin", "Zhao"}
    assert len(await ward.queue("page_second")) == 2


async def test_p12_news_that_its_holder_cannot_be_told_goes_to_everyone_else(ward, study, wang, lin, zhao):
    await fever(ward, wang)
    await acts.acknowledge(study, lin.ref, 1)
    await acts.answer_help(study, wang, 1, "help")
    await refuse(study, (await ward.queue("page"))[-1])
    news = (await ward.queue("page"))[-1]
    assert (news.to, news.params["why"]) == (zhao.ref, "news")
    assert len(await ward.queue("page_second")) == 1
