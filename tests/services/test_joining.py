"""Joining: one code, one chat, one line for everything that is not right."""

from datetime import timedelta

import pytest

from bot.domain.people import Participant, ParticipantStatus, Role, StaffMember
from bot.errors import NotAllowed
from bot.services import people
from bot.services.participation import enrolment, joining
from bot.services.trail import SYSTEM
from bot.storage import codes, links, participants, staff
from tests.services.conftest import LIN, SONG, WANG


async def test_a_good_code_links_the_chat_and_the_coordinator_is_told(ward, study):
    await ward.staff()
    joined = await ward.joined()
    assert joined.status is ParticipantStatus.JOINED
    assert await people.who(study, WANG) == joined
    [note] = [each for each in await ward.queue("staff_note") if each.params["note"] == "joined"]
    text = await ward.written(note)
    assert "001 has joined" in text
    assert text.splitlines()[0] == "Suifang: a note from the study"


async def test_the_same_update_handled_twice_gives_the_same_answer_and_one_note(ward, study):
    await ward.staff()
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    first = await joining.redeem(study, WANG, invitation.code)
    second = await joining.redeem(study, WANG, invitation.code)
    assert isinstance(first, joining.Joined)
    assert isinstance(second, joining.Joined)
    assert (await ward.actions()).count("join") == 2  # the coordinator and the participant, once each


async def test_wrong_used_expired_and_revoked_codes_cannot_be_told_apart(ward, study):
    enrolled = await ward.enrol()
    used = await enrolment.invite(study, SYSTEM, enrolled)
    await joining.redeem(study, WANG, used.code)
    revoked = await enrolment.invite(study, SYSTEM, enrolled)
    expired = await enrolment.invite(study, SYSTEM, enrolled)
    await ward.pass_time(hours=72)
    for code in ("no-such-code", used.code, revoked.code, expired.code):
        assert await joining.redeem(study, SONG, code) == "refused"


async def test_a_code_is_good_until_the_last_second_of_its_72_hours(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    other = await enrolment.invite(study, SYSTEM, await ward.enrol(code="002"))
    await ward.pass_time(hours=72, seconds=-1)
    assert isinstance(await joining.redeem(study, WANG, invitation.code), joining.Joined)
    await ward.pass_time(seconds=1)
    assert await joining.redeem(study, SONG, other.code) == "refused"


async def test_five_wrong_codes_in_an_hour_close_the_door_to_a_good_one(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    for n in range(5):
        assert await joining.redeem(study, WANG, f"guess-{n}") == "refused"
    assert await joining.redeem(study, WANG, invitation.code) == "too_many"
    await ward.pass_time(hours=1)
    assert isinstance(await joining.redeem(study, WANG, invitation.code), joining.Joined)


async def test_many_chats_that_guess_together_are_stopped_too(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    async with study.db.begin() as tx:
        for chat in range(99):
            await codes.record_try(tx, tx.chat_key(chat), study.clock.now())
    assert await joining.redeem(study, SONG, "the hundredth guess") == "refused"
    assert await joining.redeem(study, WANG, invitation.code) == "too_many"


async def test_a_good_code_on_the_phone_of_another_person_is_refused_and_stays_good(ward, study):
    await ward.staff(LIN)
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    assert await joining.redeem(study, LIN, invitation.code) == "refused"
    assert isinstance(await people.who(study, LIN), StaffMember)
    assert isinstance(await joining.redeem(study, WANG, invitation.code), joining.Joined)


async def test_joining_again_on_another_phone_ends_the_old_chat_and_staff_see_both(ward, study):
    await ward.staff()
    joined = await ward.joined(WANG)
    first_at = study.clock.now()
    await ward.pass_time(days=1)
    invitation = await enrolment.invite(study, SYSTEM, joined)
    await joining.redeem(study, SONG, invitation.code)
    assert await people.who(study, WANG) is None
    again = await people.who(study, SONG)
    assert isinstance(again, Participant)
    assert again.code == "001"
    [note] = [each for each in await ward.queue("staff_note") if each.params["note"] == "rejoined"]
    assert note.params["before"] == first_at.isoformat()
    assert "ended" in await ward.written(note)


async def test_the_first_phone_cannot_come_back_with_its_used_code(ward, study):
    enrolled = await ward.enrol()
    first = await enrolment.invite(study, SYSTEM, enrolled)
    await joining.redeem(study, WANG, first.code)
    second = await enrolment.invite(study, SYSTEM, enrolled)
    await joining.redeem(study, SONG, second.code)
    assert await joining.redeem(study, WANG, first.code) == "refused"


async def test_who_was_withdrawn_or_revoked_cannot_join(ward, study):
    enrolled = await ward.enrol()
    invitation = await enrolment.invite(study, SYSTEM, enrolled)
    member, staff_invitation = await enrolment.invite_staff(study, SYSTEM, "Lin", Role.PI, "en")
    async with study.db.begin() as tx:
        await participants.set_status(tx, enrolled.id, ParticipantStatus.WITHDRAWN, study.clock.now())
        await staff.revoke(tx, member.id, study.clock.now())
    assert await joining.redeem(study, WANG, invitation.code) == "refused"
    assert await joining.redeem(study, LIN, staff_invitation.code) == "refused"


async def test_staff_are_active_once_they_have_joined(ward):
    member = await ward.staff(role=Role.PI)
    assert member.status == "active"


async def test_a_revoked_member_of_staff_is_a_stranger_at_once(ward, study):
    member = await ward.staff()
    async with study.db.begin() as tx:
        await staff.revoke(tx, member.id, study.clock.now())
    assert await people.who(study, LIN) is None


async def test_staff_read_one_language_and_participants_one_or_both(ward, study):
    member, joined = await ward.staff(), await ward.joined()
    with pytest.raises(NotAllowed):
        await joining.choose_language(study, member.ref, "both")
    changed = await joining.choose_language(study, joined.ref, "both")
    assert changed.language == "both"


async def test_nobody_is_told_anything_of_a_wrong_code(ward, study):
    await ward.staff()
    before = len(await ward.queue())
    await joining.redeem(study, WANG, "guess")
    assert len(await ward.queue()) == before


async def test_notes_go_to_whoever_there_is_when_there_is_no_coordinator(ward, study):
    await ward.staff(SONG, Role.SUB_INVESTIGATOR, "Song")
    await ward.joined()
    [note] = await ward.queue("staff_note")
    assert note.to is not None
    assert note.to.kind == "staff"
    async with study.db.begin() as tx:
        assert await links.chat_of(tx, note.to) == SONG


async def test_the_expiry_counts_from_the_invitation(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    assert invitation.expires_at - study.clock.now() == timedelta(hours=72)
