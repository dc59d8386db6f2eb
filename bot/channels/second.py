"""The second channel: mail, SMS gateways, WeCom, DingTalk and what else Apprise speaks, for staff alone.

What goes through here leaves the house by ways that others run: the caller
hands over a code and a tier, never more. The addresses carry passwords, so no
error, log line or return value holds one.
"""

import asyncio
import logging
import re
import warnings
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

# Apprise's own limits are 4 s to connect and 4 s to read; mail takes several such steps.
TIMEOUT_SECONDS = 20.0
# An address may hold commas itself: only one before the next scheme parts two addresses.
_BETWEEN = re.compile(r"[,\s]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
# They quote addresses, with all that is in them, from INFO downwards.
_CHATTY = ("apprise", "requests", "urllib3")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one message at one address: the kind of service, never the address."""

    service: str
    problem: str | None = None

    @property
    def arrived(self) -> bool:
        """Tell whether the service took the message."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class _Address:
    service: str
    plugin: Any = None


def split_addresses(setting: str) -> tuple[str, ...]:
    """Return the addresses of the setting, which parts them by commas, spaces or lines."""
    return tuple(each for each in _BETWEEN.split(setting.strip().strip(",")) if each)


class SecondChannel:
    """Every address that the site named; a message goes to all of them at once."""

    def __init__(self, setting: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._addresses = tuple(_read(each) for each in split_addresses(setting))
        self._timeout = timeout_seconds

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the setting, address by address, without quoting one."""
        return tuple(
            f"SECOND_CHANNEL_URLS: address {number} ({each.service}://…) is none that Apprise knows"
            for number, each in enumerate(self._addresses, 1)
            if each.plugin is None
        )

    async def send(self, text: str) -> tuple[Fate, ...]:
        """Hand a text to every address at once and return each one's fate; it raises nothing.

        Apprise blocks while it talks, so each address has a thread, and no
        longer than the timeout.
        """
        return tuple(await asyncio.gather(*(self._send(each, text) for each in self._addresses)))

    async def _send(self, address: _Address, text: str) -> Fate:
        if address.plugin is None:
            return Fate(address.service, "not an address that Apprise knows")
        try:
            talking = asyncio.to_thread(address.plugin.notify, body=text)
            took = await asyncio.wait_for(talking, self._timeout)
        except TimeoutError:
            return Fate(address.service, "no answer in time")
        except Exception as error:  # noqa: BLE001 (a plugin may raise anything, and its words may quote the address)
            return Fate(address.service, type(error).__name__)
        return Fate(address.service) if took else Fate(address.service, "not taken")


def _read(url: str) -> _Address:
    scheme = url.partition("://")[0].lower()
    # Loaded late, for it is large; and it warns of what Python will drop.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    return _Address(scheme if re.fullmatch(r"[a-z0-9+.-]+", scheme) else "?", plugin)


def second_channel(setting: str | None, *, timeout_seconds: float = TIMEOUT_SECONDS) -> SecondChannel | None:
    """Return the channel of the setting, or None where the site named no address."""
    return (
        SecondChannel(setting, timeout_seconds=timeout_seconds)
        if setting and split_addresses(setting)
        else None
    )


__all__ = ["Fate", "SecondChannel", "second_channel", "split_addresses"]
