"""Joining, page by page: what this is, the two consents with their full disclosure, and what follows.

All of it happens in one message that is edited; each page says where one is
and has a way back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain import consent
from bot.domain.consent import KINDS, Consent, ConsentKind, Standing
from bot.domain.site import Site
from bot.errors import StaleTap
from bot.screens.common import OPEN_CONTACT, call_numbers
from bot.screens.taps import Do, tap
from bot.texts import Button, Moment, Phrase, Rows, Screen, Value, Verbatim, key, say

STEPS = 5
LANGUAGE, ABOUT, HERE, CARE = "lang", "about", "here", "care"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its paragraphs, where "back" leads, and what else there is to read or to decide."""

    step: int
    texts: tuple[str, ...]
    back: str
    more: tuple[str, str] | None = None
    onward: str | None = None
    asks: ConsentKind | None = None


PAGES: Mapping[str, Page] = {
    ABOUT: Page(
        2,
        (
            key("about.title"),
            key("about.purpose"),
            key("about.rules"),
            key("about.emergency"),
        ),
        LANGUAGE,
        more=(key("about.button_more"), "about1"),
        onward="sensitive",
    ),
    "about1": Page(
        2,
        (key("about1.title"), key("about1.typed"), key("about1.alarming"), key("about1.free")),
        ABOUT,
        onward="sensitive",
    ),
    "sensitive": Page(
        3,
        (
            key("sensitive.title"),
            key("sensitive.what"),
            key("sensitive.purpose"),
            key("consent.free"),
            key("sensitive.ask"),
        ),
        ABOUT,
        more=(key("consent.button_more"), "sensitive1"),
        asks="sensitive",
    ),
    "sensitive1": Page(
        3,
        (
            key("sensitive1.title"),
            key("sensitive1.who"),
            key("sensitive1.purpose"),
            key("sensitive1.method"),
            key("sensitive1.kinds"),
            key("sensitive1.why"),
            key("sensitive1.kept"),
        ),
        "sensitive",
        more=(key("consent.button_rights"), "sensitive2"),
    ),
    "sensitive2": Page(
        3,
        (
            key("sensitive2.title"),
            key("sensitive2.see"),
            key("sensitive2.correct"),
            key("sensitive2.withdraw"),
            key("sensitive2.kept"),
            key("sensitive2.ask"),
        ),
        "sensitive1",
    ),
    "abroad": Page(
        4,
        (
            key("abroad.title"),
            key("abroad.what"),
            key("abroad.open"),
            key("consent.free"),
            key("abroad.ask"),
        ),
        "sensitive",
        more=(key("consent.button_more"), "abroad1"),
        asks="abroad",
    ),
    "abroad1": Page(
        4,
        (
            key("abroad1.title"),
            key("abroad1.who"),
            key("abroad1.purpose"),
            key("abroad1.method"),
            key("abroad1.kinds"),
            key("abroad1.phone"),
        ),
        "abroad",
        more=(key("consent.button_rights"), "abroad2"),
    ),
    "abroad2": Page(
        4,
        (
            key("abroad2.title"),
            key("abroad2.lock_screen"),
            key("abroad2.rights"),
            key("abroad2.withdraw"),
            key("abroad2.instead"),
        ),
        "abroad1",
    ),
    CARE: Page(
        2,
        (key("care_about.title"), key("care_about.what"), key("care_about.see"), key("about.emergency")),
        LANGUAGE,
        onward="care_sensitive",
    ),
    "care_sensitive": Page(
        3,
        (
            key("care_sensitive.title"),
            key("care_sensitive.what"),
            key("care_sensitive.own"),
            key("care_sensitive.free"),
            key("sensitive.ask"),
        ),
        CARE,
        more=(key("consent.button_more"), "care_sensitive1"),
        asks="sensitive",
    ),
    "care_sensitive1": Page(
        3,
        (
            key("sensitive1.title"),
            key("sensitive1.who"),
            key("care_sensitive1.purpose"),
            key("care_sensitive1.kinds"),
            key("sensitive1.method"),
            key("sensitive1.kept"),
            key("care_sensitive1.rights"),
        ),
        "care_sensitive",
    ),
    "care_abroad": Page(
        4,
        (
            key("care_abroad.title"),
            key("abroad.what"),
            key("abroad.open"),
            key("care_sensitive.free"),
            key("abroad.ask"),
        ),
        "care_sensitive",
        more=(key("consent.button_more"), "care_abroad1"),
        asks="abroad",
    ),
    "care_abroad1": Page(
        4,
        (
            key("abroad1.title"),
            key("abroad1.who"),
            key("abroad1.purpose"),
            key("abroad1.method"),
            key("abroad1.kinds"),
            key("abroad2.lock_screen"),
            key("care_sensitive1.rights"),
        ),
        "care_abroad",
    ),
}
NAMES: Mapping[ConsentKind, str] = {
    "sensitive": key("consent.name_sensitive"),
    "abroad": key("consent.name_abroad"),
}


