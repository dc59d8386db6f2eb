"""Visits, check-ins, answers, findings and alerts."""

import asyncio
from datetime import date, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.domain.people import Role
from bot.domain.planning import VisitFacts
from bot.storage import alerts, answers, checkins, findings, staff, visits
from bot.storage.findings import NewFinding
from tests.storage.conftest import MINUTE, NOW

HOUR = timedelta(hours=1)


async def open_checkin(tx, participant, key: str = "c1", due_at=NOW):
    return await checkins.open_(
        tx,
        participant_id=participant.id,
        key=key,
        form="short",
        due_at=due_at,
        now=NOW,
        protocol_version="1",
        current_item="Q1.value",
    )


async def open_alert(db, participant, **more):
    async with db.begin() as tx:
        values = {"tier": "red", "hours": None, "facts": {"reason": "38.9"}, "protocol_version": "1"} | more
        return await alerts.open_(tx, participant_id=participant.id, now=NOW, **values)


async def test_of_a_visit_only_facts_are_kept(db, participant):
    async with db.begin() as tx:
        assert await visits.get_all(tx, participant.id) == ()
        assert await visits.get(tx, participant.id, "D4") == VisitFacts("D4")
        await visits.set_attendance(tx, participant.id, "D4", "cannot", NOW)
        await visits.move(tx, participant.id, "D4", date(2026, 12, 7), time(9, 30))
        await visits.record_started(tx, participant.id, "D1", NOW)
        await visits.record_ended(tx, participant.id, "D1", NOW + HOUR)
        await visits.set_status(tx, participant.id, "D6", "held")
        found = {each.visit_type: each for each in await visits.get_all(tx, participant.id)}
        moved = await visits.get(tx, participant.id, "D4")
    assert moved == VisitFacts("D4", date(2026, 12, 7), time(9, 30), attendance="unknown")
    assert found["D4"] == moved
    assert (found["D1"].started_at, found["D1"].ended_at, found["D1"].status) == (NOW, NOW + HOUR, "done")
    assert found["D6"].status == "held"


async def test_a_visit_moved_back_follows_the_plan_again(db, participant):
    async with db.begin() as tx:
        await visits.move(tx, participant.id, "D4", date(2026, 12, 7), time(9, 30))
        await visits.move(tx, participant.id, "D4", None)
        assert await visits.get(tx, participant.id, "D4") == VisitFacts("D4")


async def test_what_the_participant_says_leaves_the_move_alone(db, participant):
    async with db.begin() as tx:
        await visits.move(tx, participant.id, "D4", date(2026, 12, 7))
        await visits.set_attendance(tx, participant.id, "D4", "coming", NOW)
        found = await visits.get(tx, participant.id, "D4")
    assert (found.moved_to_on, found.attendance) == (date(2026, 12, 7), "coming")


async def test_a_check_in_is_opened_once(db, participant):
    async with db.begin() as tx:
        first = await open_checkin(tx, participant)
        assert await open_checkin(tx, participant) is None
        assert first is not None
        assert await checkins.by_key(tx, "c1") == await checkins.get(tx, first.id) == first
        assert (first.state, first.version, first.current_item) == ("open", 1, "Q1.value")


async def test_of_two_taps_on_one_step_one_gets_through(db, participant):
    async with db.begin() as tx:
        first = await open_checkin(tx, participant)

    async def tap(item: str):
        async with db.begin() as tx:
            return await checkins.advance(tx, first, current_item=item)

    results = await asyncio.gather(*(tap(f"Q{n}") for n in range(10)))
    [winner] = [each for each in results if each is not None]
    assert winner.version == 2
    async with db.begin() as tx:
        assert await checkins.get(tx, first.id) == winner


async def test_a_check_in_ends_and_is_current_no_more(db, participant):
    async with db.begin() as tx:
        early = await open_checkin(tx, participant, "c1", NOW - HOUR)
        late = await open_checkin(tx, participant, "c2", NOW)
        assert await checkins.current_for(tx, participant.id) == late
        assert await checkins.all_open(tx, participant.id) == [early, late]
        done = await checkins.advance(
            tx, late, state="done", tier="red", answered_by="self", finished_at=NOW, current_item=None
        )
        assert done is not None
        assert (done.state, done.tier, done.finished_at, done.current_item) == ("done", "red", NOW, None)
        assert await checkins.current_for(tx, participant.id) == early
        assert [each.key for each in await checkins.since(tx, participant.id, NOW)] == ["c2"]


