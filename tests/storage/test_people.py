"""Participants, staff, their chats, and how they join."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.domain.people import ParticipantStatus, PersonRef, Role
from bot.storage import codes, links, meta, participants, staff
from bot.storage.codes import Redeemed, Redemption
from bot.storage.vault import Vault
from tests.storage.conftest import MINUTE, NOW, in_the_words_of_sqlite, opened

ANNA, BO = PersonRef("participant", 1), PersonRef("staff", 1)


async def enrol(tx, code: str):
    return await participants.add(
        tx,
        code=code,
        arm="NK010",
        dose=1e9,
        day1_on=date(2026, 12, 1),
        icf_on=date(2026, 11, 20),
        language="both",
        zone="Asia/Shanghai",
        now=NOW,
    )


async def test_a_participant_comes_back_as_enrolled(db, participant):
    async with db.begin() as tx:
        assert await participants.get(tx, participant.id) == participant
        assert await participants.by_code(tx, "001") == participant
        assert await participants.by_code(tx, "002") is None
        assert await participants.get(tx, 99) is None
    assert isinstance(participant.dose, float)
    assert (participant.dose, participant.day1_on) == (2.5e9, date(2026, 12, 1))
    assert (participant.flags, participant.baseline) == ({"HBCAB_POS"}, {"spo2": 97})
    assert (participant.status, participant.enrolled_at) == (ParticipantStatus.ENROLLED, NOW)


async def test_a_code_is_given_once(db, participant):
    with pytest.raises(IntegrityError):
        async with db.begin() as tx:
            await enrol(tx, "001")


async def test_a_participant_goes_from_enrolled_to_active_to_an_end(db, participant):
    async with db.begin() as tx:
        assert await participants.mark_consented(tx, participant.id, NOW) is False
        assert await participants.mark_joined(tx, participant.id, NOW) is True
        assert await participants.mark_joined(tx, participant.id, NOW + MINUTE) is False
        assert await participants.mark_consented(tx, participant.id, NOW + MINUTE) is True
        assert await participants.mark_consented(tx, participant.id, NOW + 2 * MINUTE) is False
        active = await participants.get(tx, participant.id)
        left = ParticipantStatus.WITHDRAWN
        assert await participants.set_status(tx, participant.id, left, NOW + 3 * MINUTE) is True
        done = ParticipantStatus.COMPLETED
        assert await participants.set_status(tx, participant.id, done, NOW) is False
        gone = await participants.get(tx, participant.id)
    assert active is not None
    assert gone is not None
    assert (active.status, active.joined_at, active.consented_at) == ("active", NOW, NOW + MINUTE)
    assert (gone.status, gone.withdrawn_at) == ("withdrawn", NOW + 3 * MINUTE)


async def test_what_staff_correct_is_kept(db, participant):
    async with db.begin() as tx:
        await participants.set_language(tx, participant.id, "en")
        await participants.set_day1(tx, participant.id, date(2026, 12, 3))
        await participants.set_flags(tx, participant.id, {"STEROID", "CARDIAC"})
        await participants.set_baseline(tx, participant.id, {"spo2": 95, "weight": 61.5})
        await participants.set_inpatient_until(tx, participant.id, date(2026, 12, 9))
        found = await participants.get(tx, participant.id)
        assert await participants.inpatient_until(tx, participant.id) == date(2026, 12, 9)
    assert found is not None
    assert (found.language, found.day1_on) == ("en", date(2026, 12, 3))
    assert found.flags == {"STEROID", "CARDIAC"}
    assert found.baseline == {"spo2": 95, "weight": 61.5}


async def test_those_whose_hint_has_passed_are_due_the_longest_waiting_first(db):
    async with db.begin() as tx:
        people = [await enrol(tx, f"{n:03}") for n in range(5)]
        hints = [NOW, NOW - MINUTE, NOW + MINUTE, None, NOW - 2 * MINUTE]
        for each, at in zip(people, hints, strict=True):
            await participants.set_wake(tx, each.id, at)
        assert [p.code for p in await participants.due(tx, NOW, 10)] == ["004", "001", "000"]
        assert [p.code for p in await participants.due(tx, NOW, 1)] == ["004"]
        assert await participants.next_wake(tx) == NOW - 2 * MINUTE
        assert [p.code for p in await participants.all_(tx)] == ["000", "001", "002", "003", "004"]


async def test_nobody_to_wake_is_no_instant(db, participant):
    async with db.begin() as tx:
        assert await participants.next_wake(tx) is None


async def test_a_new_hint_is_announced_after_the_commit(db, participant):
    async with db.begin() as tx:
        await participants.set_wake(tx, participant.id, NOW)
        assert not db.wake_changed.is_set()
    assert db.wake_changed.is_set()


@in_the_words_of_sqlite
async def test_finding_the_due_does_not_read_the_others(db):
    async with db.begin() as tx:
        plan = (
            await tx.execute(
                text(
                    "EXPLAIN QUERY PLAN SELECT * FROM participants WHERE wake_at <= 'x' ORDER BY wake_at, id"
                )
            )
        ).all()
    assert "ix_participants_wake_at" in plan[0][-1]
    assert len(plan) == 1


async def test_staff_are_found_by_role_and_by_being_on_call(db, member):
    async with db.begin() as tx:
        assert await staff.on_call(tx) == []  # invited, not active yet
        assert await staff.mark_active(tx, member.id) is True
        assert await staff.mark_active(tx, member.id) is False
        nurse = await staff.add(tx, name="Wu", role=Role.COORDINATOR, language="zh_CN", now=NOW)
        await staff.mark_active(tx, nurse.id)
        assert [m.id for m in await staff.on_call(tx)] == [member.id]
        await staff.set_on_call(tx, member.id, False)
        await staff.set_on_call(tx, nurse.id, True)
        assert [m.id for m in await staff.on_call(tx)] == [nurse.id]
        assert [m.id for m in await staff.active_with_roles(tx, {Role.PI})] == [member.id]
        assert await staff.active_with_roles(tx, set()) == []
        assert len(await staff.all_(tx)) == 2


async def test_who_is_revoked_has_no_right_left_and_gets_none_again(db, member):
    async with db.begin() as tx:
        await staff.mark_active(tx, member.id)
        assert await staff.revoke(tx, member.id, NOW) is True
        assert await staff.revoke(tx, member.id, NOW) is False
        assert await staff.mark_active(tx, member.id) is False
        await staff.set_on_call(tx, member.id, True)
        await staff.set_language(tx, member.id, "zh_CN")
        found = await staff.get(tx, member.id)
        assert await staff.on_call(tx) == []
        assert await staff.active_with_roles(tx, set(Role)) == []
    assert found is not None
    assert (found.status, found.on_call, found.language) == ("revoked", False, "en")


async def test_a_chat_belongs_to_one_person_and_a_person_has_one_chat(db):
    async with db.begin() as tx:
        assert await links.link(tx, ANNA, 100, NOW) == "linked"
        assert await links.link(tx, ANNA, 100, NOW) == "same"
        assert await links.link(tx, BO, 100, NOW) == "chat_taken"
        assert await links.find_person(tx, 100) == ANNA
        assert await links.chat_of(tx, BO) is None
        assert await links.link(tx, ANNA, 200, NOW) == "linked"
        assert (await links.chat_of(tx, ANNA), await links.find_person(tx, 100)) == (200, None)
        assert await links.link(tx, BO, 100, NOW) == "linked"
        assert [(each.person, each.chat_id) for each in await links.all_live(tx)] == [(ANNA, 200), (BO, 100)]


async def test_the_database_itself_refuses_a_second_live_link(db):
    async with db.begin() as tx:
        await links.link(tx, ANNA, 100, NOW)
    for columns in ("person_kind, person_id, 'other'", "'staff', 9, chat_key"):
        with pytest.raises(IntegrityError):
            async with db.begin() as tx:
                await tx.execute(
                    text(
                        "INSERT INTO links (person_kind, person_id, chat_key, chat_box, linked_at)"
                        f" SELECT {columns}, chat_box, linked_at FROM links"
                    )
                )


async def test_an_ended_link_is_nobodys_chat(db):
    async with db.begin() as tx:
        await links.link(tx, ANNA, 100, NOW)
        assert await links.end(tx, ANNA, NOW) is True
        assert await links.end(tx, ANNA, NOW) is False
        assert (await links.find_person(tx, 100), await links.get(tx, ANNA)) == (None, None)
        assert await links.all_live(tx) == []


async def test_unreachable_comes_and_goes(db):
    async with db.begin() as tx:
        assert await links.mark_unreachable(tx, ANNA, NOW) is False
        await links.link(tx, ANNA, 100, NOW)
        assert await links.mark_reachable(tx, ANNA) is False
        assert await links.mark_unreachable(tx, ANNA, NOW) is True
        assert await links.mark_unreachable(tx, ANNA, NOW + MINUTE) is False
        found = await links.get(tx, ANNA)
        assert found is not None
        assert found.unreachable_at == NOW
        assert await links.mark_reachable(tx, ANNA) is True
        assert await links.chat_of(tx, ANNA) == 100


async def test_no_chat_is_readable_at_rest(db):
    async with db.begin() as tx:
        await links.link(tx, ANNA, 987654321, NOW)
        row = (await tx.execute(text("SELECT * FROM links"))).one()
    assert not any("987654321" in str(part) for part in row)


async def test_chats_are_found_while_and_after_keys_are_rotated(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    for secret, rotate in (("old", False), ("new,old", True), ("new", False)):
        db = await opened(url, Vault(secret))
        async with db.begin() as tx:
            if secret == "old":
                await links.link(tx, ANNA, 100, NOW)
            assert await links.find_person(tx, 100) == ANNA
            assert await links.chat_of(tx, ANNA) == 100
            assert await links.link(tx, BO, 100, NOW) == "chat_taken"
            if rotate:
                assert await links.rekey(tx) == 1
        await db.close()


async def add_code(db, code: str, person: PersonRef = ANNA, hours: int = 72) -> str:
    code_hash = codes.hash_code(code)
    async with db.begin() as tx:
        await codes.add(tx, code_hash, person, NOW, NOW + timedelta(hours=hours))
    return code_hash


async def test_a_code_works_once(db):
    code = await add_code(db, "abc")
    async with db.begin() as tx:
        assert await codes.redeem(tx, code, NOW, "chat a") == Redeemed(Redemption.OK, ANNA)
        assert await codes.redeem(tx, code, NOW, "chat b") == Redeemed(Redemption.USED, ANNA)
        assert await codes.redeem(tx, code, NOW, "chat a") == Redeemed(Redemption.YOURS, ANNA)


async def test_of_many_who_send_a_code_at_once_one_wins(db):
    code = await add_code(db, "abc")

    async def send(n: int) -> Redemption:
        async with db.begin() as tx:
            return (await codes.redeem(tx, code, NOW, f"chat {n}")).outcome

    outcomes = await asyncio.gather(*(send(n) for n in range(50)))
    assert (outcomes.count(Redemption.OK), outcomes.count(Redemption.USED)) == (1, 49)


async def test_a_wrong_an_expired_and_a_revoked_code_say_why(db):
    late, revoked = await add_code(db, "late", hours=1), await add_code(db, "revoked", BO)
    async with db.begin() as tx:
        assert await codes.revoke_for(tx, BO, NOW) == 1
        assert await codes.revoke_for(tx, BO, NOW) == 0
        at = NOW + timedelta(hours=1)
        assert await codes.redeem(tx, late, at, "c") == Redeemed(Redemption.EXPIRED, ANNA)
        assert await codes.redeem(tx, revoked, NOW, "c") == Redeemed(Redemption.REVOKED, BO)
        wrong = codes.hash_code("never")
        assert await codes.redeem(tx, wrong, NOW, "c") == Redeemed(Redemption.WRONG, None)
        assert (await codes.redeem(tx, late, at - MINUTE, "c")).outcome is Redemption.OK


async def test_the_same_hash_is_kept_once(db):
    await add_code(db, "abc")
    with pytest.raises(IntegrityError):
        await add_code(db, "abc", BO)


async def test_tries_are_counted_for_a_chat_and_for_all(db):
    async with db.begin() as tx:
        for minutes, chat in ((0, "a"), (5, "a"), (6, "b")):
            await codes.record_try(tx, chat, NOW + minutes * MINUTE)
        assert await codes.tries_since(tx, NOW - MINUTE) == 3
        assert await codes.tries_since(tx, NOW) == 2
        assert await codes.tries_since(tx, NOW - MINUTE, "a") == 2
        assert await codes.tries_since(tx, NOW, "a") == 1


async def test_a_mark_is_put_once_or_anew(db):
    async with db.begin() as tx:
        assert await meta.put_once(tx, "k", "1") is True
        assert await meta.put_once(tx, "k", "2") is False
        assert await meta.get(tx, "k") == "1"
        await meta.put(tx, "k", "3")
        assert await meta.get(tx, "k") == "3"
        assert await meta.get(tx, "none") is None


async def test_a_participant_who_was_read_and_then_changed_is_read_afresh(db, participant):
    """Within one transaction the second reading costs nothing, and is never older than the last change."""
    async with db.begin() as tx:
        read = await participants.get(tx, participant.id)
        assert await participants.get(tx, participant.id) is read
        await participants.set_day1(tx, participant.id, date(2027, 1, 5))
        changed = await participants.get(tx, participant.id)
        assert changed is not None
        assert changed.day1_on == date(2027, 1, 5)
