"""Faults on demand: what the network and Telegram do on a bad day."""

from dataclasses import dataclass
from typing import Any, Literal

FaultKind = Literal["429", "500", "502", "reset_before", "reset_after", "delay", "hang"]


@dataclass
class Fault:
    """One fault that waits for its call.

    `429`, `500`, `502` answer so, and do nothing. `reset_before` breaks the
    connection before the call is taken, `reset_after` once it was carried out.
    `delay` waits `seconds` of the world's clock and then answers, `hang`
    answers never: the caller has to give up.
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    """How often; None is for ever."""
    retry_after: int = 1
    seconds: float = 1.0

    def meets(self, method: str, params: dict[str, Any]) -> bool:
        """Return whether it strikes this call."""
        if self.times == 0 or self.method not in (None, method):
            return False
        return self.chat_id is None or str(params.get("chat_id")) == str(self.chat_id)


class Faults:
    """The faults that wait, the oldest first."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.struck = 0
        """How many calls were struck so far."""

    def add(
        self,
        *,
        kind: FaultKind,
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
        retry_after: int = 1,
        seconds: float = 1.0,
    ) -> Fault:
        """Let a fault strike the next `times` calls of `method` to `chat_id`; None means any."""
        fault = Fault(kind, method, chat_id, times, retry_after, seconds)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all of them."""
        self.waiting.clear()

    def strike(self, method: str, params: dict[str, Any]) -> Fault | None:
        """Return the fault that strikes this call, counted down, or None."""
        for fault in self.waiting:
            if fault.meets(method, params):
                self.struck += 1
                if fault.times is not None:
                    fault.times -= 1
                self.waiting = [kept for kept in self.waiting if kept.times != 0]
                return fault
        return None
