"""The world's memory: JSON rows in SQLite, so that a restart goes on where it was."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Store:
    """Rows of JSON by kind and key, and the bytes of files; with no path they are kept by nobody."""

    def __init__(self, path: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _connect(path)

    def put(self, kind: str, key: object, row: Any) -> None:
        """Write or overwrite one row."""
        if self._db is not None:
            packed = json.dumps(row, ensure_ascii=False)
            self._db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (kind, str(key), packed))

    def drop(self, kind: str, key: object) -> None:
        """Remove one row."""
        if self._db is not None:
            self._db.execute("DELETE FROM rows WHERE kind = ? AND key = ?", (kind, str(key)))

    def rows(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield key and row, in the order of their keys, numbers as numbers."""
        if self._db is not None:
            query = "SELECT key, json FROM rows WHERE kind = ? ORDER BY CAST(key AS INTEGER), key"
            for key, packed in self._db.execute(query, (kind,)).fetchall():
                yield key, json.loads(packed)

    def put_bytes(self, key: str, content: bytes) -> None:
        """Keep the content of a file."""
        if self._db is not None:
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (key, content))

    def all_bytes(self) -> dict[str, bytes]:
        """Return the contents of all files."""
        if self._db is None:
            return {}
        return dict(self._db.execute("SELECT key, content FROM files").fetchall())

    def commit(self) -> None:
        """Make what was written durable against the end of this process."""
        if self._db is not None and self._db.in_transaction:
            self._db.commit()

    def close(self) -> None:
        """Commit and close."""
        if self._db is not None:
            self._db.commit()
            self._db.close()
            self._db = None


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    # A sandbox may lose its last moments in a power cut; it should be quick.
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE IF NOT EXISTS rows (kind TEXT, key TEXT, json TEXT, PRIMARY KEY (kind, key))")
    db.execute("CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, content BLOB)")
    return db
