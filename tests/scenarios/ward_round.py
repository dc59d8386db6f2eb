"""One participant after the third infusion, one coordinator, one investigator: what scenarios begin with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.people import Language, Participant, PersonRef, Role
from bot.sandbox.person import Person
from bot.screens.taps import Do, read_tap
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.people import who
from bot.services.trail import SYSTEM
from bot.storage import alerts
from bot.storage.alerts import Alert
from tests.scenarios.theatre import ZONE, Theatre, theatre

DAY1 = date(2026, 12, 1)
INFUSIONS = {"D1": 0, "D4": 3, "D6": 5, "D8": 7}
WORDS = {
    "zh_CN": {"report": "🩺 现在报告", "again": "请再量一次", "go": "请马上看这条消息"},
    "en": {
        "report": "🩺 Report now",
        "again": "please measure once more",
        "go": "Please read this message now",
    },
}


# Telegram takes one message a second for each chat: what goes out together is seconds apart.
IN_A_ROW = timedelta(seconds=10)


def about(found: list[datetime], *wanted: datetime) -> bool:
    """Tell whether there is one instant for each that is wanted, none earlier and none much later."""
    return len(found) == len(wanted) and all(
        -IN_A_ROW <= at - due <= IN_A_ROW for at, due in zip(sorted(found), sorted(wanted), strict=True)
    )


@dataclass
class Round:
    """Who is on stage; `participant` is the one whom it is about."""

    theatre: Theatre
    phone: Person
    participant: Participant
    coordinator: Person
    investigator: Person
    language: Language

    def at(self, on: date, at: time) -> datetime:
        return datetime.combine(on, at, ZONE)

    async def act(self, *deeds: object) -> None:
        """Let the bot deal with what was just done."""
        await self.theatre.stage.settle()

    async def say(self, *texts: str) -> None:
        for text in texts:
            self.phone.say(text)
            await self.act()

    async def tap(self, label: str) -> None:
        self.phone.tap(label)
        await self.act()

    async def press(self, do: Do, word: str | None = None) -> bool:
        """Press the newest button of the participant that does this; False where there is none."""
        for message in self.phone.newest():
            for button in (button for row in message.buttons for button in row):
                done = read_tap(button.data)
                if message.from_bot and done.do is do and word in (None, *done.args[3:]):
                    self.phone.tap(button.data or "", message.id)
                    await self.act()
                    return True
        return False

    def question(self) -> str:
        """Return the step at which the newest form stands, as `Q9.value`."""
        for message in self.phone.newest():
            for button in (button for row in message.buttons for button in row):
                done = read_tap(button.data)
                if done.do in (Do.ANSWER, Do.DONE, Do.SKIP, Do.BACK):
                    return done.word(2)
        return ""

    async def well(self, stop: str = "") -> None:
        """Answer as somebody who is well, up to the step that `stop` names."""
        while (step := self.question()) and step != stop:
            if step == "Q1.value":
                await self.say("36.6")
                continue
            pressed = [word for word in ("no", "0", "axillary") if await self.press_at(step, word)]
            if not pressed and not await self.press(Do.SKIP) and not await self.press(Do.DONE):
                return

    async def press_at(self, step: str, word: str) -> bool:
        """Give an answer to this very step; False where it is no answer to it."""
        return self.question() == step and await self.press(Do.ANSWER, word)

    async def minutes(self, minutes: float) -> None:
        """Push the clock through every event of so many minutes."""
        await self.theatre.stage.until(self.theatre.now() + timedelta(minutes=minutes))

    async def until(self, on: date, at: time) -> None:
        await self.theatre.stage.until(self.at(on, at))

    def asleep_until(self, on: date, at: time) -> None:
        """Let time pass while the bot is down."""
        self.theatre.stage.clock.set(self.at(on, at))

    async def alert(self) -> Alert | None:
        """Return the newest alert of the participant, whatever became of it."""
        async with self.theatre.stage.study.db.begin() as tx:
            found = [
                each
                for each in await alerts.opened_since(tx, self.at(DAY1 - timedelta(days=28), time(0)))
                if each.participant_id == self.participant.id
            ]
        return found[-1] if found else None

    async def tier(self) -> str | None:
        """Return the tier of the newest alert, `red` or `amber 4`."""
        found = await self.alert()
        return None if found is None else found.tier if found.hours is None else f"amber {found.hours}"

    def got(self, person: Person, *parts: str, since: datetime | None = None) -> list[datetime]:
        """Return when a phone was sent messages that hold all of these words."""
        letters = self.theatre.letters(person)
        return [
            at for at, text in letters if all(p in text for p in parts) and (since is None or at >= since)
        ]

    def heard(self, what: str, since: datetime | None = None) -> list[datetime]:
        """Return when the participant was sent one of the messages named in WORDS."""
        return self.got(self.phone, WORDS[self.language][what], since=since)

    async def staff_of(self, person: Person) -> PersonRef:
        """Return the reference of a member of staff."""
        found = await who(self.theatre.stage.study, person.id)
        assert found is not None
        return found.ref

    async def reached(self) -> None:
        """Let the coordinator, who has every page, reach the participant by telephone."""
        for label in ("☎️ 已联系上", "电话"):
            self.coordinator.tap(label)
            await self.act()


@asynccontextmanager
async def ward_round(
    on: date, at: time, *, language: Language = "zh_CN", infusions: int = 4, **more: Any
) -> AsyncIterator[Round]:
    """Set up the trial at a time on the wall, with the first infusions recorded; the first check-in waits.

    `more` is what a rehearsal may be given.
    """
    async with theatre(on, at, **more) as stage:
        coordinator = await stage.staff("林小禾", Role.COORDINATOR, "zh_CN")
        investigator = await stage.staff("Dr Song", Role.SUB_INVESTIGATOR, "en", on_call=True)
        signed_on = min(DAY1, on) - timedelta(days=5)
        request = EnrolRequest("001", "NK010", 2.5e9, DAY1, signed_on, language)
        enrolled = await enrolment.enrol(stage.stage.study, SYSTEM, request)
        for visit, after in list(INFUSIONS.items())[:infusions]:
            ended = datetime.combine(DAY1 + timedelta(days=after), time(11), ZONE)
            await stage.infusion("001", visit, ended - timedelta(hours=2), ended)
        phone = await stage.joins("001", enrolled, language)
        participant = await who(stage.stage.study, phone.id)
        assert isinstance(participant, Participant)
        yield Round(stage, phone, participant, coordinator, investigator, language)
