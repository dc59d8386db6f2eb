"""The watcher before a real database, with a clock that is pushed and parts whose beats are set by hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import PushedClock
from bot.domain.people import Role
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.sandbox.setting import SITE_FILE
from bot.services.participation import enrolment, joining
from bot.services.trail import SYSTEM
from bot.storage import outbox
from bot.storage.db import Db
from bot.storage.outbox import Message
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts
from bot.watch.alarms import Alarms
from bot.watch.metrics import Metrics
from bot.watch.report import Report
from bot.watch.systemd import Notify
from bot.watch.watcher import Beats, Means, Watcher

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
LIN = 7002


class JumpingClock(PushedClock):
    """A clock whose wall time somebody can set without any time passing."""

    def set_wall(self, by: timedelta) -> None:
        self._now += by
        self._start += by


@dataclass
class Watch:
    """A watcher, and everything that it looks at."""

    study: Study
    clock: JumpingClock
    beating: bool = True
    poll_trouble: str | None = None
    rival: tuple[datetime, datetime] | None = None
    said: list[str] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)
    direct_works: bool = True
    metrics: Metrics = field(default_factory=Metrics)
    watcher: Any = None
    alarms: Any = None

    def start(self, **means: Any) -> None:
        polls = {"at": self.clock.now()}

        def beat() -> datetime:
            if self.beating:
                polls["at"] = self.clock.now()
            return polls["at"]

        async def direct(text: str) -> bool:
            self.said.append(text)
            return self.direct_works

        async def on_jump(by: timedelta) -> None:
            self.jumps.append(by.total_seconds())

        self.alarms = Alarms(self.study, direct)
        beats = Beats(beat, lambda: self.poll_trouble, self.clock.now, self.clock.now, lambda: self.rival)
        notify = Notify({})
        self.watcher = Watcher(
            self.study, beats, self.alarms, self.metrics, Means(**{"on_jump": on_jump} | means), notify
        )

    async def looks(self, *, after: float = 30) -> Report:
        await self.clock.push(timedelta(seconds=after))
        report = await self.watcher.look_once()
        assert isinstance(report, Report)
        return report

    async def queued(self, kind: str) -> list[Message]:
        async with self.study.db.begin() as tx:
            return [each for each in await outbox.latest(tx) if each.kind == kind]


def codes(report: Report) -> list[str]:
    return [trouble.code for trouble in report.troubles]


async def opened(url: str, clock: PushedClock) -> Study:
    db = await Db.open(url, Vault("a pass phrase for tests"), durable=False)
    await db.migrate()
    protocol = load_protocol(anchor="rituximab")
    return Study(db, protocol, load_texts(), clock, load_site(SITE_FILE), "suifang_sandbox_bot")


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    clock = JumpingClock(START)
    study = await opened(f"sqlite+aiosqlite:///{tmp_path / 'suifang.db'}", clock)
    _, invitation = await enrolment.invite_staff(study, SYSTEM, "Lin", Role.COORDINATOR, "en")
    await joining.redeem(study, LIN, invitation.code)
    made = Watch(study, clock)
    made.start()
    yield made
    await study.db.close()
