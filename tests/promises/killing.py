"""Kill the live program again and again while people write and answer, then compare the ledger."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bot.clock import SystemClock
from bot.sandbox.accounts import Event
from bot.sandbox.server import serve
from bot.sandbox.world import World
from tests.promises.ledger import balance
from tests.promises.reckoning import Ledger
from tests.promises.reminded import Reminded
from tests.promises.town import Town
from tests.promises.victim import POINTS, Life, Nursery, free_port, opened

AT_RANDOM, ON_THE_WIRE = "at random", "carried out, not answered"
FAULTS = ("429", "500", "502", "reset_before", "reset_after")
STRUCK = ("sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates", None)
LONGEST_LIFE_SECONDS = 1.2
LONGEST_STORM_SECONDS = 20.0
TEXTS, ALARMS, STRIKES = 0.2, 0.12, 0.4
"""How many texts, alarms, and faults of the network there are for a death."""
PLANNED_EVERY, REMINDED = 10, 4
"""After so many deaths so many people get a visit that they are reminded of before as many more are over."""
ANNOUNCED_EVERY = 100
ZONES = "zones"


@dataclass
class Run:
    """One long run, and what came of it."""

    ledger: Ledger
    deaths: Counter[str]
    struck: int
    killing_seconds: float
    seconds: float

    def __str__(self) -> str:
        deaths = "\n".join(f"  {count:>5}  {point}" for point, count in self.deaths.most_common())
        took = f"{self.killing_seconds:.0f} s, and at rest after {self.seconds:.0f} s"
        struck = f"{self.struck} calls struck by a fault of the network"
        return f"{self.deaths.total()} deaths by SIGKILL in {took}\n{deaths}\n{struck}\n{self.ledger}"


@dataclass
class Killer:
    """Begins lives and ends them, while people act."""

    town: Town
    nursery: Nursery
    life: Life
    rng: Random
    strikes: int = 0
    """How many faults of the network to bring within each life; 0: some, and its death is what matters."""
    deaths: Counter[str] = field(default_factory=Counter)
    _began: float = field(default_factory=time.monotonic)

    async def plan(self, left: int) -> None:
        """See to what is to go out by itself during the next of the deaths that are left."""
        past = self.deaths.total()
        if past % ANNOUNCED_EVERY == 0:
            self.town.announcer.begin(self.town.world.clock.now())
        if past % PLANNED_EVERY == 0:
            pace = (time.monotonic() - self._began) / past if past else LONGEST_LIFE_SECONDS
            study = await opened(self.life.database_url, durable=False)
            await self.town.reminded.plan(study, REMINDED, min(PLANNED_EVERY, left) * pace)
            await study.db.close()

    async def kill(self) -> None:
        """Let the program live once more, and die at a step drawn by lot."""
        how = self.rng.choice([AT_RANDOM, ON_THE_WIRE, AT_RANDOM, *POINTS, *POINTS])
        how = AT_RANDOM if self.strikes else how
        point = POINTS.get(how)
        passes = self.rng.randrange(point.most) if point else 0
        self._people_act()
        pid = await self.nursery.begin(
            Life(
                self.life.url,
                self.life.database_url,
                self.life.token,
                self.life.port,
                point=how if point else None,
                passes=passes,
                durable=self.life.durable,
            )
        )
        ended = asyncio.ensure_future(self.nursery.end())
        hush = self._on_the_wire(pid) if how == ON_THE_WIRE else None
        self._people_act()
        within = self.rng.uniform(0.05, 0.8) if how == AT_RANDOM else LONGEST_LIFE_SECONDS
        done, _ = await (self._storm(ended) if self.strikes else asyncio.wait({ended}, timeout=within))
        if not done:
            how = AT_RANDOM
            # It may have died at its step in this very moment.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        code = await ended
        if hush is not None:
            hush()
        assert code == -signal.SIGKILL, f"it ended with {code} at {how!r}: see its log"
        self.deaths[how] += 1

    async def _storm(self, ended: "asyncio.Future[int]") -> tuple[set[Any], set[Any]]:
        """Let people look and calls fail until so many were struck, or for a while."""
        faults, began = self.town.world.faults, time.monotonic()
        wanted = faults.struck + self.strikes
        while faults.struck < wanted and time.monotonic() - began < LONGEST_STORM_SECONDS:
            done, waiting = await asyncio.wait({ended}, timeout=0.25)
            if done:
                return done, waiting
            self.town.look()
            # Anew each time: what waits for a call that nobody makes would keep the others away.
            faults.clear()
            self._strike(2)
        return set(), {ended}

    def _people_act(self) -> None:
        # Staff hear of each text, at a message a second: a death takes less than that.
        if self.rng.random() < TEXTS / 2:
            self.town.write()
        else:
            self.town.look()
        if self.rng.random() < ALARMS / 2:
            self.town.alarm()
        self.town.announcer.insist(self.town.world.clock.now())
        if not self.strikes:
            self._strike(self.rng.random() < STRIKES / 2)

    def _strike(self, times: int) -> None:
        # In a storm seldom the poll: a pause follows, in which nobody is answered.
        methods = ("sendMessage", "sendMessage", "sendMessage", *STRUCK) if self.strikes else STRUCK
        for _ in range(times):
            kind, method = self.rng.choice(FAULTS), self.rng.choice(methods)
            self.town.world.faults.add(kind=kind, method=method)  # type: ignore[arg-type]

    def _on_the_wire(self, pid: int) -> Callable[[], None]:
        left = iter(range(self.rng.randrange(6)))

        def heard(event: Event) -> None:
            if event.kind == "call" and event.data["call"].ok and next(left, None) is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        return self.town.world.listen(heard)

    async def let_live(self, within: float, calm_seconds: float) -> None:
        """Let the program live until all is done and nobody does anything more, and end in peace."""
        pid = await self.nursery.begin(self.life)
        ended = asyncio.ensure_future(self.nursery.end())
        self.town.world.faults.clear()
        began = time.monotonic()
        calm = 0.0
        # Replies come by themselves for a moment after an update was confirmed.
        while calm < calm_seconds:
            assert not ended.done(), "it ended by itself: see its log"
            assert time.monotonic() - began < within, "it does not come to rest"
            before = self.town.calls.copy()
            await asyncio.sleep(0.5)
            self.town.announcer.insist(self.town.world.clock.now())
            rests = self.town.calls - before <= Counter(getUpdates=9) and not self.town.busy
            rests = rests and not _in_hand(self.life.database_url)
            calm = calm + 0.5 if rests else 0.0
        os.kill(pid, signal.SIGTERM)
        code = await asyncio.wait_for(ended, 15)
        assert code == 0, f"SIGTERM ended it with {code}: see its log"


async def run(
    nursery: Nursery, folder: Path, kills: int, seed: int, *, durable: bool = True, strikes: int = 0
) -> Run:
    """Kill the program so often, with so many faults within each life, and return the ledger."""
    began, rng = time.monotonic(), Random(seed)
    world = World(SystemClock())
    database_url = f"sqlite+aiosqlite:///{folder / 'suifang.db'}"
    town = Town(world, rng, Reminded(folder / ZONES, rng))
    study = await opened(database_url, durable=False)
    try:
        reminded = (kills // PLANNED_EVERY + 1) * (REMINDED + 1)
        await town.settle_in(study, alarms=round(2 * ALARMS * kills) + 4, reminded=reminded)
    finally:
        await study.db.close()
    async with serve(world) as url:
        life = Life(url, database_url, world.bot.token, free_port(), durable=durable)
        killer = Killer(town, nursery, life, rng, strikes)
        for done in range(kills):
            await killer.plan(kills - done)
            await killer.kill()
        killed = time.monotonic() - began
        # A phone gets one message a second, and staff have many to get.
        await killer.let_live(within=90.0 + 5.0 * kills, calm_seconds=5.0 if kills > 9 else 2.0)
    study = await opened(database_url, durable=False)
    try:
        ledger = await balance(town, study)
    finally:
        await study.db.close()
        await world.close()
    return Run(ledger, killer.deaths, world.faults.struck, killed, time.monotonic() - began)


def _in_hand(database_url: str) -> int:
    """Count what waits in inbox and outbox: after faults the program pauses, and that is no rest."""
    path = database_url.partition("///")[2]
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
        waiting = "SELECT (SELECT count(*) FROM inbox WHERE state = 'new') + (SELECT count(*) FROM outbox"
        return int(db.execute(f"{waiting} WHERE state IN ('queued', 'sending'))").fetchone()[0])
