"""The stage of the screens: buttons are found by their key, so that one script plays both languages."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.people import Role
from bot.sandbox.accounts import Event
from bot.sandbox.person import Person
from bot.sandbox.rehearsal import rehearsal
from bot.sandbox.shown import Button, Shown
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.texts import Locale
from tests.catalogs import held
from tests.scenarios.theatre import ZONE, Theatre
from tests.screens.book import Book

TODAY = date(2026, 12, 1)
NAMES = {"zh_CN": ("王", "小林", "老赵"), "en": ("Grace", "Lin", "Zhao")}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x01" * 2 + b"\x08\x02\x00\x00\x00"
# What a well person says, by the kind of question.
_WELL = ("no", "0", "axillary", "skip", "done")
_OF_A_FORM = ("ans", "tog", "done", "skip", "back")
_VALUE = re.compile(r"\\\{\w+\\\}")
_made: list[bytes] = []
_held = lru_cache(held)


@dataclass
class Play(Theatre):
    """A theatre in which everybody reads one language, and what they see goes into a book."""

    book: Book = field(kw_only=True)
    touched: dict[int, set[int]] = field(default_factory=dict, kw_only=True)
    heard_toasts: dict[int, int] = field(default_factory=dict, kw_only=True)

    @property
    def locale(self) -> Locale:
        """The language of everybody."""
        return self.book.locale

    async def jump(self, on: date, at: time) -> None:
        """Let the clock stand at a time on the wall; what was due on the way comes late or not at all."""
        self.stage.clock.set(datetime.combine(on, at, ZONE))
        await self.stage.settle()

    async def wait(self, **by: float) -> None:
        """Push the clock through every event of a while."""
        await self.stage.until(self.now() + timedelta(**by))

    async def say(self, person: Person, *texts: str) -> None:
        """Type texts, one after the other."""
        for text in texts:
            person.say(text)
            await self.stage.settle()

    async def tap(self, person: Person, *wanted: str) -> None:
        """Press buttons one after the other: by key, by `data:`, or by a part of the label.

        `~key` finds the button in whose label the text of that key stands.
        """
        for each in wanted:
            message, button = self.find(person, each)
            assert button.data is not None, each
            person.forge(button.data, message.id)
            await self.stage.settle()

    def find(self, person: Person, wanted: str) -> tuple[Shown, Button]:
        """Return the newest button that is meant."""
        fits = self._fits(wanted)
        shown = [(message, button) for message, button, _, _ in _pressable(person)]
        found = next((each for each in shown if fits(each[1])), None)
        assert found is not None, (wanted, [button.label for _, button in shown[:30]])
        return found

    def _fits(self, wanted: str) -> Callable[[Button], bool]:
        if wanted.startswith("data:"):
            return lambda button: (button.data or "").startswith(wanted.removeprefix("data:"))
        if wanted.startswith("~"):
            [words] = _held(self.locale)[wanted.removeprefix("~")]
            return lambda button: words in button.label
        forms = _held(self.locale).get(wanted)
        if forms is None:
            return lambda button: wanted in button.label
        patterns = [re.compile(_VALUE.sub(".+", re.escape(form))) for form in forms]
        return lambda button: any(pattern.fullmatch(button.label) for pattern in patterns)

    def part(self, chapter: str, words: str) -> None:
        """Begin a part of a chapter; what nobody has written down by now is left out."""
        self.book.begin(chapter, words)
        self.forget()

    def see(self, *seen: tuple[Person, str, str]) -> None:
        """Write down what is new on these phones: who, the chapter, when one sees it."""
        for person, chapter, words in seen:
            new = [each for each in person.messages if each.id in self.touched.get(person.id, set())]
            toasts = [each.text for each in person.toasts[self.heard_toasts.get(person.id, 0) :] if each.text]
            assert new or toasts, f"nothing new for {words!r}"
            self.book.note(chapter, words, [each for each in new if each.from_bot], toasts)
        self.forget()

    def forget(self) -> None:
        """Turn to a new page."""
        self.touched.clear()
        for person in self.stage.world.people:
            self.heard_toasts[person.id] = len(person.toasts)

    async def coordinator(self) -> Person:
        """A coordinator joins."""
        return await self.staff(NAMES[self.locale][1], Role.COORDINATOR, self.locale)

    async def physician(self, role: Role = Role.SUB_INVESTIGATOR) -> Person:
        """A physician joins and is on call."""
        return await self.staff(NAMES[self.locale][2], role, self.locale, on_call=True)

    async def participant(self, code: str = "001", day1_on: date = TODAY + timedelta(days=3)) -> Person:
        """Somebody is enrolled and joins."""
        return await self.joins(
            NAMES[self.locale][0], await self.enrol(code, day1_on, self.locale), self.locale
        )

    def step(self, person: Person) -> str:
        """Return the question at which the newest form stands, `Q9.value` say; empty where there is none."""
        steps = (args[2] for _, _, action, args in _pressable(person) if action in _OF_A_FORM and args[2:])
        return next(steps, "")

    async def answer(self, person: Person, word: str) -> None:
        """Answer the question that is shown: by its button, or typed."""
        found = self._offered(person, self.step(person), word)
        if found is None:
            await self.say(person, word)
            return
        message, button = found
        person.forge(button.data or "", message.id)
        await self.stage.settle()

    async def well(self, person: Person, *, until: str = "") -> AsyncIterator[str]:
        """Answer as somebody who is well, and yield each question after its answer."""
        while (step := self.step(person)) and step != until:
            word = next((each for each in _WELL if self._offered(person, step, each)), None)
            if word is None:
                return
            await self.answer(person, word)
            yield step

    def _offered(self, person: Person, step: str, word: str) -> tuple[Shown, Button] | None:
        for message, button, action, args in _pressable(person):
            if step and action in _OF_A_FORM and args[2:3] == [step] and word in (action, *args[3:]):
                return message, button
        return None

    def _heard(self, event: Event) -> None:
        super()._heard(event)
        if event.chat_id is not None and event.kind in ("message", "edited", "deleted"):
            message_id = event.data.get("message_id")
            for each in [message_id] if message_id else event.data.get("message_ids", []):
                self.touched.setdefault(event.chat_id, set()).add(each)


def _pressable(person: Person) -> Iterator[tuple[Shown, Button, str, list[str]]]:
    for message in person.newest():
        for button in (button for row in message.buttons for button in row):
            action, *args = (button.data or "").split(":")
            if message.from_bot and not message.deleted:
                yield message, button, action, args


@asynccontextmanager
async def play(
    book: Book, on: date = TODAY, at: time = time(9), *, second: bool = False
) -> AsyncIterator[Play]:
    """Open the stage at a time on the site's wall."""
    start = datetime.combine(on, at, ZONE)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "suifang.db"
        file.write_bytes(await _empty())
        url = f"sqlite+aiosqlite:///{file}"
        async with rehearsal(start, database_url=url, texts=book.texts, second=second) as stage:
            yield Play(stage, book=book)


async def _empty() -> bytes:
    """Return a database with its tables and nothing in it: they take longer to make than a scene to play."""
    if not _made:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "empty.db"
            db = await Db.open(f"sqlite+aiosqlite:///{file}", Vault("for the tables alone"), durable=False)
            await db.migrate()
            await db.close()
            _made.append(file.read_bytes())
    return _made[0]
