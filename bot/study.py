"""What a service is handed: the study at one site."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.protocol import Protocol
from bot.domain.site import Site
from bot.storage.db import Db
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Study:
    """One trial at one site: its store, its protocol, its words and its clock."""

    db: Db
    protocol: Protocol
    texts: Texts
    clock: Clock
    site: Site
    bot_username: str
