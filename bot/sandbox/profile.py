"""What the bot set up about itself: its commands, names, descriptions and menu button."""

import json
from typing import Any

from bot.sandbox.accounts import Json
from bot.sandbox.store import Store


class Profile:
    """Commands by scope and language, texts by language, menu buttons by chat."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[str, Any] = dict(store.rows("profile"))

    def get(self, kind: str, *keys: object) -> Any:
        """Return what was set, or None."""
        return self._values.get(_key(kind, keys))

    def put(self, value: Any, kind: str, *keys: object) -> None:
        """Set a value; None or an empty one clears it."""
        key = _key(kind, keys)
        if value:
            self._values[key] = value
            self._store.put("profile", key, value)
        else:
            self._values.pop(key, None)
            self._store.drop("profile", key)

    def commands(self, scopes: list[Json], language_code: str) -> list[Json]:
        """Return the first list that is set, scope by scope, each in the language and then without one."""
        for scope in scopes:
            for language in dict.fromkeys((language_code, "")):
                found = self.get("commands", scope_key(scope), language)
                if found:
                    return list(found)
        return []


def scope_key(scope: Json | None) -> str:
    """Return a scope as one word."""
    return json.dumps(scope or {"type": "default"}, sort_keys=True)


def _key(kind: str, keys: tuple[object, ...]) -> str:
    return "|".join([kind, *map(str, keys)])
