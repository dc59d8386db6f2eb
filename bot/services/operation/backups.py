"""Backups: made while the bot works, verified before they count, the oldest ones dropped."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.errors import SuifangError
from bot.services.operation.watching import BACKUP
from bot.storage import audit, files, meta
from bot.storage.audit import Actor
from bot.storage.db import Db

COPIED = "copied_at"
HEADS = "audit-heads.txt"
_NAME = "suifang-{stamp}.db"
_PATTERN = "suifang-*.db"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its file, its size, and the head of the audit trail that was anchored with it."""

    file: Path
    size: int
    head: tuple[int, str]


def folder_of(database_url: str, chosen: Path | None) -> Path | None:
    """Return where backups go: the chosen folder, or `backups` beside the database; None for PostgreSQL."""
    path = files.path_of(database_url)
    if path is None:
        return None
    return chosen or path.parent / "backups"


def name_at(now: datetime) -> str:
    """Return the name of the backup of an instant."""
    return _NAME.format(stamp=stamp(now))


def stamp(now: datetime) -> str:
    """Return an instant as part of a file's name."""
    return f"{now:%Y%m%dT%H%M%SZ}"


async def make(db: Db, clock: Clock, target: Path, by: Actor) -> Backup:
    """Copy the database to `target`, verify the copy, and anchor the audit trail's head beside it.

    Raises Damaged where the copy does not pass, and SuifangError where it
    cannot be written; then no file of that name is left.
    """
    now = clock.now()
    async with db.begin() as tx:
        await meta.put(tx, COPIED, now.isoformat())
        # So that a copy says which key it wants, even where nothing else is sealed yet.
        await meta.put(tx, files.KEY_CHECK, tx.seal(COPIED).decode())
        head = await audit.head(tx)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        await db.copy_to(part)
        await asyncio.to_thread(files.examine, part, db.vault)
        await asyncio.to_thread(files.finish_copy, part, target)
        await asyncio.to_thread(_anchor, target.parent / HEADS, now, head)
    except OSError as error:
        raise SuifangError(f"{target}: cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise SuifangError(f"{target}: cannot be written: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    size = await asyncio.to_thread(_size, target)
    async with db.begin() as tx:
        await meta.put(tx, BACKUP, now.isoformat())
        after = {"file": target.name, "bytes": size, "audit_head": list(head)}
        await audit.record(tx, by, "backup.made", None, now, after=after)
    return Backup(target, size, head)


def drop_oldest(folder: Path, keep: int) -> list[str]:
    """Delete all but the newest `keep` backups that were made daily; return the names of those deleted."""
    found = sorted(folder.glob(_PATTERN), key=lambda path: path.name, reverse=True)
    for path in found[keep:]:
        path.unlink()
    return [path.name for path in found[keep:]]


def read_heads(file: Path) -> Sequence[tuple[int, str]]:
    """Return the anchored heads of the audit trail; SuifangError where a line is none."""
    if not file.is_file():
        return ()
    lines = file.read_text(encoding="utf-8").splitlines()
    return [parse_head(line.split()[-1]) for line in lines if line.strip()]


def set_heads_aside(folder: Path, now: datetime) -> None:
    """Begin a new list of heads after a restore, since the trail goes on from the copy; keep the old one."""
    heads = folder / HEADS
    if heads.is_file():
        heads.rename(folder / f"audit-heads.before-{stamp(now)}.txt")


def parse_head(text: str) -> tuple[int, str]:
    """Read `ROW:HASH`."""
    row, _, digest = text.partition(":")
    if not row.isdigit() or len(digest) != len(audit.GENESIS):
        raise SuifangError(f"{text!r} is no head of an audit trail (ROW:HASH)")
    return int(row), digest


def _size(file: Path) -> int:
    return file.stat().st_size


def _anchor(file: Path, now: datetime, head: tuple[int, str]) -> None:
    with file.open("a", encoding="utf-8") as heads:
        heads.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {head[0]}:{head[1]}\n")
