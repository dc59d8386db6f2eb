"""A tick, a start and the memory with a million participants who wait, beside APScheduler's job store."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from bot.app import App, Wire
from bot.storage.db import Tx
from bot.study import Study
from tests.bench.far import Far, Plan, far
from tests.bench.figures import Figure
from tests.bench.house import folder, megabytes, open_durable

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TICKS = 31
# Each costs it a commit: a million would take hours.
JOBS = 2_000
_FAR_OFF = "2090-01-01T00:00:00.000000Z"


async def run() -> list[Figure]:
    """Grow one database from a thousand to a million, and tick at each size."""
    async with folder() as path, far(Plan(1)) as there:
        beside = _job_store(path)
        study = await open_durable(path)
        ticks, have = {}, 0
        async with App.connected(study, Wire(there.token, there.url), Random(1)) as app:
            memory = megabytes()
            for size in SIZES:
                async with study.db.begin() as tx:
                    await _fill(tx, study, have + 1, size)
                have = size
                assert await _waiting(study) == size
                ticks[size] = await _tick(app)
            grew = megabytes() - memory
        await study.db.close()
        start = await _start(path, there)
    first, last = ticks[SIZES[0]], ticks[SIZES[-1]]
    steps = ", ".join(f"{seconds * 1e3:.1f}" for seconds in ticks.values())
    return [
        Figure(
            "a tick, none due, of 1,000,000 waiting", f"{last * 1e3:.1f} ms", "10 ms", last <= 0.01, beside
        ),
        Figure("the same from 1,000 up", f"{steps} ms", "flat", last <= 2 * first + 0.001),
        Figure("start with 1,000,000 waiting", f"{start:.2f} s", "3 s", start <= 3),
        Figure("memory from 1,000 to 1,000,000", f"+{grew:.0f} MB", "flat", grew < 50),
    ]


async def _fill(tx: Tx, study: Study, first: int, last: int) -> None:
    """Add participants, each with a reminder that waits too, all far off."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
    arm = next(iter(study.protocol.arms.values()))
    await tx.execute(
        text(
            "INSERT INTO participants (code, arm, dose, day1_on, icf_on, language, zone, flags, baseline,"
            f" status, enrolled_at, wake_at) {numbers} SELECT 'W' || i, '{arm.id}', {arm.doses[0]},"
            f" '2089-01-01', '2026-01-01', 'en', 'Asia/Shanghai', '[]', '{{}}', 'active',"
            f" '2026-01-01T00:00:00.000000Z', '{_FAR_OFF}' FROM n"
        )
    )
    await tx.execute(
        text(
            "INSERT INTO outbox (key, kind, channel, priority, params, not_before, state, attempts,"
            f" repeats, created_at, person_kind, person_id) {numbers}"
            f" SELECT 'w' || i, 'reminder', 'telegram', 2, '{{}}', '{_FAR_OFF}', 'queued', 0,"
            " 0, '2026-01-01T00:00:00.000000Z', 'participant', i FROM n"
        )
    )


async def _waiting(study: Study) -> int:
    async with study.db.begin() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM participants"))).scalar_one())


async def _tick(app: App) -> float:
    """Return the median seconds of a tick with its look at the outbox."""
    took = []
    for _ in range(TICKS):
        began = time.perf_counter()
        await app.tick_once()
        await app.delivery.deliver_once()
        took.append(time.perf_counter() - began)
    return median(took)


async def _start(path, there: Far) -> float:
    took = []
    for _ in range(3):
        began = time.perf_counter()
        study = await open_durable(path)
        async with App.connected(study, Wire(there.token, there.url), Random(1)) as app:
            await app.tick_once()
            took.append(time.perf_counter() - began)
        await study.db.close()
    return median(took)


def _nothing() -> None:
    """Be a job."""


def _job_store(path: Path) -> str:
    """Return what a look at the next job costs APScheduler's own store, and what adding them cost."""
    store = SQLAlchemyJobStore(url=f"sqlite:///{path / 'jobs.db'}")
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone="UTC")
    scheduler.start(paused=True)
    began = time.perf_counter()
    far_off = datetime.now(UTC) + timedelta(days=365)
    for n in range(JOBS):
        scheduler.add_job(_nothing, "date", run_date=far_off, id=str(n))
    adding = time.perf_counter() - began
    took = []
    for _ in range(TICKS):
        began = time.perf_counter()
        store.get_due_jobs(datetime.now(UTC))
        store.get_next_run_time()
        took.append(time.perf_counter() - began)
    scheduler.shutdown(wait=False)
    return f"{median(took) * 1e3:.1f} ms with {JOBS:,} jobs, {adding:.0f} s to add (APScheduler's job store)"
