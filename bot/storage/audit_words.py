"""What was typed for the audit trail, kept beside it: sealed, and the trail holds only what proves it."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from bot.storage.types import canonical_json

TYPED = ("reason", "where", "note", "deviation")
"""Keys of `before` and `after` under which staff's own words stand."""
_PREFIX = "sealed:"
Words = Mapping[str, Any]


def parted(reason: str | None, before: Any, after: Any) -> tuple[Any, Any, Words | None]:
    """Return `before` and `after` without what was typed, and that apart; None where nothing was.

    The salt keeps short reasons from being guessed by trying their digests.
    """
    left = {"before": _without(before), "after": _without(after)}
    typed = {"before": _typed(before), "after": _typed(after)}
    apart: dict[str, Any] = {name: words for name, words in typed.items() if words}
    if reason is not None:
        apart["reason"] = reason
    if not apart:
        return before, after, None
    return left["before"], left["after"], {**apart, "salt": secrets.token_hex(16)}


def proof(words: str) -> str:
    """Return what stands in the trail for words, as they are sealed: it tells nothing and fits them alone."""
    return _PREFIX + hashlib.sha256(words.encode()).hexdigest()


def written(words: Words) -> str:
    """Return words as they are sealed."""
    return canonical_json(words)


def is_proof(reason: Any) -> bool:
    """Tell whether a row's reason stands for words that are kept apart."""
    return isinstance(reason, str) and reason.startswith(_PREFIX)


def joined(before: Any, after: Any, words: str) -> tuple[Any, Any, str | None]:
    """Return `before`, `after` and the reason as they were told."""
    found = json.loads(words)
    return _with(before, found.get("before")), _with(after, found.get("after")), found.get("reason")


def _typed(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {name: value[name] for name in TYPED if isinstance(value.get(name), str)}


def _without(value: Any) -> Any:
    typed = _typed(value)
    return {name: each for name, each in value.items() if name not in typed} if typed else value


def _with(value: Any, typed: dict[str, str] | None) -> Any:
    return {**value, **typed} if typed else value
