"""The heart: what is due for one participant now, and when to look again.

Nothing about the future is stored. A moved visit, an amended protocol or a day
of downtime needs no clean-up, because all of it is worked out afresh from the
facts at every look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from bot.domain.calendar import to_local
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.planning import Course, PlannedVisit, VisitFacts, plan
from bot.domain.protocol import Protocol
from bot.domain.timetable import Checkin, Notice, Reminder, Timetable, quiet_until, timetable


@dataclass(frozen=True, slots=True)
class Asked:
    """A scheduled check-in that was opened, whatever became of it; `due_at` is when it was to be."""

    key: str
    form: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the agenda of one participant follows from, beside the protocol.

    `sent`: keys of the reminders that are in the outbox, whatever their state.
    `asked`: check-ins opened in the last days; older ones change nothing.
    `inpatient_until`: the last day in hospital; home check-ins start the morning after.
    `looked_at`: the instant up to which everything has been looked at before;
    what fell due and went stale since then is reported as dropped.
    """

    participant_id: int
    course: Course
    followed: bool
    sent: frozenset[str] = frozenset()
    asked: tuple[Asked, ...] = ()
    inpatient_until: date | None = None
    looked_at: datetime | None = None

    @classmethod
    def of(
        cls,
        participant: Participant,
        visits: tuple[VisitFacts, ...] = (),
        *,
        sent: frozenset[str] = frozenset(),
        asked: tuple[Asked, ...] = (),
        inpatient_until: date | None = None,
        reminder_at: tuple[tuple[str, time], ...] = (),
    ) -> "Facts":
        """Return the facts of a participant: followed from consent to the end, looked at up to `wake_at`."""
        return cls(
            participant.id,
            Course(participant.day1_on, participant.zone, visits, participant.flags, reminder_at),
            participant.status is ParticipantStatus.ACTIVE and participant.consented_at is not None,
            sent,
            asked,
            inpatient_until,
            participant.wake_at,
        )


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A visit to be announced now; `on` and `at` are the visit's own, local."""

    key: str
    visit: str
    rule: str
    on: date
    at: time
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DueCheckin:
    """A check-in to be opened now."""

    key: str
    slot: str
    form: str
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A monthly reminder to be sent now; `until_on` is the day on which what it reminds of ends."""

    key: str
    rule: str
    name: str
    due_at: datetime
    expires_at: datetime
    until_on: date


Due = DueReminder | DueCheckin | DueNotice


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is due; `look_again_at` is the next instant at which anything may be, None for never.

    `dropped`: keys of what fell due since the last look and is not worth
    sending any more, for the coordinator's digest.
    """

    items: tuple[Due, ...] = ()
    look_again_at: datetime | None = None
    dropped: tuple[str, ...] = ()


def reminder_key(participant_id: int, visit: str, rule: str, on: date) -> str:
    """Return the key of one reminder; `on` is the visit's date, so that a moved visit is announced anew."""
    return f"reminder:{participant_id}:{visit}:{rule}:{on.isoformat()}"


def notice_key(participant_id: int, rule: str, name: str) -> str:
    """Return the key of one monthly reminder: each month once, however the treatment's date is corrected."""
    return f"monthly:{participant_id}:{rule}:{name}"


def checkin_key(participant_id: int, slot: str, local: datetime) -> str:
    """Return the key of one scheduled check-in; `local` is its wall-clock time."""
    return f"checkin:{participant_id}:{slot}:{local:%Y-%m-%dT%H:%M}"


def due(facts: Facts, protocol: Protocol, now: datetime) -> Agenda:
    """Return what is due for one participant at `now`, and when to look again.

    Days are counted in the participant's own zone. Asking twice at the same
    instant gives the same keys, so that writing twice changes nothing. Of
    several reminders of one visit only the newest is due, and of several
    check-ins only the newest: after downtime nobody gets a heap. Someone who
    said that they cannot come is not reminded until staff have moved the visit;
    what they are asked about their health goes on. Nothing is due for someone
    who has not consented, or has left.
    """
    if not facts.followed:
        return Agenda()
    return _Look(facts, protocol, now).agenda()


def is_still_true(facts: Facts, protocol: Protocol, key: str, now: datetime) -> bool:
    """Tell whether a reminder or check-in that waits in the outbox still fits the plan and is not stale.

    A check-in whose time was moved by less than makes check-ins meet still
    fits: the one in the plan would not be asked beside it.
    """
    if not facts.followed:
        return False
    look = _Look(facts, protocol, now)
    return any(now < one.expires_at and look.is_meant(one, key) for one in look.wanted())


def next_visit(course: Course, protocol: Protocol, now: datetime) -> PlannedVisit | None:
    """Return the first visit that is still ahead, today's included; None after the last."""
    today = to_local(now, course.zone).date()
    return next((visit for visit in plan(course, protocol) if visit.is_ahead and visit.on >= today), None)


AnyOne = Reminder | Checkin | Notice
Occurrence = TypeVar("Occurrence", bound=AnyOne)


