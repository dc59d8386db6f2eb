"""The site of a trial: what a person needs to find it and to reach it, in both languages."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.domain.definition import Problem, Strict, ZoneName, read_definition, validated

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 \-]{1,20}$")]

MapLink = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)]


class Bilingual(Strict):
    """A text of the site itself, in the two languages of the bot; plain words, never markup."""

    zh_CN: Words
    en: Words


class Phones(Strict):
    """Whom to call: `emergency` is the ambulance, 120 in China."""

    site: Phone
    emergency: Phone = "120"


class Holiday(Strict):
    """A day on which the site is closed beside its ordinary ones."""

    on: date
    name: Bilingual


class Site(Strict):
    """One site: its names, address, zone, phones, working hours, and the days on which it is closed."""

    name: Bilingual
    address: Bilingual
    zone: ZoneName
    phones: Phones
    hours: Bilingual
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """Whose public holidays are kept (ISO 3166); none where it is left out."""
    # How to get there, in the site's own words, and a map that a phone opens.
    directions: Bilingual | None = None
    map_url: MapLink | None = None
    holidays: Annotated[tuple[Holiday, ...], Field(default=())]
    works_on: Annotated[tuple[date, ...], Field(default=())]
    """Days off elsewhere on which this site works all the same."""
    broadcast_approval: bool = False
    """Whether a broadcast goes out only when a second person has approved it."""


def load_site(path: Path | str) -> Site:
    """Return the site of a TOML file, or raise a ProtocolError naming the file and each key at fault."""
    path = Path(path)
    table, _ = read_definition(path)
    return validated(Site, table, path.name, _check)


def _check(site: Site) -> tuple[Problem, ...]:
    dates = [holiday.on for holiday in site.holidays]
    twice = sorted({on for on in dates if dates.count(on) > 1})
    both = sorted(set(dates) & set(site.works_on))
    return (
        *(Problem("holidays", f"{on} stands there twice") for on in twice),
        *(Problem("works_on", f"{on} is one of the holidays, too") for on in both),
    )
