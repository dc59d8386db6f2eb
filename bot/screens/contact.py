"""How to reach help: the emergency number, the site, and what the bot says in an emergency."""

from bot.domain.site import Site
from bot.screens.common import HOME, OPEN_HOME, OPEN_REPORT, OPEN_VISITS, call_numbers
from bot.screens.visits import map_button
from bot.texts import Phrase, Screen, Verbatim, say


def contact(site: Site) -> Screen:
    """Show every way to reach help."""
    name = Verbatim(site.name.zh_CN, site.name.en)
    address, hours = Verbatim(site.address.zh_CN, site.address.en), Verbatim(site.hours.zh_CN, site.hours.en)
    lines = (
        say("contact.title"),
        None,
        say("contact.emergency", **call_numbers(site)),
        None,
        say("contact.site", name=name, phone=site.phones.site),
        say("contact.address", address=address),
        *_way(site),
        say("contact.hours", hours=hours),
    )
    return Screen(lines, ((OPEN_REPORT,), *((each,) for each in map_button(site)), (OPEN_VISITS, OPEN_HOME)))


def _way(site: Site) -> tuple[Phrase, ...]:
    if site.directions is None:
        return ()
    return (say("visits.way", way=Verbatim(site.directions.zh_CN, site.directions.en)),)


def emergency(site: Site, tell: str, *, call_120: bool) -> Screen:
    """Tell the participant how to reach help now; what is wrong stands nowhere in it.

    `tell`: the key of what they should tell whoever helps.
    """
    numbers = call_numbers(site)
    what = say("emergency.call", **numbers) if call_120 else say("emergency.go", **numbers)
    site_line = say("emergency.site", **numbers)
    lines = (
        say("emergency.first"),
        None,
        what,
        None,
        Phrase(tell),
        site_line,
        None,
        say("emergency.next"),
    )
    return Screen(lines, protect=True)


def words_kept(site: Site) -> Screen:
    """Say that what was typed is kept, and is not read at once."""
    return Screen((say("words.received", **call_numbers(site)),), HOME)


def words_not_an_answer(site: Site) -> Screen:
    """Say that what was typed does not answer the open question, and is kept."""
    return Screen((say("words.not_an_answer", **call_numbers(site)),), ((OPEN_REPORT,),))


def unreadable(site: Site) -> Screen:
    """Say that a photo, a voice message or a sticker cannot be read."""
    return Screen((say("words.unreadable", **call_numbers(site)),), HOME)


def photo_kept(site: Site) -> Screen:
    """Say that a picture has come, that people will look at it, and that the bot cannot."""
    return Screen((say("words.photo_kept", **call_numbers(site)),), HOME)