async def test_the_message_of_a_check_in_leaves_its_version_alone(db, participant):
    async with db.begin() as tx:
        first = await open_checkin(tx, participant)
        await checkins.set_message(tx, first.id, 77)
        found = await checkins.get(tx, first.id)
    assert found is not None
    assert (found.message_id, found.version) == (77, 1)


async def test_what_a_check_in_has_not_cannot_be_changed(db, participant):
    async with db.begin() as tx:
        first = await open_checkin(tx, participant)
        with pytest.raises(TypeError, match="participant_id"):
            await checkins.advance(tx, first, participant_id=5)


async def answer(tx, checkin, item: str, value, at=NOW):
    return await answers.add(tx, checkin_id=checkin.id, item=item, value=value, now=at, answered_by="self")


async def test_an_answer_given_anew_supersedes_the_one_before(db, participant):
    async with db.begin() as tx:
        checkin = await open_checkin(tx, participant)
        await answer(tx, checkin, "Q1", {"value": 38.2, "unit": "C"})
        await answer(tx, checkin, "Q2", True)
        await answer(tx, checkin, "Q1", {"value": 37.2, "unit": "C"}, NOW + MINUTE)
        current = await answers.current(tx, checkin.id)
        assert {item: each.value for item, each in current.items()} == {
            "Q2": True,
            "Q1": {"value": 37.2, "unit": "C"},
        }
        assert [each.item for each in await answers.ever(tx, checkin.id)] == ["Q1", "Q2", "Q1"]
        assert await answers.supersede(tx, checkin.id, "Q2", NOW) is True
        assert await answers.supersede(tx, checkin.id, "Q2", NOW) is False
        assert list(await answers.current(tx, checkin.id)) == ["Q1"]


@pytest.mark.parametrize("value", [None, False, 0, 0.5, [], ["cough"], {"value": True, "onset": "sudden"}])
async def test_an_answer_comes_back_as_given(db, participant, value):
    async with db.begin() as tx:
        checkin = await open_checkin(tx, participant)
        given = await answer(tx, checkin, "Q", value)
        assert given.value == value
        assert await answers.current(tx, checkin.id) == {"Q": given}


async def test_the_participants_own_words_are_sealed(db, participant):
    value = {"value": True, "tags": ["vaccine"], "text": "打了流感疫苗"}
    async with db.begin() as tx:
        checkin = await open_checkin(tx, participant)
        await answer(tx, checkin, "Q22", value)
        row = (await tx.execute(text("SELECT * FROM answers"))).one()
        assert "流感" not in str(row)
        assert "vaccine" in row.value
        assert (await answers.current(tx, checkin.id))["Q22"].value == value


async def test_the_history_holds_the_answers_as_they_stand(db, participant):
    async with db.begin() as tx:
        old = await open_checkin(tx, participant, "old", NOW - 10 * HOUR)
        recent = await open_checkin(tx, participant, "recent", NOW - HOUR)
        await open_checkin(tx, participant, "unanswered", NOW)
        await answer(tx, old, "Q1", 1)
        await answer(tx, recent, "Q1", 2)
        await answer(tx, recent, "Q5", 3, NOW + MINUTE)
        await answer(tx, recent, "Q1", 4, NOW + 2 * MINUTE)
        everything = await answers.history(tx, participant.id, NOW - 20 * HOUR)
        lately = await answers.history(tx, participant.id, NOW - 2 * HOUR)
        assert [dict(each.answers) for each in everything] == [{"Q1": 1}, {"Q5": 3, "Q1": 4}]
        assert lately == everything[1:]
        assert (lately[0].form, lately[0].answered_at) == ("short", NOW + 2 * MINUTE)
        assert lately[0].tier is None
        await checkins.advance(tx, recent, state="done", tier="amber", finished_at=NOW)
        [finished] = await answers.history(tx, participant.id, NOW - 2 * HOUR)
        assert finished.tier == "amber"
        assert await answers.history(tx, participant.id, NOW - 20 * HOUR, but=recent.id) == everything[:1]