class _Look:
    """One look at one participant at one instant."""

    def __init__(self, facts: Facts, protocol: Protocol, now: datetime) -> None:
        self.facts, self.protocol, self.now = facts, protocol, now
        self.table: Timetable = timetable(facts.course, protocol)
        self.cannot = {one.visit_type for one in facts.course.visits if one.attendance == "cannot"}
        self.keys_asked = {one.key for one in facts.asked}
        self.items: list[Due] = []
        self.dropped: list[str] = []
        self.looks: list[datetime] = []

    def agenda(self) -> Agenda:
        """Return the whole of it."""
        self._reminders()
        self._checkins()
        self._notices()
        self.items.sort(key=lambda item: item.due_at)
        return Agenda(tuple(self.items), min(self.looks, default=None), tuple(reversed(self.dropped)))

    def key(self, one: AnyOne) -> str:
        """Return the key of an occurrence for this participant."""
        if isinstance(one, Notice):
            return notice_key(self.facts.participant_id, one.rule, one.name)
        if isinstance(one, Reminder):
            return reminder_key(self.facts.participant_id, one.visit, one.rule, one.on)
        return checkin_key(self.facts.participant_id, one.slot, one.local)

    def is_meant(self, one: AnyOne, key: str) -> bool:
        """Tell whether a key names this occurrence, or a check-in that meets it."""
        if not isinstance(one, Checkin) or not key.startswith(f"checkin:{self.facts.participant_id}:"):
            return self.key(one) == key
        local = datetime.fromisoformat(key.split(":", 3)[3])
        return abs(one.local - local) <= timedelta(minutes=self.protocol.cadence.meeting.within_minutes)

    def wanted(self) -> Iterator[AnyOne]:
        """Yield every occurrence that this participant is to get at all."""
        yield from (one for one in self.table.reminders if one.visit not in self.cannot)
        yield from (one for one in self.table.checkins if not self._in_hospital(one))
        yield from self.table.notices

    def _reminders(self) -> None:
        cut = self.table.reminders_until(self.now)
        announced: set[str] = set()
        for one in self._lately(self.table.reminders[:cut]):
            if one.visit not in self.cannot:
                self._settle(one, self.key(one) in self.facts.sent, newest=one.visit not in announced)
                announced.add(one.visit)
        self._look_for(self.table.reminders[cut:], lambda one: one.visit not in self.cannot)

    def _checkins(self) -> None:
        cut = self.table.checkins_until(self.now)
        newest = True
        for one in self._lately(self.table.checkins[:cut]):
            if not self._in_hospital(one):
                self._settle(one, self._met(one), newest=newest)
                newest = False
        self._look_for(self.table.checkins[cut:], lambda one: not self._in_hospital(one))

    def _notices(self) -> None:
        cut = self.table.notices_until(self.now)
        told: set[str] = set()
        for one in self._lately(self.table.notices[:cut]):
            self._settle(one, self.key(one) in self.facts.sent, newest=one.rule not in told)
            told.add(one.rule)
        self._look_for(self.table.notices[cut:], lambda one: True)

    def _lately(self, past: tuple[Occurrence, ...]) -> Iterator[Occurrence]:
        """Yield, newest first, what may still be worth sending or fell due since the last look."""
        floor = self.now - self.table.longest
        if self.facts.looked_at is not None:
            floor = min(floor, self.facts.looked_at)
        for one in reversed(past):
            if one.due_at < floor:
                return
            yield one

    def _settle(self, one: AnyOne, over: bool, *, newest: bool) -> None:
        """Decide on an occurrence whose time has come: due now, due when the quiet hours end, or dropped."""
        if over:
            return
        if newest and self.now < one.expires_at:
            wakes_at = quiet_until(self.protocol.quiet_hours, self.now, self.facts.course.zone)
            if not one.waits or wakes_at is None:
                self.items.append(self._item(one))
                return
            if wakes_at < one.expires_at:
                self.looks.append(wakes_at)
                return
        if self.facts.looked_at is not None and one.due_at >= self.facts.looked_at:
            self.dropped.append(self.key(one))

    def _item(self, one: AnyOne) -> Due:
        key = self.key(one)
        if isinstance(one, Notice):
            return DueNotice(key, one.rule, one.name, one.due_at, one.expires_at, one.until_on)
        if isinstance(one, Reminder):
            return DueReminder(key, one.visit, one.rule, one.on, one.at, one.due_at, one.expires_at)
        return DueCheckin(key, one.slot, one.form, one.due_at, one.expires_at)

    def _look_for(self, ahead: tuple[Occurrence, ...], wanted: Callable[[Occurrence], bool]) -> None:
        """Note the instant of the first occurrence ahead that is wanted and not over yet."""
        for one in ahead:
            over = self._met(one) if isinstance(one, Checkin) else self.key(one) in self.facts.sent
            if wanted(one) and not over:
                self.looks.append(one.due_at)
                return

    def _met(self, one: Checkin) -> bool:
        """Tell whether a check-in was opened, or met one at least as full.

        An infusion's end that is entered late moves the check-ins after it by
        some minutes: nobody is asked the same thing twice for that.
        """
        if self.key(one) in self.keys_asked:
            return True
        meeting = self.protocol.cadence.meeting
        within, fullest = timedelta(minutes=meeting.within_minutes), meeting.fullest_first
        fuller = fullest[: fullest.index(one.form) + 1]
        return any(
            asked.form in fuller and abs(asked.due_at - one.due_at) <= within for asked in self.facts.asked
        )

    def _in_hospital(self, one: Checkin) -> bool:
        until = self.facts.inpatient_until
        return until is not None and one.local.date() <= until
