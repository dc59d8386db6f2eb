"""The stage of the sandbox: the world, its phones, the clock and the bot, tied together for the page."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.sandbox.accounts import Event
from bot.sandbox.gateway import Gateway
from bot.sandbox.notebook import Notebook
from bot.sandbox.person import Person
from bot.sandbox.store import Store
from bot.sandbox.tickingclock import TickingClock
from bot.sandbox.walking import BotHooks, BotIsBusy, Walker
from bot.sandbox.world import World

ROLES = ("participant", "coordinator", "sub_investigator", "pi", "stranger")
_SAVE_SECONDS = 5.0


@dataclass
class Phone:
    """Whose phone it is: `role` is one of `ROLES`, `reads` is zh, en or both, `code` the participant's."""

    user_id: int
    name: str
    role: str
    reads: str
    code: str = ""
    invitation: str = ""
    """The join link that was handed to this person on a card."""


class Stage:
    """What the page shows and what it can do; start it in a running event loop, and close it."""

    def __init__(
        self,
        world: World,
        clock: TickingClock,
        hooks: BotHooks | None = None,
        *,
        zone: str = "Asia/Shanghai",
        gateway: Gateway | None = None,
    ) -> None:
        self.world, self.clock, self.zone = world, clock, zone
        self.hooks = hooks or BotHooks()
        self.walker = Walker(clock, replace(self.hooks, quiet=self._quiet))
        self.walker.on_step = self._stepped
        self.changed = asyncio.Event()
        self.gateway = gateway or Gateway(clock)
        self.gateway.on_change = self.changed.set
        self.problem: str | None = None
        self.phones = {int(key): Phone(**row) for key, row in world.store.rows("phone")}
        self._machine = clock.machine
        self.notes = Notebook(world, self._machine)
        self._again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._walking: asyncio.Task[None] | None = None
        self._saved = float("-inf")
        self._steps: set[str] = set(dict(world.store.rows("stage")).get("steps", []))
        self._hush = world.listen(self._heard)

    # --- phones ---------------------------------------------------------------

    def add_phone(
        self,
        name: str,
        role: str,
        reads: str,
        *,
        code: str = "",
        invitation: str = "",
        user_id: int | None = None,
        language_code: str | None = None,
    ) -> Person:
        """Put a phone on the page and return its person; a known `user_id` only gets its card renewed."""
        device = language_code or ("en" if reads == "en" else "zh-hans")
        person = self.world.add_person(name, user_id=user_id, language_code=device)
        phone = Phone(person.id, name, role, reads, code, invitation)
        self.phones[person.id] = phone
        self.world.store.put("phone", person.id, asdict(phone))
        self.world.store.commit()
        self.changed.set()
        return person

    async def add_newcomer(self, name: str, role: str, reads: str) -> Person:
        """Add a phone and, where the bot can be asked for one, the join link that its owner was given."""
        if role not in ROLES or reads not in ("zh", "en", "both"):
            raise ValueError(f"no such role or language: {role}, {reads}")
        invitation, code = "", ""
        if self.hooks.invite is not None and role != "stranger":
            invitation, code = await self.hooks.invite(role, reads, name)
        return self.add_phone(name, role, reads, code=code, invitation=invitation)

    def person(self, user_id: int) -> Person:
        """Return the person whose phone is on the page; KeyError where there is none."""
        return self.world.person(self.phones[user_id].user_id)

    async def story(self) -> frozenset[str]:
        """Return which steps of the story were done; what was done once stays done."""
        done = self._steps | await self.hooks.milestones()
        # The first card is the story's; those of phones that were added later are not.
        first = min((key for key, phone in self.phones.items() if phone.invitation), default=None)
        if first is not None and self.person(first).account.started:
            done.add("opened")
        if done != self._steps:
            self._steps = done
            self.world.store.put("stage", "steps", sorted(done))
            self.world.store.commit()
        return frozenset(done)

    # --- the clock --------------------------------------------------------------

    async def push_to(self, target: datetime) -> list[datetime]:
        """Push the clock through every event up to `target` and return their instants."""
        self.problem = None
        try:
            return await self.walker.to(target)
        finally:
            self.changed.set()

    async def push_to_next(self) -> list[datetime]:
        """Push the clock to the next event, if there is one."""
        event = await self.hooks.next_event_at()
        return [] if event is None else await self.push_to(event)

    async def catch_up(self) -> list[datetime]:
        """Let time pass as it does, from the machine's own now where that is ahead of the sandbox's."""
        self.clock.run(1.0)
        now = self._machine.now()
        return await self.push_to(now) if now > self.clock.now() else []

    def begin(self, what: Awaitable[list[datetime]]) -> bool:
        """Start a push in the background; False, and nothing begun, while another one is under way."""
        if self._walking is not None and not self._walking.done():
            if asyncio.iscoroutine(what):
                what.close()
            return False
        self._walking = self._keep(self._told(what))
        return True

    async def walked(self) -> None:
        """Wait until no push is under way."""
        if self._walking is not None:
            await self._walking

    def push_by(self, by: timedelta) -> bool:
        """Start a push of that length; False while another one is under way."""
        return self.begin(self.push_to(self.clock.now() + by))

    def play(self, speed: float) -> None:
        """Let time run at that speed; faster than life it waits at each event for the bot."""
        self.problem = None
        # Until the next event is known, the first moments at 3600 seconds a second could run past it.
        self.clock.hold(self.clock.now())
        self.clock.run(speed)
        self._stir()

    def pause(self) -> None:
        """Stand still, and end a push at the event where it is."""
        self.walker.stop()
        self.clock.pause()
        self._stir()

    # --- beginning and end -------------------------------------------------------

    def start(self) -> None:
        """Begin to follow the running clock."""
        self._keep(self._follow())

    async def close(self) -> None:
        """Stop following, and remember the instant for the next start."""
        self._hush()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.remember(at_once=True)

    def remember(self, *, at_once: bool = False) -> None:
        """Write the clock's instant to the world's store, every few seconds or at once."""
        if at_once or self._machine.monotonic() - self._saved > _SAVE_SECONDS:
            self._saved = self._machine.monotonic()
            self.world.store.put("stage", "now", self.clock.now().isoformat())
            self.world.store.commit()

    async def _follow(self) -> None:
        while True:
            try:
                await self.walker.follow(self._again)
            except BotIsBusy as busy:
                self._stuck(busy)

    async def _told(self, what: Awaitable[list[datetime]]) -> None:
        try:
            await what
        except BotIsBusy as busy:
            self._stuck(busy)

    def _stuck(self, busy: BotIsBusy) -> None:
        self.problem = str(busy)
        self.clock.pause()
        self._stir()

    async def _quiet(self) -> bool:
        # The bot knows nothing of what still waits to be fetched.
        return not self.world.pending_updates() and await self.hooks.quiet()

    def _keep(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _stepped(self) -> None:
        self.remember()
        self.changed.set()

    def _stir(self) -> None:
        self._again.set()
        self.changed.set()

    # --- what happens -------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        if event.kind == "update":
            self._wait_for_bot()
        if self.notes.hear(event):
            self.changed.set()

    def _wait_for_bot(self) -> None:
        # Someone did something: at 3600 seconds a second time would run away before the bot dealt with it.
        if self.clock.running and self.clock.speed > 1:
            self.clock.hold(self.clock.now())
            self._again.set()


def saved_instant(path: Path) -> datetime | None:
    """Return the instant at which the world kept at `path` was left, or None where it never ran."""
    if not path.exists():
        return None
    store = Store(path)
    saved = dict(store.rows("stage")).get("now")
    store.close()
    return None if saved is None else datetime.fromisoformat(saved)