async def test_when_an_item_was_asked_last_is_looked_for_within_a_time(db, participant):
    async with db.begin() as tx:
        checkin = await open_checkin(tx, participant)
        for minutes in (0, 1, 2):
            await answer(tx, checkin, "Q21", False, NOW + minutes * MINUTE)
        await answer(tx, checkin, "Q5", 1, NOW)

        async def asked(*span):
            return await answers.last_asked(tx, participant.id, ["Q21"], *span)

        assert await asked(NOW, NOW + HOUR) == {"Q21": NOW + 2 * MINUTE}
        assert await asked(NOW, NOW + 2 * MINUTE) == {"Q21": NOW + MINUTE}
        assert await asked(NOW + 3 * MINUTE, NOW + HOUR) == {}


async def test_several_first_answers_are_kept_in_one_go(db, participant):
    given = {"Q5": 1, "Q2": False, "Q22": {"value": True, "tags": ["vaccine"], "text": "打了疫苗"}}
    async with db.begin() as tx:
        checkin = await open_checkin(tx, participant)
        kept = await answers.add_all(tx, checkin_id=checkin.id, values=given, now=NOW, answered_by="self")
        assert {each.item: each.value for each in kept} == given
        assert list((await answers.current(tx, checkin.id)).values()) == kept
        assert await answers.add_all(tx, checkin_id=checkin.id, values={}, now=NOW, answered_by="self") == []


def fever(participant, source: str = "answer:1", rule: str = "R1", **more) -> NewFinding:
    return NewFinding(participant.id, source, rule, 1, "red", None, "1", {"words": "我发烧"}, **more)


async def test_p2_a_rule_fires_once_on_one_answer(db, participant):
    async with db.begin() as tx:
        first = await findings.add(tx, fever(participant), NOW)
        assert first is not None
        assert await findings.add(tx, fever(participant), NOW) is None
        assert await findings.add(tx, fever(participant, rule="R2"), NOW) is not None
        assert await findings.add(tx, fever(participant, source="answer:2"), NOW) is not None


async def test_findings_are_found_by_their_alert_and_by_time(db, participant):
    alert = await open_alert(db, participant)
    async with db.begin() as tx:
        found = await findings.add(tx, fever(participant), NOW)
        assert found is not None
        await findings.set_alert(tx, found, alert.id)
        [kept] = await findings.of_alert(tx, alert.id)
        assert (kept.id, kept.found_at) == (found, NOW)
        assert kept.what == fever(participant, alert_id=alert.id)
        assert await findings.since(tx, participant.id, NOW) == [kept]
        assert await findings.since(tx, participant.id, NOW + MINUTE) == []
        assert "发烧" not in str((await tx.execute(text("SELECT * FROM findings"))).all())


async def test_an_alert_opens_unpaged_and_wakes_the_chain_at_once(db, participant):
    alert = await open_alert(db, participant)
    assert db.wake_changed.is_set()
    assert (alert.state, alert.round, alert.step, alert.wake_at) == ("open", 0, -1, NOW)
    assert (alert.chain_facts.tier_since, alert.chain_facts.paged_at) == (NOW, None)
    assert dict(alert.facts) == {"reason": "38.9"}


async def test_p4_of_a_thousand_presses_one_wins_and_the_others_can_tell_who(db, participant):
    alert = await open_alert(db, participant)
    async with db.begin() as tx:
        for n in range(20):
            await staff.add(tx, name=f"{n}", role=Role.PI, language="en", now=NOW)

    async def press(n: int):
        async with db.begin() as tx:
            return await alerts.acknowledge(tx, alert.id, n % 20 + 1, NOW + n * MINUTE)

    results = await asyncio.gather(*(press(n) for n in range(1000)))
    [winner] = [each for each in results if each is not None]
    async with db.begin() as tx:
        found = await alerts.get(tx, alert.id)
    assert found == winner
    assert (winner.state, winner.acknowledged_at is not None) == ("acknowledged", True)
    assert winner.acknowledged_by in range(1, 21)


