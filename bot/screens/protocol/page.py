"""The page of a whole protocol: which sections it has, and what is said of the file itself."""

from collections.abc import Iterator
from typing import Literal

from bot.domain.protocol import Protocol
from bot.screens.protocol import practice
from bot.screens.protocol.care import care, heard
from bot.screens.protocol.outline import Page, Section
from bot.screens.protocol.rules import rules
from bot.screens.protocol.schedule import schedule
from bot.screens.protocol.told import told
from bot.texts import Joined, Phrase, say

Part = Literal["all", "rules", "schedule"]


def page(protocol: Protocol, part: Part = "all") -> Page:
    """Return the page of a protocol, or of a part of it: only the whole can be signed."""
    over = _digest(protocol) if part == "all" else None
    foot = f"{protocol.id} · {protocol.version} · SHA-256 {protocol.digest[:16]}"
    sections = tuple(_sections(protocol, part))
    return Page(Phrase(protocol.title), tuple(_facts(protocol)), sections, over, foot)


def _sections(protocol: Protocol, part: Part) -> Iterator[Section]:
    if part != "rules":
        yield from schedule(protocol)
    if part != "schedule":
        yield from rules(protocol)
        yield told(protocol)
        yield from care(protocol)
        yield practice.section(protocol)
    if part == "all":
        yield from heard(protocol)


def _facts(protocol: Protocol) -> Iterator[Phrase]:
    yield say("page.version", id=protocol.id, version=protocol.version, registration=protocol.registration)
    yield say("page.participants", count=protocol.participants, zone=protocol.zone)
    yield _anchor(protocol)
    yield _digest(protocol)
    yield say("page.tags")


def _anchor(protocol: Protocol) -> Phrase:
    if protocol.follow_up_anchor is not None:
        return say("page.anchor", choice=Phrase(f"page.anchor.{protocol.follow_up_anchor}"))
    choices = (
        say("page.anchor_choice", id=each, what=Phrase(f"page.anchor.{each}")) for each in protocol.anchors
    )
    return say("page.anchor_unset", choices=Joined(tuple(choices)))


def _digest(protocol: Protocol) -> Phrase:
    return say("page.digest", digest=protocol.digest)
