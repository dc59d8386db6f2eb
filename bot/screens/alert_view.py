"""An alert as it is now, as data: what its page, its list and its trail are written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.people import Action, StaffMember
from bot.domain.words import Words
from bot.texts import Moment

State = Literal["open", "acknowledged", "contacted", "closed"]


@dataclass(frozen=True, slots=True)
class FoundView:
    """One rule that fired, and on what; `private` is what no page tells."""

    rule: str
    version: int
    tier: str
    reason: Words
    evidence: tuple[Words, ...]
    notes: tuple[Words, ...]
    at: datetime
    private: bool = False


@dataclass(frozen=True, slots=True)
class EarlierView:
    """A value of a report before, with where it was measured."""

    what: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody of the staff did something."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody proposes a milder tier, AMBER with so many hours; `id` names the proposal on the trail."""

    id: int
    by_id: int
    name: str
    hours: int
    reason: str
    at: datetime
    by_physician: bool

    def may_be_confirmed_by(self, reader: StaffMember) -> bool:
        """Tell whether a reader is somebody else, and one of the two a physician."""
        return reader.id != self.by_id and (self.by_physician or reader.may(Action.CLOSE))


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as it is now; `version` rises with everything that happens to it."""

    id: int
    version: int
    code: str
    tier: Literal["red", "amber"]
    hours: int | None
    state: State
    zone: str
    opened_at: datetime
    take_by: datetime
    reach_by: datetime
    study_day: int | None
    hours_since: Mapping[str, float]
    found: tuple[FoundView, ...]
    earlier: tuple[EarlierView, ...]
    protocol_version: str
    taken: Deed | None = None
    reached: Deed | None = None
    how: str | None = None
    closed: Deed | None = None
    outcome: str | None = None
    clinical: bool = True
    aware_at: datetime | None = None
    sae_due_at: datetime | None = None
    check_at: datetime | None = None
    known_until: datetime | None = None
    calls: tuple[datetime, ...] = ()
    caregiver_tried: bool = False
    by_phone: bool = False
    proposal: Proposal | None = None
    sae_sent: Deed | None = None
    help_answer: tuple[str, datetime] | None = None
    # When the participant last wrote, or sent a picture, while it was open.
    said_at: datetime | None = None

    # When something graver was found last, which has to be taken and reached anew.
    raised_at: datetime | None = None
    # Pictures and voice messages since the day before; shown to who asks for them, never sent along.
    files: int = 0
    # Words of the participant's own are part of it: shown to who asks for them, as pictures are.
    has_words: bool = False

    @property
    def live_since(self) -> datetime:
        """Return from when on contact counts for the alert as it is."""
        return self.raised_at or self.opened_at

    def time(self, at: datetime) -> Moment:
        """Return an instant as the site's clocks show it, with its day."""
        return Moment(at, self.zone, "day_time")
