"""Outbox → second channel: rows of the channel `second`, written when their turn comes, in both languages."""

import logging
from collections.abc import Sequence
from typing import Protocol

from bot.services.alerts.second import tell_of_failure
from bot.services.outgoing import Kinds, Skip
from bot.storage.outbox import Message
from bot.study import Study
from bot.texts import LOCALES, Screen, Texts
from bot.transport.sending import Sent
from bot.transport.settling import Verdict
from bot.transport.trouble import NotSent, Refused
from bot.transport.writing import Stale

log = logging.getLogger(__name__)

METHOD = "second"
# One failure may be a hiccup of the gateway; by the third the coordinator has to know.
TELL_AFTER = 3


class Fate(Protocol):
    """What became of a message at one address."""

    @property
    def service(self) -> str:
        """Return the kind of service, never the address."""
        ...

    @property
    def problem(self) -> str | None:
        """Return what went wrong there, without quoting the address; None where it arrived."""
        ...


class Channel(Protocol):
    """Any way to staff beside Telegram; it raises nothing."""

    async def send(self, text: str) -> Sequence[Fate]:
        """Hand over a text and return its fate at every address."""
        ...


class SecondWay:
    """Sends one claimed row; what comes of it is a verdict, settled like any other message's."""

    def __init__(self, study: Study, kinds: Kinds, channel: Channel | None) -> None:
        self._study, self._kinds, self._channel = study, kinds, channel

    async def make(self, message: Message) -> Verdict:
        """Write and send a message; one address that takes it is enough."""
        now = self._study.clock.now()
        if message.expires_at is not None and message.expires_at <= now:
            return Stale()
        async with self._study.db.begin() as tx:
            written = await self._kinds[message.kind].render(self._study, tx, message, now)
        if isinstance(written, Skip):
            return written
        if self._channel is None:
            return Refused("no second channel")
        text = in_both(self._study.texts, written.screen)
        fates = await self._channel.send(text)
        failed = [f"{each.service}: {each.problem}" for each in fates if each.problem is not None]
        for each in failed:
            log.warning("second channel, message %d, %s", message.id, each)
        if len(failed) < len(fates):
            return Sent(METHOD, None, text)
        if message.attempts >= TELL_AFTER:
            await tell_of_failure(self._study, message)
        return NotSent("; ".join(failed))


def in_both(texts: Texts, screen: Screen) -> str:
    """Return a screen as plain text, each line in every language: nobody knows who reads it."""
    lines = [line for line in screen.lines if line is not None]
    return "\n".join(texts.plain(locale, line) for locale in LOCALES for line in lines)
