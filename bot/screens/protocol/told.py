"""What participants are told at each tier, word for word, as a part of the protocol page."""

from collections.abc import Iterator

from bot.domain.protocol import Protocol
from bot.screens.protocol.outline import Entry, Known, Outline, Section, Tone, flag
from bot.texts import Phrase, Value, say


def told(protocol: Protocol) -> Section:
    """Return the part of the page: the numbers to call are the site's, and stand for themselves."""
    numbers: dict[str, Value] = {"emergency": say("page.told_emergency"), "site": say("page.told_site")}
    first, then = say("emergency.first"), (Phrase(protocol.tell_helpers), say("emergency.next"))
    call, go = say("emergency.call", **numbers), say("emergency.go", **numbers)
    entries = (
        _entry("TOLD_120", say("page.told.TOLD_120"), "red", first, call, *then),
        _entry("TOLD_ED", say("page.told.TOLD_ED"), "red", first, go, *then),
        _entry("TOLD_ASKED", say("page.told.TOLD_ASKED"), "red", say("asked.question", **numbers)),
        _entry("TOLD_SCREEN", say("page.told.TOLD_SCREEN"), "amber", say("checkin.travel")),
        _entry("TOLD_AMBER", say("page.told.TOLD_AMBER"), "amber", say("checkin.end_amber", **numbers)),
        _entry("TOLD_GREEN", say("page.told.TOLD_GREEN"), "", say("checkin.end_green")),
        _entry("TOLD_WORDS", say("page.told.TOLD_WORDS"), "", say("words.received", **numbers)),
    )
    return Section(say("page.told"), entries, (say("page.told_explained"),))


def _entry(name: str, title: Phrase, tone: Tone, *texts: Phrase) -> Entry:
    return Entry(name, title, tuple(Outline(text) for text in texts), tone=tone)


def carried(protocol: Protocol) -> Iterator[Entry]:
    """Yield what staff can set for a participant: the flags, and what a reading is compared with."""
    if protocol.flags:
        yield Entry("flags", say("page.flags"), tuple(_named(flag(each)) for each in protocol.flags))
    if protocol.baselines:
        usual = tuple(_named(Known(f"baseline.{each}", each)) for each in protocol.baselines)
        yield Entry("baselines", say("page.baselines"), usual)


def _named(name: Known) -> Outline:
    return Outline(say("page.named", name=name))
