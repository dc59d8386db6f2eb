"""Whose fault an error is, and where it happened, in words that hold no content."""

import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError

_ROOT = Path(__file__).resolve().parent.parent.parent
_STORE_TROUBLE = ("locked", "busy", "disk", "full", "i/o", "readonly", "unable to open")
# PostgreSQL's own classes: connection, access, no such database, aborted by the server, resources,
# locks, stopped by an operator, its machine.
_SERVER_TROUBLE = frozenset({"08", "28", "3D", "40", "53", "55", "57", "58"})


def is_store_trouble(error: BaseException) -> bool:
    """Return whether the database cannot be used just now (locked, full, away): no message is to blame."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _SERVER_TROUBLE
    if error.connection_invalidated or isinstance(error.orig, OSError):
        return True
    return any(word in str(error.orig).lower() for word in _STORE_TROUBLE)


def whereabouts(error: BaseException) -> str:
    """Return the kind of an error and the last lines of ours that it came through.

    Its message is left out: it may quote what a person wrote.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    places = [f"{Path(frame.filename).relative_to(_ROOT)}:{frame.lineno}" for frame in frames[-3:]]
    return f"{type(error).__name__} at {' > '.join(places) or 'a place outside'}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(_ROOT) and "site-packages" not in path.parts
