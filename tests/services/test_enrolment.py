"""Enrolling: what is refused, and what an invitation is."""

from datetime import date, timedelta
from typing import Any, cast

import pytest

from bot.domain.people import ParticipantStatus, Role
from bot.errors import BadInput
from bot.services.participation import enrolment, joining
from bot.services.trail import SYSTEM, operator
from bot.storage import audit
from bot.texts import Phrase
from tests.services.conftest import WANG, request


async def test_an_enrolled_participant_is_kept_with_an_audit_row(ward, study):
    enrolled = await enrolment.enrol(study, operator("pi-office"), request(flags=frozenset({"STEROID"})))
    assert (enrolled.code, enrolled.status) == ("001", ParticipantStatus.ENROLLED)
    assert enrolled.flags == {"STEROID"}
    assert (await ward.now(enrolled)).wake_at is not None
    async with study.db.begin() as tx:
        [row] = await audit.about(tx, enrolled.ref)
    assert (row.action, row.actor_name, row.after["icf_on"]) == ("enrol", "pi-office", "2026-11-20")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"code": "1"}, "enrol.refused.code_format"),
        ({"code": "0001"}, "enrol.refused.code_format"),
        ({"code": "٠٠١x"}, "enrol.refused.code_format"),
        ({"arm": "NK999"}, "enrol.refused.arm"),
        ({"dose": 6e8}, "enrol.refused.dose"),
        ({"language": "fr"}, "enrol.refused.language"),
        ({"icf_on": date(2026, 12, 2), "day1_on": date(2026, 12, 9)}, "enrol.refused.icf_future"),
        ({"day1_on": date(2026, 11, 19)}, "enrol.refused.day1_before_icf"),
        ({"flags": frozenset({"TALL"})}, "enrol.refused.flag"),
    ],
)
async def test_what_cannot_be_right_is_refused_in_both_languages(ward, study, changed, key):
    with pytest.raises(BadInput) as refused:
        await ward.enrol(**changed)
    assert refused.value.key == key
    for locale in ("zh_CN", "en"):
        assert study.texts.plain(locale, Phrase(key, cast(Any, refused.value.values)))
    assert await ward.actions() == []


async def test_consent_on_paper_may_be_signed_today_and_treatment_begin_today(ward):
    await ward.enrol(icf_on=date(2026, 12, 1), day1_on=date(2026, 12, 1))


async def test_a_code_is_given_once(ward):
    await ward.enrol()
    with pytest.raises(BadInput, match="code_taken"):
        await ward.enrol(dose=5e9)


async def test_an_invitation_is_a_link_of_128_bits_that_ends_after_72_hours(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    assert invitation.link == f"https://t.me/suifang_sandbox_bot?start={invitation.code}"
    assert len(invitation.code) == 22
    assert invitation.expires_at == study.clock.now() + timedelta(hours=72)
    assert invitation.png().startswith(b"\x89PNG")


async def test_a_new_invitation_ends_the_older_one(ward, study):
    enrolled = await ward.enrol()
    older = await enrolment.invite(study, SYSTEM, enrolled)
    newer = await enrolment.invite(study, SYSTEM, enrolled)
    assert await joining.redeem(study, WANG, older.code) == "refused"
    assert isinstance(await joining.redeem(study, WANG, newer.code), joining.Joined)


async def test_the_code_itself_is_not_in_the_audit_trail(ward, study):
    invitation = await enrolment.invite(study, SYSTEM, await ward.enrol())
    async with study.db.begin() as tx:
        rows = await audit.page(tx)
    assert all(invitation.code not in str(row) for row in rows)


async def test_a_nameless_member_of_staff_is_refused(study):
    with pytest.raises(BadInput, match="name"):
        await enrolment.invite_staff(study, SYSTEM, "  ", Role.PI)