def page(name: str, standing: Standing, site: Site) -> Screen:
    """Show one page as it is for somebody who stands there; StaleTap for one that there is not."""
    found = PAGES.get(name)
    if found is None:
        raise StaleTap("no such page")
    values = _values(site)
    lines: list[Phrase | None] = [say("join.step", step=found.step, of=STEPS), None]
    for text in found.texts:
        lines += [Phrase(text, values), None]
    given = found.asks is not None and standing.is_given(found.asks)
    if given:
        lines[-2] = say("consent.given_already")
    return Screen(tuple(lines), _buttons(found, asked=not given))


def here(standing: Standing, site: Site, *, caregiver: bool = False) -> Screen:
    """Show the page at which somebody stands: what this is, or the consent that is open."""
    kind, first = standing.next, CARE if caregiver else ABOUT
    if kind is None or (kind == KINDS[0] and not standing.latest):
        return page(first, standing, site)
    return page(f"{CARE}_{kind}" if caregiver else kind, standing, site)


def open_page(name: str) -> str:
    """Return the data of a button that shows a page."""
    return tap(Do.JOIN, name)


def decide(kind: ConsentKind, *, agrees: bool) -> str:
    """Return the data of a button that decides on one consent, to the text as it is now."""
    return tap(Do.CONSENT, kind, consent.VERSION, "yes" if agrees else "no")


def _buttons(found: Page, *, asked: bool) -> Rows:
    rows: list[tuple[Button, ...]] = []
    if found.asks is not None and asked:
        rows.append((Button(say("consent.agree"), decide(found.asks, agrees=True)),))
        rows.append((Button(say("consent.refuse"), decide(found.asks, agrees=False)),))
    if found.more is not None:
        rows.append((Button(Phrase(found.more[0]), open_page(found.more[1])),))
    onward = found.onward or (HERE if not asked else None)
    if onward is not None:
        rows.append((Button(say("join.button_onward"), open_page(onward)),))
    rows.append((Button(say("join.button_back"), open_page(found.back)),))
    return tuple(rows)


def _values(site: Site) -> dict[str, Value]:
    return {
        **call_numbers(site),
        "hours": Verbatim(site.hours.zh_CN, site.hours.en),
        "name": Verbatim(site.name.zh_CN, site.name.en),
    }


def thanks(standing: Standing, zone: str) -> Screen:
    """Give the receipt of both consents, each with its own time."""
    lines: list[Phrase | None] = [say("join.step", step=STEPS, of=STEPS), None, say("consent.thanks")]
    lines += given_lines(standing, zone)
    lines += [None, say("consent.thanks_rights")]
    return Screen(tuple(lines))


def given_lines(standing: Standing, zone: str) -> list[Phrase | None]:
    """List what was decided on each consent, and when."""
    lines: list[Phrase | None] = []
    for kind in KINDS:
        known = standing.latest.get(kind)
        if known is not None:
            lines.append(decision_line(known, zone))
    return lines


def decision_line(made: Consent, zone: str) -> Phrase:
    """Say one decision in a line: about what, when, and of which edition."""
    values: dict[str, Value] = {
        "name": Phrase(NAMES[made.kind]),
        "at": Moment(made.at, zone),
        "version": made.version,
    }
    return Phrase(DECISIONS[made.decision], values)


DECISIONS: Mapping[str, str] = {
    "given": key("consent.line_given"),
    "refused": key("consent.line_refused"),
    "withdrawn": key("consent.line_withdrawn"),
    "void": key("consent.line_void"),
}


def refused(site: Site) -> Screen:
    """Take a refusal kindly, say what happens instead, and leave the door open."""
    change = Button(say("consent.button_change_mind"), open_page(HERE))
    lines = (say("consent.refused", **call_numbers(site)), None, say("consent.refused_later"))
    return Screen(lines, ((change,), (OPEN_CONTACT,)))


def first(site: Site) -> Screen:
    """Say that consent comes before the first question, and where help is meanwhile."""
    return Screen((say("consent.first", **call_numbers(site)),))


def again() -> Screen:
    """Ask somebody who agreed to an older edition to read the new one."""
    lines = (say("consent.again_first"), None, say("consent.again"))
    return Screen(lines, ((Button(say("consent.button_read_now"), open_page(HERE)),),))


def arrival_test(link_id: int) -> Screen:
    """Ask for one tap, to know that messages arrive."""
    lines = (say("arrival.first"), None, say("arrival.ask"))
    return Screen(lines, ((Button(say("arrival.button"), tap(Do.SEEN, link_id)),),))


def arrived() -> Screen:
    """Thank for the tap; joining is over with it."""
    return Screen((say("arrival.first"), None, say("arrival.thanks")))
