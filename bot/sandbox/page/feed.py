"""The page's state as one flat document, and the changes to it as server-sent events."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

_REMEMBERED = 200
# A line that is silent for long gets closed on the way; a comment now and then keeps it open.
_PING_SECONDS = 15.0
_PING = ": still here\n\n"


class Feed:
    """Keeps the last document and hands each reader the whole once, then what changed.

    An event's id is `<run>-<number>`: a reader that comes back with one of the
    last 200 ids of this run gets what it missed, any other gets the whole.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._number = 0
        # Values are kept as JSON: what the caller changes in place later must not change what was told.
        self._doc: dict[str, str] = {}
        self._past: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        self._readers: set[asyncio.Queue[str | None]] = set()
        self._closed = False

    @property
    def readers(self) -> int:
        """How many pages are listening."""
        return len(self._readers)

    def publish(self, doc: Mapping[str, Any]) -> bool:
        """Tell every reader what differs from the last document; False when nothing does."""
        new = {key: _pack(value) for key, value in doc.items()}
        changed = {key: value for key, value in new.items() if self._doc.get(key) != value}
        gone = [key for key in self._doc if key not in new]
        if not changed and not gone:
            return False
        self._doc = new
        self._number += 1
        event = self._event("change", f'{{"set":{_join(changed)},"del":{_pack(gone)}}}')
        self._past.append((self._number, event))
        for reader in self._readers:
            reader.put_nowait(event)
        return True

    async def read(self, last_id: str | None = None) -> AsyncIterator[str]:
        """Yield events, as text/event-stream writes them, until the feed is closed."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        for missed in self._catch_up(last_id):
            queue.put_nowait(missed)
        self._readers.add(queue)
        try:
            while not self._closed and (event := await _next(queue)) is not None:
                yield event
        finally:
            self._readers.discard(queue)

    def close(self) -> None:
        """End every reader's stream, so that the server can stop."""
        self._closed = True
        for reader in self._readers:
            reader.put_nowait(None)

    def _catch_up(self, last_id: str | None) -> list[str]:
        run, _, number = (last_id or "").rpartition("-")
        seen = int(number) if run == self._run and number.isdigit() else -1
        first_kept = self._past[0][0] if self._past else self._number + 1
        if first_kept - 1 <= seen <= self._number:
            return [event for at, event in self._past if at > seen]
        return [self._event("whole", _join(self._doc))]

    def _event(self, name: str, data: str) -> str:
        # JSON has no line breaks of its own, so that one data line holds it all.
        return f"event: {name}\nid: {self._run}-{self._number}\ndata: {data}\n\n"


async def _next(queue: asyncio.Queue[str | None]) -> str | None:
    try:
        return await asyncio.wait_for(queue.get(), _PING_SECONDS)
    except TimeoutError:
        return _PING


def _pack(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _join(packed: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{_pack(key)}:{value}" for key, value in packed.items()) + "}"
