"""What the stage remembers of what it hears from the world: API calls, who is being written to, open taps."""

import itertools
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.sandbox.accounts import Call, Event, Json
from bot.sandbox.world import World

_TYPING_SECONDS = 5.0
_CALLS_KEPT = 300
# Long polls that bring nothing would bury what the bot did.
_IDLE_CALLS = {"getUpdates"}


@dataclass(frozen=True, slots=True)
class NoteOfCall:
    """One API call as the page's log shows it."""

    number: int
    at: datetime
    call: Call


class Notebook:
    """Listens to a world and keeps what the page shows and the world forgets."""

    def __init__(self, world: World, machine: Clock) -> None:
        self.calls: deque[NoteOfCall] = deque(maxlen=_CALLS_KEPT)
        self._world, self._machine = world, machine
        self._numbers = itertools.count(1)
        self._typing: dict[int, float] = {}
        self._pressed: dict[str, Json] = {}

    def hear(self, event: Event) -> bool:
        """Note an event; False where it changes nothing that the page shows."""
        if event.kind == "call":
            return self._note_call(event.data["call"])
        if event.kind == "action" and event.chat_id is not None:
            self._typing[event.chat_id] = self._machine.monotonic()
        if event.kind == "message" and event.chat_id is not None:
            self._typing.pop(event.chat_id, None)
        if event.kind == "update":
            self._note_press(event.data["update"])
        return True

    def is_typing(self, user_id: int) -> bool:
        """Tell whether the bot said a moment ago that it is writing to this person."""
        return self._typing.get(user_id, float("-inf")) > self._machine.monotonic() - _TYPING_SECONDS

    def waiting_taps(self, user_id: int) -> list[Json]:
        """Return message id and data of the buttons whose press the bot has not answered."""
        queries = self._world.queries
        self._pressed = {key: tap for key, tap in self._pressed.items() if not queries[key].answered}
        return [tap for tap in self._pressed.values() if tap["user_id"] == user_id]

    def _note_call(self, call: Call) -> bool:
        if call.ok and call.method in _IDLE_CALLS:
            return False
        self.calls.append(NoteOfCall(next(self._numbers), self._world.clock.now(), call))
        return True

    def _note_press(self, update: Json) -> None:
        press = update.get("callback_query")
        if press:
            user_id, message_id = press["from"]["id"], press["message"]["message_id"]
            self._pressed[press["id"]] = {"user_id": user_id, "message_id": message_id, "data": press["data"]}
