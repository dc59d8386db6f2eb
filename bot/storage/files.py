"""A SQLite database as a file: examined before it is trusted, copied, put in the place of another."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot.errors import Damaged
from bot.storage.migrate import NEWEST
from bot.storage.vault import Unreadable, Vault

BESIDE = ("-wal", "-shm", "-journal")
KEY_CHECK = "key_check"
# What was sealed for this very purpose, and chats, which every message needs.
_SEALED = (
    "SELECT CAST(value AS BLOB) FROM meta WHERE key = ? UNION ALL"
    " SELECT * FROM (SELECT chat_box FROM links WHERE ended_at IS NULL ORDER BY id DESC LIMIT 5)"
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that passed: its schema's version, the end of its audit trail, and when it was copied."""

    version: str
    audit_rows: int
    copied_at: str | None


def is_damage(error: BaseException) -> bool:
    """Return whether SQLite says that the file itself is broken, or none of its own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def path_of(database_url: str) -> Path | None:
    """Return the file of a SQLite database; None for one in memory, and for PostgreSQL."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def examine(path: Path, vault: Vault | None = None) -> Examined:
    """Check every page of a file, its references, its version and, with a vault, that its seals open.

    Raises Damaged, with what is wrong.
    """
    if not path.is_file():
        raise Damaged(f"{path}: there is no such file")
    try:
        with contextlib.closing(_read_only(path)) as db:
            _whole(path, db)
            return _examined(path, db, vault)
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path}: {error}") from error


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _whole(path: Path, db: sqlite3.Connection) -> None:
    said = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
    if said != ["ok"]:
        raise Damaged(f"{path}: {'; '.join(said)}")
    if orphan := db.execute("PRAGMA foreign_key_check").fetchone():
        raise Damaged(f"{path}: a row of {orphan[0]} refers to a row of {orphan[2]} that is not there")


def _examined(path: Path, db: sqlite3.Connection, vault: Vault | None) -> Examined:
    version = db.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None or version[0] > NEWEST:
        raise Damaged(f"{path}: its version is {version and version[0]}; this program knows {NEWEST}")
    try:
        for (box,) in db.execute(_SEALED, (KEY_CHECK,)) if vault is not None else ():
            assert vault is not None
            vault.open(box)
    except Unreadable as error:
        raise Damaged(f"{path}: it was sealed with another SECRET_KEY") from error
    rows = db.execute("SELECT count(*) FROM audit").fetchone()[0]
    copied = db.execute("SELECT value FROM meta WHERE key = 'copied_at'").fetchone()
    return Examined(version[0], rows, None if copied is None else copied[0])


def finish_copy(part: Path, target: Path) -> None:
    """Give a finished copy its name, for its owner's eyes only, safe from a power cut."""
    part.chmod(0o600)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)


def put_aside(path: Path, stamp: str) -> Path | None:
    """Rename a database and what stands beside it, so that nothing is lost; None where there is none."""
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before-{stamp}")
    for end in ("", *BESIDE):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


def put_in_place(copy: Path, path: Path) -> None:
    """Put a copy in the place of the database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    shutil.copyfile(copy, part)
    finish_copy(part, path)


@dataclass(frozen=True, slots=True)
class Later:
    """What an old file knows that a copy of it does not: messages sent, and deeds on the audit trail."""

    sent: tuple[tuple[str, str, str], ...]
    """When (UTC), kind, and to whom: a code or `staff 3`."""
    deeds: tuple[tuple[str, str, str], ...]
    """When (UTC), action, and about whom."""


_SENT_LATER = """
SELECT o.sent_at, o.kind, coalesce(p.code, o.person_kind || ' ' || o.person_id, 'second channel')
FROM old.outbox AS o LEFT JOIN old.participants AS p ON o.person_kind = 'participant' AND p.id = o.person_id
WHERE o.state IN ('sent', 'uncertain') AND NOT EXISTS (
  SELECT 1 FROM outbox AS n WHERE n.key = o.key AND n.state IN ('sent', 'uncertain'))
ORDER BY o.sent_at"""
_DONE_LATER = """
SELECT a.at, a.action, coalesce(p.code, a.subject_kind || ' ' || a.subject_id, '')
FROM old.audit AS a LEFT JOIN old.participants AS p ON a.subject_kind = 'participant' AND p.id = a.subject_id
WHERE a.id > (SELECT coalesce(max(id), 0) FROM audit) ORDER BY a.id"""
# A check-in is asked again, since its answers are lost with the file; everything else has been said.
_NOT_AGAIN = """
UPDATE outbox SET state = 'skipped', last_error = 'sent before the restore', lease_until = NULL
WHERE state IN ('queued', 'sending') AND kind <> 'checkin'
  AND key IN (SELECT key FROM old.outbox WHERE state IN ('sent', 'uncertain'))"""
_COLUMNS = (
    "key, kind, channel, method, priority, person_kind, person_id, params, not_before, expires_at, state,"
    " attempts, repeats, last_error, created_at, sent_at, settled_at, message_id, text_box,"
    " subject_kind, subject_id"
)
_SENT_ALREADY = f"""
INSERT INTO outbox ({_COLUMNS}) SELECT {_COLUMNS} FROM old.outbox AS o
WHERE o.state IN ('sent', 'uncertain') AND o.kind <> 'checkin'
  AND NOT EXISTS (SELECT 1 FROM outbox AS n WHERE n.key = o.key)"""  # noqa: S608 (a constant of ours)


def reconcile(path: Path, old: Path) -> Later:
    """Take over from an old file what was sent after the copy, so that it is not sent twice.

    Raises Damaged where the old file cannot be read.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("ATTACH DATABASE ? AS old", (str(old),))
            return Later(*_taken_over(db))
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{old}: {error}") from error


def _taken_over(db: sqlite3.Connection) -> Iterator[tuple[tuple[str, str, str], ...]]:
    db.execute("BEGIN IMMEDIATE")
    yield tuple(db.execute(_SENT_LATER))
    yield tuple(db.execute(_DONE_LATER))
    db.execute(_NOT_AGAIN)
    db.execute(_SENT_ALREADY)
    db.execute("COMMIT")
