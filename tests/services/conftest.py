"""Services before a real database: the shipped protocol, an invented site, a clock that is pushed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from bot.clock import PushedClock
from bot.domain import consent
from bot.domain.people import Participant, Role, StaffMember
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.sandbox.setting import SITE_FILE
from bot.services import messages
from bot.services.checkins import answering, checkins
from bot.services.checkins.turns import Turn
from bot.services.outgoing import Outgoing, Skip
from bot.services.participation import consenting, enrolment, joining
from bot.services.participation.enrolment import EnrolRequest
from bot.services.reminders import reminders
from bot.services.trail import SYSTEM
from bot.storage import audit, outbox, participants
from bot.storage.db import Db
from bot.storage.outbox import Message
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts

# 1 December 2026, 09:00 in Shanghai: Day 1 is in three days.
START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
DAY1 = date(2026, 12, 4)
WANG, LIN, SONG = 7001, 7002, 7003
SHANGHAI = ZoneInfo("Asia/Shanghai")


def shanghai(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def protocol():
    return load_protocol(anchor="rituximab")


@pytest.fixture(scope="session")
def texts():
    return load_texts()


@pytest.fixture
def clock() -> PushedClock:
    return PushedClock(START)


@pytest.fixture
async def study(clock, protocol, texts) -> AsyncIterator[Study]:
    db = await Db.open("sqlite+aiosqlite://", Vault("a pass phrase for tests"), durable=False)
    await db.migrate()
    yield Study(db, protocol, texts, clock, load_site(SITE_FILE), "suifang_sandbox_bot")
    await db.close()


def request(**changed: Any) -> EnrolRequest:
    usual: dict[str, Any] = {
        "code": "001",
        "arm": "NK010",
        "dose": 2.5e9,
        "day1_on": DAY1,
        "icf_on": date(2026, 11, 20),
        "language": "zh_CN",
    }
    return EnrolRequest(**(usual | changed))


@dataclass
class Ward:
    """A study with people in it, and the outbox as its reader would see it."""

    study: Study

    async def enrol(self, **changed: Any) -> Participant:
        return await enrolment.enrol(self.study, SYSTEM, request(**changed))

    async def joined(self, chat: int = WANG, **changed: Any) -> Participant:
        enrolled = await self.enrol(**changed)
        invitation = await enrolment.invite(self.study, SYSTEM, enrolled)
        outcome = await joining.redeem(self.study, chat, invitation.code)
        assert isinstance(outcome, joining.Joined)
        assert isinstance(outcome.person, Participant)
        return outcome.person

    async def active(self, chat: int = WANG, **changed: Any) -> Participant:
        return await self.agrees(await self.joined(chat, **changed))

    async def agrees(self, joined: Participant) -> Participant:
        """Give both consents, one after the other."""
        for kind in consent.KINDS:
            decided = await consenting.decide(self.study, joined, kind, consent.VERSION, agrees=True)
        return decided.participant

    async def staff(self, chat: int = LIN, role: Role = Role.COORDINATOR, name: str = "Lin") -> StaffMember:
        _, invitation = await enrolment.invite_staff(self.study, SYSTEM, name, role, "en")
        outcome = await joining.redeem(self.study, chat, invitation.code)
        assert isinstance(outcome, joining.Joined)
        assert isinstance(outcome.person, StaffMember)
        return outcome.person

    async def now(self, participant: Participant) -> Participant:
        async with self.study.db.begin() as tx:
            found = await participants.get(tx, participant.id)
        assert found is not None
        return found

    async def queue(self, kind: str | None = None) -> list[Message]:
        async with self.study.db.begin() as tx:
            everything = await outbox.latest(tx)
        return [each for each in reversed(everything) if kind in (None, each.kind)]

    async def written(self, message: Message) -> str:
        """Return what would be sent now: the text, then the labels of the buttons; or why not."""
        async with self.study.db.begin() as tx:
            kind = messages.KINDS[message.kind]
            out = await kind.render(self.study, tx, message, self.study.clock.now())
        if isinstance(out, Skip):
            return f"skipped: {out.reason}"
        assert isinstance(out, Outgoing)
        shown = self.study.texts.render(out.screen, out.language)
        labels = [button["text"] for row in shown.keyboard for button in row]
        return "\n".join([shown.text, *(f"[{label}]" for label in labels)])

    async def actions(self) -> list[str]:
        async with self.study.db.begin() as tx:
            return [entry.action for entry in await audit.page(tx)]

    async def pass_time(self, **by: float) -> None:
        await cast(PushedClock, self.study.clock).push(timedelta(**by))

    async def until(self, instant: datetime) -> None:
        """Let the clock run to an instant, ticking whenever somebody's hint has passed."""
        clock = cast(PushedClock, self.study.clock)
        while True:
            async with self.study.db.begin() as tx:
                hint = await participants.next_wake(tx)
            if hint is None or hint > instant:
                break
            clock.set(hint)
            await reminders.tick(self.study)
        clock.set(instant)

    async def report(self, participant: Participant, occurrence: str = "update:1") -> Turn:
        return await checkins.open_report(self.study, participant, occurrence)

    async def answer(self, participant: Participant, turn: Turn, raw: str) -> Turn:
        """Answer the question that is shown, tapped or typed as it wants."""
        view = turn.view
        assert view.question is not None
        if view.question.part.kind == "several":
            return await self._several(participant, turn, raw)
        if view.question.typed and raw != "skip":
            typed = await answering.answer_typed(self.study, participant, raw, self._update())
            assert typed is not None
            return typed
        return await answering.record_answer(
            self.study, participant, view.checkin_id, view.version, view.question.token, raw
        )

    async def _several(self, participant: Participant, turn: Turn, raw: str) -> Turn:
        view = turn.view
        assert view.question is not None
        step = (view.checkin_id, view.version, view.question.token)
        for code in [code for code in raw.split(",") if code != "none"]:
            turn = await answering.toggle(self.study, participant, *step, code, on=True)
        return await answering.done_ticking(self.study, participant, *step)

    updates: int = 1000

    def _update(self) -> int:
        self.updates += 1
        return self.updates


@pytest.fixture
def ward(study) -> Ward:
    return Ward(study)
