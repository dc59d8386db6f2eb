"""Enrolling participants and inviting staff."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bot.domain import calendar
from bot.domain.people import LANGUAGES, Language, Participant, PersonRef, Role, StaffMember
from bot.domain.protocol import Protocol
from bot.errors import BadInput
from bot.services.participation.invitations import Invitation, invite_person
from bot.services.trail import Actor, record
from bot.services.visits.days_off import tell_days_off
from bot.storage import codes, links, participants, phones, staff
from bot.storage.db import Tx
from bot.study import Study

CODE_FORMAT = re.compile(r"\d{3}")


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """What is needed to enrol somebody: `icf_on` is the date of the signed paper consent."""

    code: str
    arm: str
    dose: float
    day1_on: date
    icf_on: date
    language: Language = "zh_CN"
    flags: frozenset[str] = frozenset()
    baseline: Mapping[str, Any] = field(default_factory=dict)
    zone: str | None = None
    # A normal number (bot.domain.telephone); it goes into the vault, and never into the trail.
    phone: str | None = None


async def enrol(study: Study, actor: Actor, request: EnrolRequest) -> Participant:
    """Enrol a participant after the paper consent; BadInput names what is wrong with the request."""
    now = study.clock.now()
    zone = request.zone or study.site.zone
    check(study.protocol, request, calendar.to_local(now, zone).date())
    async with study.db.begin() as tx:
        if await participants.by_code(tx, request.code) is not None:
            raise BadInput("enrol.refused.code_taken", code=request.code)
        return await enrol_checked(study, tx, actor, request, now)


async def enrol_checked(
    study: Study, tx: Tx, actor: Actor, request: EnrolRequest, now: datetime
) -> Participant:
    """Enrol within the caller's transaction somebody whose request was checked, and whose code is free."""
    added = await _add(tx, request, request.zone or study.site.zone, now)
    if request.phone is not None:
        await phones.put(tx, added.id, request.phone, now)
    # Nothing is due before the consent in the chat; the first look settles when to look again.
    await participants.set_wake(tx, added.id, now)
    await record(tx, study, actor, "enrol", now, subject=added.ref, after=_audited(request))
    await tell_days_off(study, tx, added, now)
    return added


def check(protocol: Protocol, request: EnrolRequest, today: date) -> None:
    """Raise BadInput for the first thing that cannot be right; `today` is the participant's date."""
    check_code(request.code)
    check_dose(protocol, request.arm, request.dose)
    if request.language not in LANGUAGES:
        raise BadInput("enrol.refused.language")
    check_icf(request.icf_on, today)
    check_day1(request.day1_on, request.icf_on)
    unknown = sorted(request.flags - set(protocol.flags))
    if unknown:
        raise BadInput("enrol.refused.flag", flag=unknown[0])


def check_code(code: str) -> None:
    """Raise BadInput where a participant code is not three digits."""
    if not CODE_FORMAT.fullmatch(code):
        raise BadInput("enrol.refused.code_format")


def check_dose(protocol: Protocol, arm: str, dose: float) -> None:
    """Raise BadInput for an arm, or a dose level in it, that the protocol does not have."""
    if arm not in protocol.arms:
        raise BadInput("enrol.refused.arm", arm=arm)
    if dose not in protocol.arms[arm].doses:
        raise BadInput("enrol.refused.dose", dose=f"{dose:g}")


def check_icf(icf_on: date, today: date) -> None:
    """Raise BadInput where the paper consent would be signed in the future."""
    if icf_on > today:
        raise BadInput("enrol.refused.icf_future")


def check_day1(day1_on: date, icf_on: date) -> None:
    """Raise BadInput where treatment would begin before the paper consent."""
    if day1_on < icf_on:
        raise BadInput("enrol.refused.day1_before_icf")


async def invite(study: Study, actor: Actor, participant: Participant) -> Invitation:
    """Make a new join link for a participant; older ones can no longer be used."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        return await invite_person(study, tx, actor, participant.ref, now)


async def invite_staff(
    study: Study, actor: Actor, name: str, role: Role, language: Literal["zh_CN", "en"] = "zh_CN"
) -> tuple[StaffMember, Invitation]:
    """Add a member of staff and make their join link; they are active once they have used it."""
    now = study.clock.now()
    if not name.strip():
        raise BadInput("enrol.refused.name")
    async with study.db.begin() as tx:
        member = await staff.add(tx, name=name.strip(), role=role, language=language, now=now)
        after = {"role": role.value, "language": language}
        await record(tx, study, actor, "invite_staff", now, subject=member.ref, after=after)
        return member, await invite_person(study, tx, actor, member.ref, now)


async def invite_staff_again(study: Study, actor: Actor, staff_id: int) -> Invitation:
    """Make a new join link for a member of staff, as for a new phone; BadInput for one who was revoked."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await staff.get(tx, staff_id)
        if member is None or member.status == "revoked":
            raise BadInput("enrol.refused.staff")
        return await invite_person(study, tx, actor, PersonRef("staff", staff_id), now)


async def revoke_staff(study: Study, actor: Actor, staff_id: int) -> bool:
    """End everything that a member of staff may do, their chat included; False when that was done before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        if not await staff.revoke(tx, staff_id, now):
            return False
        ref = PersonRef("staff", staff_id)
        await links.end(tx, ref, now)
        await codes.revoke_for(tx, ref, now)
        await record(tx, study, actor, "revoke_staff", now, subject=ref)
        return True


async def _add(tx: Tx, request: EnrolRequest, zone: str, now: datetime) -> Participant:
    return await participants.add(
        tx,
        code=request.code,
        arm=request.arm,
        dose=request.dose,
        day1_on=request.day1_on,
        icf_on=request.icf_on,
        language=request.language,
        zone=zone,
        now=now,
        flags=request.flags,
        baseline=request.baseline,
    )


def _audited(request: EnrolRequest) -> dict[str, Any]:
    return {
        "code": request.code,
        "arm": request.arm,
        "dose": request.dose,
        "day1_on": request.day1_on.isoformat(),
        "icf_on": request.icf_on.isoformat(),
        "language": request.language,
        "flags": sorted(request.flags),
        "baseline": dict(request.baseline),
        "phone": request.phone is not None,
    }