async def test_an_alert_is_taken_contacted_and_closed_by_named_humans(db, participant, member):
    alert = await open_alert(db, participant)
    async with db.begin() as tx:
        assert await alerts.acknowledge(tx, alert.id, member.id, NOW + MINUTE) is not None
        contacted = await alerts.contact(tx, alert.id, member.id, NOW + 2 * MINUTE)
        assert contacted is not None
        assert contacted.acknowledged_at == NOW + MINUTE
        assert await alerts.contact(tx, alert.id, member.id, NOW + 3 * MINUTE) is None
        closed = await alerts.close(
            tx, alert.id, member.id, NOW + HOUR, outcome="advised_hospital", note="已联系，去急诊"
        )
        assert closed is not None
        assert (closed.state, closed.outcome, closed.note) == ("closed", "advised_hospital", "已联系，去急诊")
        assert (closed.closed_by, closed.wake_at) == (member.id, None)
        assert await alerts.close(tx, alert.id, member.id, NOW, outcome="other") is None
        assert await alerts.acknowledge(tx, alert.id, member.id, NOW) is None
        assert "急诊" not in str((await tx.execute(text("SELECT * FROM alerts"))).all())


async def test_who_reaches_the_participant_has_taken_the_alert(db, participant, member):
    alert = await open_alert(db, participant)
    async with db.begin() as tx:
        contacted = await alerts.contact(tx, alert.id, member.id, NOW + MINUTE)
        assert contacted is not None
        assert (contacted.acknowledged_by, contacted.acknowledged_at) == (member.id, NOW + MINUTE)
        assert await alerts.acknowledge(tx, alert.id, member.id, NOW) is None


async def test_only_staff_who_exist_can_take_an_alert(db, participant):
    alert = await open_alert(db, participant)
    with pytest.raises(IntegrityError):
        async with db.begin() as tx:
            await alerts.acknowledge(tx, alert.id, 999, NOW)


async def test_a_move_of_the_chain_is_written_back(db, participant, member):
    alert = await open_alert(db, participant)
    async with db.begin() as tx:
        later = NOW + 5 * MINUTE
        await alerts.set_step(tx, alert.id, round_=1, step=0, wake_at=later, paged_at=NOW)
        await alerts.set_step(tx, alert.id, round_=1, step=0, wake_at=later, participant_asked_at=later)
        found = await alerts.get(tx, alert.id)
        assert found is not None
        assert (found.round, found.step, found.paged_at) == (1, 0, NOW)
        assert (found.participant_asked_at, found.wake_at) == (later, later)
        assert await alerts.due(tx, NOW) == []
        assert await alerts.due(tx, later) == [found]
        assert await alerts.next_wake(tx) == later
        await alerts.set_wake(tx, alert.id, NOW)
        assert [each.id for each in await alerts.due(tx, NOW)] == [alert.id]
        await alerts.close(tx, alert.id, member.id, NOW, outcome="false_alarm")
        await alerts.set_wake(tx, alert.id, NOW)
        assert await alerts.due(tx, NOW) == []


async def test_a_raised_alert_starts_its_chain_again(db, participant):
    alert = await open_alert(db, participant, tier="amber", hours=4)
    async with db.begin() as tx:
        await alerts.set_step(tx, alert.id, round_=3, step=2, wake_at=NOW + HOUR, paged_at=NOW)
        raised = await alerts.raise_(tx, alert, "red", None, {"reason": "39"}, NOW + MINUTE)
        assert raised is not None
        assert (raised.tier, raised.hours, raised.tier_since) == ("red", None, NOW + MINUTE)
        assert (raised.round, raised.step, raised.wake_at) == (3, -1, NOW + MINUTE)
        assert (raised.opened_at, dict(raised.facts)) == (NOW, {"reason": "39"})


async def test_a_participants_live_alerts_are_known(db, participant, member):
    first, second = await open_alert(db, participant), await open_alert(db, participant)
    async with db.begin() as tx:
        await alerts.close(tx, first.id, member.id, NOW, outcome="false_alarm")
        assert [each.id for each in await alerts.open_for(tx, participant.id)] == [second.id]
        assert [each.id for each in await alerts.all_live(tx)] == [second.id]
        assert [each.id for each in await alerts.opened_since(tx, NOW)] == [first.id, second.id]
