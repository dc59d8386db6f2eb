"""Who takes part and who looks after them, and what each role may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

Language = Literal["zh_CN", "en", "both"]
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en", "both")
PersonKind = Literal["participant", "staff", "caregiver"]
Relation = Literal["spouse", "child", "parent", "other"]
KINDS: tuple[PersonKind, ...] = ("participant", "staff", "caregiver")
RELATIONS: tuple[Relation, ...] = ("spouse", "child", "parent", "other")


class Role(StrEnum):
    """What a member of staff is in the trial (ICH E6(R3) delegation)."""

    COORDINATOR = "coordinator"
    SUB_INVESTIGATOR = "sub_investigator"
    PI = "pi"


class ParticipantStatus(StrEnum):
    """enrolled → joined → active, and back where consent ends; any → withdrawn | completed, both ends."""

    ENROLLED = "enrolled"
    JOINED = "joined"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"


ENDED = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)
"""The ends, which nothing leaves: nobody is reminded, asked or moved any more."""


class Action(StrEnum):
    """What a member of staff may want to do; the table below says who may."""

    SEE_ALERTS = "see_alerts"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"
    SEE_PARTICIPANT = "see_participant"
    BE_ON_CALL = "be_on_call"
    PLAN_DUTY = "plan_duty"
    ENROL = "enrol"
    MOVE_VISIT = "move_visit"
    RECORD_INFUSION = "record_infusion"
    BROADCAST = "broadcast"
    APPROVE_BROADCAST = "approve_broadcast"
    SEE_PHONE = "see_phone"
    ANSWER_MESSAGES = "answer_messages"
    EXPORT = "export"
    SET_CARE = "set_care"
    LOOSEN_BASELINE = "loosen_baseline"


_EVERYONE = frozenset(Role)
_COORDINATOR = frozenset({Role.COORDINATOR})
_PHYSICIANS = frozenset({Role.SUB_INVESTIGATOR, Role.PI})

PERMISSIONS: Mapping[Action, frozenset[Role]] = {
    Action.SEE_ALERTS: _EVERYONE,
    Action.ACKNOWLEDGE: _EVERYONE,
    # A physician's role is needed to close: clinical defaults, section 5.
    Action.CLOSE: _PHYSICIANS,
    Action.SEE_PARTICIPANT: _EVERYONE,
    Action.BE_ON_CALL: _EVERYONE,
    Action.PLAN_DUTY: _COORDINATOR,
    Action.ENROL: _COORDINATOR,
    Action.MOVE_VISIT: _COORDINATOR,
    Action.RECORD_INFUSION: _COORDINATOR,
    Action.BROADCAST: _COORDINATOR,
    # Where the site asks for it; never the author.
    Action.APPROVE_BROADCAST: _EVERYONE,
    Action.SEE_PHONE: _EVERYONE,
    Action.ANSWER_MESSAGES: _COORDINATOR,
    Action.EXPORT: _COORDINATOR,
    # Flags and baselines that tighten, and a stay in hospital: whoever learns of it first.
    Action.SET_CARE: _EVERYONE,
    # Alerts come later then: the PI's own press is the signature that clinical defaults ask for.
    Action.LOOSEN_BASELINE: frozenset({Role.PI}),
}

# What a physician may do only while on call; a coordinator's work needs it at any time.
ON_DUTY_ONLY = frozenset({Action.SEE_PHONE})


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A participant, a member of staff or a caregiver, by the id of their row."""

    kind: PersonKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "PersonRef":
        """Read what `str` wrote; ValueError when it is not one."""
        kind, _, number = text.partition(":")
        for known in KINDS:
            if known == kind:
                return cls(known, int(number))
        raise ValueError(f"not a person: {text!r}")


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone enrolled on paper; `day1_on` is the planned or actual first rituximab day."""

    id: int
    code: str
    arm: str
    dose: float
    day1_on: date
    icf_on: date
    language: Language
    zone: str
    status: ParticipantStatus
    flags: frozenset[str] = frozenset()
    baseline: Mapping[str, Any] = field(default_factory=dict)
    enrolled_at: datetime | None = None
    joined_at: datetime | None = None
    consented_at: datetime | None = None
    withdrawn_at: datetime | None = None
    wake_at: datetime | None = None
    spoken_for_by: "Caregiver | None" = None

    @property
    def ref(self) -> PersonRef:
        """The reference to this participant."""
        return PersonRef("participant", self.id)

    @property
    def actor(self) -> PersonRef:
        """Who is at the phone: the participant, or the caregiver who speaks for them."""
        return self.spoken_for_by.ref if self.spoken_for_by else self.ref

    @property
    def answers_as(self) -> Literal["self", "caregiver"]:
        """How an answer from this phone is marked."""
        return "caregiver" if self.spoken_for_by else "self"


@dataclass(frozen=True, slots=True)
class Caregiver:
    """Someone whom a participant invited; `status` is invited → joined → active → ended."""

    id: int
    participant_id: int
    relation: Relation
    language: Language
    status: Literal["invited", "joined", "active", "ended"]
    invited_at: datetime
    joined_at: datetime | None = None

    @property
    def ref(self) -> PersonRef:
        """The reference to this caregiver."""
        return PersonRef("caregiver", self.id)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Someone at the site; `status` is invited → active → revoked."""

    id: int
    name: str
    role: Role
    language: Literal["zh_CN", "en"]
    status: Literal["invited", "active", "revoked"]
    on_call: bool = False

    @property
    def ref(self) -> PersonRef:
        """The reference to this member of staff."""
        return PersonRef("staff", self.id)

    def may(self, action: Action) -> bool:
        """Tell whether this member may do `action` now."""
        if self.status != "active" or self.role not in PERMISSIONS[action]:
            return False
        return action not in ON_DUTY_ONLY or self.role is Role.COORDINATOR or self.on_call
