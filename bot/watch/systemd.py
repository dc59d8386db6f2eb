"""What systemd is told: started, alive, stopping. A datagram on a socket, and nothing without one."""

import os
import socket


class Notify:
    """Speaks sd_notify(3) to the socket that the environment names."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        self._address = found.get("NOTIFY_SOCKET", "")
        # WATCHDOG_PID names whom the watchdog is meant for; children inherit the rest.
        meant = found.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._usec = int(found.get("WATCHDOG_USEC", "0") or 0) if meant else 0

    @property
    def beat_seconds(self) -> float | None:
        """Return how often a sign of life is due, half of what systemd waits; None where nobody watches."""
        return self._usec / 2_000_000 if self._address and self._usec else None

    def __call__(self, state: str) -> bool:
        """Send a state such as READY=1; False where nobody listens."""
        if not self._address:
            return False
        # A name that begins with @ is in the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto(state.encode(), address)
        except OSError:
            return False
        return True
